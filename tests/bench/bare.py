"""The plain thing beside a tablet step: a Flask page that reads a row, writes a row, and renders as much."""

import os
import secrets

from flask import Flask, request
from sqlalchemy import text

from kiosk.vault.engine import make_engine


def create() -> Flask:
    engine = make_engine(f"sqlite:///{os.environ['BENCH_DATABASE']}")
    body = "x" * int(os.environ["BENCH_BYTES"])
    with engine.begin() as connection:
        connection.execute(text("create table if not exists kept (id text primary key, value text)"))
    app = Flask(__name__)

    @app.route("/", methods=["GET", "POST"])
    def page() -> str:
        with engine.begin() as connection:
            connection.execute(text("select value from kept order by id limit 1")).first()
            if request.method == "POST":
                connection.execute(
                    text("insert into kept values (:id, :value)"),
                    {"id": secrets.token_hex(8), "value": request.form.get("answer", "")},
                )
        return body

    return app
