"""For `make check`: what bandit finds in the code, and what is known of the libraries where it can be had.

An exception is written once, as `noqa: S101` beside the line for ruff, whose rules are bandit's: B101 there.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("forms", "pdf", "kiosk")
BANDIT = ("bandit", "--quiet", "--recursive", "--exclude", "*/migrations/versions/*", *PACKAGES)
PIP_AUDIT = ("pip_audit", "--progress-spinner", "off", "--timeout", "10", "--disable-pip", "--require-hashes")
LOCK = "requirements-dev.lock"

NO_DATA = "Not checked: what is known of the libraries' weaknesses could not be had from here."


def asked(*command: str) -> Any:
    """What a tool says as JSON; None where it says none."""
    whole = [sys.executable, "-m", *command, "--format", "json"]
    ran = subprocess.run(whole, cwd=ROOT, capture_output=True, text=True)
    try:
        return json.loads(ran.stdout)
    except ValueError:
        return None


def found_by_bandit() -> Iterator[str]:
    """What no line says to be meant."""
    for one in asked(*BANDIT)["results"]:
        lines = (ROOT / one["filename"]).read_text(encoding="utf-8").splitlines()
        near = lines[min(one["line_range"]) - 1 : max(one["line_range"])]
        rule = one["test_id"].replace("B", "S")
        if not any("noqa" in line and rule in line for line in near):
            yield f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}"


def code() -> int:
    found = list(found_by_bandit())
    for line in found:
        print(line)
    return len(found)


def packages() -> int:
    """How many weaknesses are known; a line says what could not be learnt."""
    listed = (asked(*PIP_AUDIT, "-r", LOCK) or {"dependencies": []})["dependencies"]
    known = [one for one in listed if "skip_reason" not in one]
    for one in known:
        for weakness in one["vulns"]:
            print(f"{one['name']} {one['version']}: {weakness['id']}, mended in {weakness['fix_versions']}")
    print(f"{len(known)} of {len(listed)} libraries were asked about." if known else NO_DATA)
    return sum(len(one["vulns"]) for one in known)


if __name__ == "__main__":
    with ThreadPoolExecutor() as pool:  # the second waits for the network
        found = [asking.result() for asking in [pool.submit(code), pool.submit(packages)]]
    sys.exit(any(found))
