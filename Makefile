# The project's commands. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8765

.DEFAULT_GOAL := help
.PHONY: help install system demo demo-reset test test-long check bench screens lock clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## build .venv and install what the system lacks

system: ## install the system's libraries and the browser for the tests, where that is allowed
	@sh tests/system.sh

$(VENV)/.installed: requirements-dev.lock pyproject.toml tests/system.sh
	@sh tests/system.sh
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## a sample practice, served on this machine
	@$(BIN)/kiosk demo --port $(PORT)

demo-reset: install ## the sample practice from its beginning
	@$(BIN)/kiosk demo --port $(PORT) --reset

check: install ## format, lint, types, import directions, what bandit finds, known weaknesses of libraries
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m tests.audit

test-long: install ## what takes minutes: kills, hostile files, failing disks, many histories
	@$(BIN)/pytest -m long -n 2

test: check ## everything that is quick, a real browser included
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long"

bench: install ## measure against something plain, and what times tell; prints a table, writes bench.json
	@$(BIN)/python -m tests.bench

screens: install ## every screen in every language and orientation, on one sheet in tests/screens
	@$(BIN)/python -m tests.gallery

lock: ## resolve the dependencies anew (needs the package index)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade --extra postgresql -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev --extra postgresql -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## remove what can be made again
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/screens bench.json
