"""Words that stand nowhere but in what one client says, and where they would show if they got out."""

import base64
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

NAME, RELATIVE, ANSWER = "Zebulon Quackenbush", "Philippa Wigglesworth", "mooncalf"
PHONE, BORN = "512 555 0199", "1931-02-17"
EMAIL = "quackenbush@example.com"
WORD = "clavel rojo"  # which opens the encrypted copy
CANARIES = (*NAME.split(), *RELATIVE.split(), ANSWER, "5125550199", "555 0199", BORN)
IN_ADDRESSES = re.compile(r'(?:href|action|src|hx-get|hx-post|content)="([^"]*)"')
FIELDS = re.compile(r'<(?:input|select|textarea|button)[^>]*? name="([^"]+)"')
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def disguises(word: str) -> Iterator[bytes]:
    """As it is, and as programs like to write it; in small letters, as what is searched."""
    plain = word.encode()
    for text in (plain, word.encode("utf-16-le"), word.encode("utf-16-be"), plain.hex().encode()):
        yield text.lower()
    for shift in range(3):  # base64 is another text at each of three places
        packed = base64.b64encode(bytes(shift) + plain).rstrip(b"=")
        yield packed[(0, 2, 3)[shift] : -2].lower()


NEEDLES = {word: [one for one in disguises(word) if len(one) >= 7] for word in CANARIES}


def found_in(content: bytes) -> list[str]:
    lowered = content.lower()
    return [word for word, needles in NEEDLES.items() if any(needle in lowered for needle in needles)]


def found_on_disk(*folders: Path) -> list[tuple[str, list[str]]]:
    """In names of files and in what they hold."""
    return [
        (path.name, hits)
        for folder in folders
        for path in folder.rglob("*")
        if (hits := found_in(path.name.encode()) + (found_in(path.read_bytes()) if path.is_file() else []))
    ]


def found_in_metadata(pdf: bytes) -> list[str]:
    """What a file manager shows of a PDF: its information, its XMP, its outline's and attachments' names.

    An encrypted one shows nothing without its word: it is searched as it lies there too.
    """
    reader = PdfReader(io.BytesIO(pdf))
    locked = found_in(pdf) if reader.is_encrypted else []
    assert not reader.is_encrypted or reader.decrypt(WORD)
    xmp = reader.root_object.get("/Metadata")
    said = [str(reader.metadata), xmp.get_object().get_data().decode() if xmp else ""]
    said += [str(name) for name in reader.attachments] + [str(name) for name in reader.named_destinations]
    return locked + found_in("\n".join(said).encode())


@dataclass
class Browser:
    """Somebody at a browser; whatever stands where others may read it is looked at in every answer."""

    http: FlaskClient
    leaks: list[tuple[str, str, list[str]]]
    html: str = ""
    pdfs: list[bytes] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, app: Flask, leaks: list[tuple[str, str, list[str]]], **cookies: str) -> "Browser":
        made = cls(app.test_client(), leaks)
        for name, value in cookies.items():
            made.http.set_cookie(f"kiosk-{name}", value)
        return made

    def opens(self, address: str, status: int | None = 200) -> TestResponse:
        return self._seen(address, self.http.get(address), status)

    def presses(self, address: str, status: int | None = 303, **values: Any) -> TestResponse:
        """With the token of the page before; goes where the answer leads."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.html)
        data = {"csrf_token": token[1] if token else "", **values}
        if any(isinstance(value, FileStorage) for value in values.values()):
            boundary, body = encode_multipart(MultiDict(data))
            kind = f'multipart/form-data; boundary="{boundary}"'
            answer = self.http.post(address, data=body, content_type=kind)
        else:
            answer = self.http.post(address, data=data)
        self._seen(address, answer, status)
        if answer.status_code == 303:
            return self.opens(answer.headers["Location"], None)
        return answer

    def _seen(self, address: str, answer: TestResponse, status: int | None) -> TestResponse:
        assert status is None or answer.status_code == status, (address, answer.status_code, answer.text)
        open_to_view = [f"{name}: {value}" for name, value in answer.headers]
        if answer.mimetype == "text/html":
            self.html = answer.text
            self.fields |= set(FIELDS.findall(self.html))
            open_to_view += IN_ADDRESSES.findall(self.html) + TITLE.findall(self.html)
        if answer.mimetype == "application/pdf":
            self.pdfs.append(answer.data)
            if hits := found_in_metadata(answer.data):
                self.leaks.append((address, "metadata", hits))
        if hits := found_in("\n".join(open_to_view).encode()):
            self.leaks.append((address, "address, title or header", hits))
        return answer

    def test_id(self, start: str) -> str:
        """What follows a beginning among the names that scripts press."""
        found = re.search(rf'data-test="{start}([^"]+)"', self.html)
        assert found, start
        return found[1]
