"""What the processes of a served practice log: lines of JSON with ids, routes and kinds, and nobody's words.

We log fields, as in `log.error({"event": …})`. What is logged in another way, by a library, may hold what a
client said: of it stands here where it was said, and the kind of its exception. No traceback is written.
"""

import json
import logging
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

log = logging.getLogger("kiosk.logs")


class Lines(logging.Formatter):
    """One line of JSON for each event."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "source": record.name,
        }
        if isinstance(record.msg, Mapping):
            return json.dumps({**said, **record.msg})
        said["at"] = f"{record.filename}:{record.lineno}"
        if record.exc_info and record.exc_info[0]:
            said["error"] = record.exc_info[0].__name__
        return json.dumps(said)


def begin() -> None:
    """From now on this process logs to stderr; to a terminal, which people read, only what is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    read_by_somebody = sys.stderr is None or sys.stderr.isatty()
    logging.getLogger("kiosk").setLevel(logging.WARNING if read_by_somebody else logging.INFO)
    logging.raiseExceptions = False  # a line that cannot be written would be printed, with all that is in it
    logging.captureWarnings(True)
    sys.excepthook = _fell
    threading.excepthook = lambda fall: _fell(fall.exc_type, fall.exc_value, fall.exc_traceback)
    sys.unraisablehook = lambda fall: _fell(fall.exc_type, fall.exc_value, fall.exc_traceback)


def _fell(kind: type[BaseException], _words: BaseException | None, trace: TracebackType | None) -> None:
    """In place of the traceback that Python prints."""
    if not issubclass(kind, KeyboardInterrupt):
        log.error({"event": "not caught", "error": kind.__name__, "at": place(trace)})


def place(trace: TracebackType | None) -> str:
    """Where an exception was raised: the file's name and the line."""
    if trace is None:
        return "unknown"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
