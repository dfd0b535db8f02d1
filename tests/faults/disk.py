"""A disk that fails when it is told to: an SQLite VFS around the real one, in this process.

SQLite asks a VFS to write, to sync, to truncate and to delete; here each asking is counted, and from one
of them on, or at that one alone, the answer is an error. See https://sqlite.org/vfs.html.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pysqlite3 import _sqlite3

FULL, READ_ONLY = 13, 8
IO_WRITE, IO_SYNC, IO_TRUNCATE, IO_DELETE = (10 | kind << 8 for kind in (3, 4, 6, 10))

Pointer, Int, Long, Text = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_char_p
Open = ctypes.CFUNCTYPE(Int, Pointer, Pointer, Pointer, Int, Pointer)  # the name too: SQLite keeps it
Delete = ctypes.CFUNCTYPE(Int, Pointer, Pointer, Int)
Write = ctypes.CFUNCTYPE(Int, Pointer, Pointer, Int, Long)
Truncate = ctypes.CFUNCTYPE(Int, Pointer, Long)
Sync = ctypes.CFUNCTYPE(Int, Pointer, Int)


class Methods(ctypes.Structure):
    _fields_ = [
        ("version", Int),
        *((name, Pointer) for name in ("close", "read", "write", "truncate", "sync")),
        *((f"rest{n}", Pointer) for n in range(13)),
    ]


class Vfs(ctypes.Structure):
    _fields_ = [
        *((name, Int) for name in ("version", "file_size", "longest_path")),
        *((name, Pointer) for name in ("following", "name", "data", "open", "delete")),
        *((f"rest{n}", Pointer) for n in range(14)),
    ]


sqlite = ctypes.CDLL(_sqlite3.__file__)
sqlite.sqlite3_vfs_find.restype = Pointer
sqlite.sqlite3_vfs_find.argtypes = [Text]
sqlite.sqlite3_vfs_register.argtypes = [Pointer, Int]
sqlite.sqlite3_vfs_unregister.argtypes = [Pointer]


class Disk:
    """Counts what is asked of it; `breaks` says at which asking it fails, and with which error."""

    def __init__(self) -> None:
        self.asked = 0
        self._at: int | None = None
        self._code, self._only, self._once = FULL, "", True
        self._kept: list[Any] = []  # what SQLite holds pointers to
        self._methods: dict[int, Methods] = {}

    def breaks(self, at: int, code: int, only: str = "", *, once: bool) -> None:
        """At the `at`th asking from now, of one kind or of any; for ever, or that once."""
        self.asked, self._at, self._code, self._only, self._once = 0, at, code, only, once

    def heals(self) -> None:
        self._at = None

    def _fails(self, kind: str) -> bool:
        if self._at is None or (self._only and kind != self._only):
            return False
        self.asked += 1
        return self.asked == self._at or (self.asked > self._at and not self._once)

    def _through(self, kind: str, shape: Any, address: int) -> Any:
        """The real function, unless it is to fail now."""
        plain = shape(address)

        def ask(*given: Any) -> int:
            return self._code if self._fails(kind) else int(plain(*given))

        made = shape(ask)
        self._kept.append(made)
        return ctypes.cast(made, Pointer)

    def _methods_of(self, address: int) -> Methods:
        if address not in self._methods:
            copy = Methods.from_buffer_copy(ctypes.string_at(address, ctypes.sizeof(Methods)))
            for kind, shape in (("write", Write), ("truncate", Truncate), ("sync", Sync)):
                setattr(copy, kind, self._through(kind, shape, getattr(copy, kind)))
            self._methods[address] = copy
        return self._methods[address]

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Databases that are opened meanwhile lie on this disk."""
        real = sqlite.sqlite3_vfs_find(None)
        ours = Vfs.from_buffer_copy(ctypes.string_at(real, ctypes.sizeof(Vfs)))
        plain_open: Callable[..., int] = Open(ours.open)

        def opens(_vfs: int, name: int, file: int, flags: int, told: int) -> int:
            code = plain_open(real, name, file, flags, told)
            if code == 0:
                methods = ctypes.cast(file, ctypes.POINTER(Pointer))
                methods[0] = ctypes.addressof(self._methods_of(int(methods[0] or 0)))
            return code

        name = ctypes.create_string_buffer(b"failing")
        opening = Open(opens)
        ours.name, ours.open = ctypes.addressof(name), ctypes.cast(opening, Pointer)
        ours.delete = self._through("delete", Delete, ours.delete)
        self._kept += [name, opening, ours]
        sqlite.sqlite3_vfs_register(ctypes.addressof(ours), 1)
        try:
            yield
        finally:
            self.heals()
            sqlite.sqlite3_vfs_register(real, 1)
            sqlite.sqlite3_vfs_unregister(ctypes.addressof(ours))
