"""Static files, sent small: compressed once and remembered.

Pages are sent as they are. They hold what somebody typed beside a secret token, and the length of the two
compressed together would tell of the secret (BREACH).
"""

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.security import safe_join

WORTH_IT = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


def send_static_files_small(app: Flask) -> None:
    """A file's address says its content, so that a browser may keep it and sees each new one at once."""
    folder = app.static_folder or ""
    versions = _versions(Path(folder))

    @app.url_defaults
    def name_the_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and values.get("filename") in versions:
            values.setdefault("v", versions[values["filename"]])

    @app.after_request
    def send_small(response: Response) -> Response:
        whole = request.endpoint == "static" and response.status_code == 200
        if not whole or response.mimetype not in WORTH_IT:
            return response
        response.vary.add("Accept-Encoding")
        path = safe_join(folder, (request.view_args or {})["filename"])
        if path is not None and request.accept_encodings["gzip"]:
            response.close()  # the file as it lies there
            response.direct_passthrough = False
            response.set_data(_small(path, _changed_ns(path)))
            response.content_encoding = "gzip"
            response.set_etag(response.get_etag()[0] or "", weak=True)
        return response


def _changed_ns(path: str) -> int:
    return Path(path).stat().st_mtime_ns


@lru_cache(maxsize=64)
def _small(path: str, _changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


def _versions(folder: Path) -> dict[str, str]:
    """Of each file, as it is at the start: a new program is a new start."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()[:10] for path in files}
