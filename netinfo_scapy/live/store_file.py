"""Domains in a file: an SQLite database, in which each write of NetInfo's is one transaction.

After any crash it holds a directory as it was before a write or after it. A row is an object; its properties are
those of READ as XDR, its children numbers of 4 bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from struct import pack, unpack
from typing import Any

from netinfo_scapy.live.responder.store import Changes, KeepError, LoadError, Object, check_tree
from netinfo_scapy.protocol.codec import XdrError, decode, encode
from netinfo_scapy.protocol.netinfo import PROPERTIES

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    tag BLOB NOT NULL, object INTEGER NOT NULL, instance INTEGER NOT NULL, parent INTEGER NOT NULL,
    children BLOB NOT NULL, properties BLOB NOT NULL, PRIMARY KEY (tag, object)
) WITHOUT ROWID
"""
_APPLICATION = 0x4E495343
"""What marks a database as ours ("NISC")."""


class StoreFileError(Exception):
    """A file that cannot be used. Its text is one line."""


class StoreFile:
    """A file that keeps domains, for one process at a time. Raises StoreFileError."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._base = sqlite3.connect(path, isolation_level=None, timeout=0)
            self._open()
        except sqlite3.Error as error:
            raise StoreFileError(f"{path}: cannot be used to keep directories: {_reason(error)}") from None

    def _open(self) -> None:
        run = self._base.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        marked, tables = (
            run("PRAGMA application_id").fetchone()[0],
            run("SELECT count(*) FROM sqlite_master").fetchone()[0],
        )
        if tables and marked != _APPLICATION:
            raise StoreFileError(f"{self.path}: a database, but none of directories; give --store another file")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        with self._transaction():
            run(f"PRAGMA application_id = {_APPLICATION}")
            run(_SCHEMA)

    def domains(self) -> dict[bytes, dict[int, Object]]:
        """Every domain in it, in order of the tags. Raises StoreFileError."""
        found: dict[bytes, dict[int, Object]] = {}
        try:
            for tag, number, *rest in self._base.execute("SELECT * FROM objects ORDER BY tag, object"):
                found.setdefault(bytes(tag), {})[number] = _object(*rest)
        except (sqlite3.Error, XdrError) as error:
            raise StoreFileError(f"{self.path}: {_reason(error)}") from None
        try:
            for objects in found.values():
                check_tree(objects)
        except LoadError as error:
            raise StoreFileError(f"{self.path}: a domain in it is damaged: {error}") from None
        return found

    def keep(self, tag: bytes, changes: Changes) -> None:
        """Changes of a domain, all or none. Raises KeepError."""
        with self._keeping(), self._transaction():
            for number, each in changes.items():
                if each is None:
                    self._base.execute("DELETE FROM objects WHERE tag = ? AND object = ?", (tag, number))
                else:
                    self._base.execute(
                        "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?)", _row(tag, number, each)
                    )

    def drop(self, tag: bytes) -> None:
        """A domain that is gone. Raises KeepError."""
        with self._keeping(), self._transaction():
            self._base.execute("DELETE FROM objects WHERE tag = ?", (tag,))

    def close(self) -> None:
        """No more changes."""
        self._base.close()

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise KeepError(f"{self.path}: {_reason(error)}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise


def _row(tag: bytes, number: int, each: Object) -> tuple[Any, ...]:
    children = pack(f">{len(each.children)}I", *each.children)
    return tag, number, each.instance, each.parent, children, encode(PROPERTIES, {"properties": each.properties})


def _object(instance: int, parent: int, children: bytes, properties: bytes) -> Object:
    numbers = unpack(f">{len(children) // 4}I", children)
    return Object(instance, parent, numbers, tuple(decode(PROPERTIES, properties)[0]["properties"]))


def _reason(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another process uses it"
    return str(error)
