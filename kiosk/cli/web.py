"""The web server's process, started by the supervisor."""

import sys
from importlib import import_module
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from kiosk import logs
from kiosk.vault import tls
from kiosk.vault.serving import Serving

# A header is here within this time, or its connection ends; so does one that is kept open without use.
HEADER_MS = 15_000
# One reading of a header; twice as much is refused as too large (431).
MOST_HEADER_BYTES = 32_768
# How long the worker before goes on beside the new one when a certificate was renewed: its start takes three.
OVERLAP_SECONDS = 10.0
# Granian's own lines go where ours go; by itself it prints them to stdout.
LOGGED_AS_OURS = {"loggers": {"_granian": {"propagate": True}}}


def load(target: str) -> Any:
    """The application, in Granian's worker; its own loader looks first in the folder one stands in."""
    return getattr(import_module("kiosk.cli.gateway"), target)()


def main() -> None:
    logs.begin()
    host, port = sys.argv[1], int(sys.argv[2])
    serving = Serving.handed_over()
    serving.stop_with_parent()
    pem = tls.file_of(serving.instance) if serving.tls else None
    Granian(
        "first_start" if serving.word else "practice",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=1,
        websockets=False,
        http=HTTPModes.http1,  # a browser's many requests at once bring nothing to eight threads
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MS, max_buffer_size=MOST_HEADER_BYTES),
        respawn_interval=OVERLAP_SECONDS,
        ssl_cert=pem,
        ssl_key=pem,
        log_level=LogLevels.error,
        log_dictconfig=LOGGED_AS_OURS,
    ).serve(target_loader=load)


if __name__ == "__main__":
    main()
