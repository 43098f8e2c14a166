"""A real LDAP server of its own for a test: OpenLDAP's slapd in a temporary folder, on a socket there."""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

Entries = dict[str, dict[str, list[bytes]]]

SCHEMAS = ("core", "cosine", "nis", "misc")
_SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"


def _tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=_SYSTEM)
    if found is None:
        pytest.skip(f"{name} is not installed; `make test` installs it")
    return found


def read_ldif(text: bytes) -> Entries:
    """The entries of an LDIF: name -> attribute -> values."""
    entries: Entries = {}
    entry: dict[str, list[bytes]] = {}
    for line in text.replace(b"\n ", b"").split(b"\n"):
        name, _, rest = line.partition(b":")
        value = base64.b64decode(rest[2:]) if rest.startswith(b": ") else rest[1:]
        if name == b"dn":
            entry = entries[value.decode()] = {}
        elif name not in (b"version", b""):
            entry.setdefault(name.decode(), []).append(value)
    return entries


class Slapd:
    """A server with one database, at a suffix."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self.folder, self.suffix = folder, suffix
        (folder / "db").mkdir()
        # A copy, because some systems allow the installed one its own folders only.
        self._command = shutil.copy(_tool("slapd"), folder)
        config = [f"include /etc/ldap/schema/{schema}.schema" for schema in SCHEMAS]
        config += ["modulepath /usr/lib/ldap", "moduleload back_mdb", "database mdb", f'suffix "{suffix}"']
        config += [f"directory {folder}/db", "maxsize 1073741824", "access to * by * read", "sizelimit unlimited"]
        (folder / "slapd.conf").write_text("\n".join(config) + "\n")
        self.address = f"ldapi://{quote(str(folder / 'socket'), safe='')}"

    def load(self, text: bytes) -> None:
        """Load an LDIF with slapadd, which checks it against the schema."""
        done = subprocess.run(
            [self._command, "-T", "add", "-f", self.folder / "slapd.conf"],
            input=text,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    @contextmanager
    def running(self) -> Iterator[None]:
        """The server, answering; it is ended by its process afterwards."""
        command = [self._command, "-f", str(self.folder / "slapd.conf"), "-h", self.address, "-d", "0"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                until = time.monotonic() + 30
                while self._asked("-s", "base", "1.1").returncode:
                    assert server.poll() is None and time.monotonic() < until, "slapd does not answer"
                    time.sleep(0.05)
                yield
            finally:
                server.terminate()

    def _asked(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = [_tool("ldapsearch"), "-x", "-LLL", "-H", self.address, "-b", self.suffix, *words]
        return subprocess.run(command, capture_output=True, check=False, timeout=60)

    def search(self, *words: str) -> Entries:
        """What ldapsearch finds."""
        done = self._asked(*words)
        assert done.returncode == 0, done.stderr.decode()
        return read_ldif(done.stdout)


@contextmanager
def slapd(suffix: str) -> Iterator[Slapd]:
    """A server that is not running yet. Its folder's path is short, because that of a socket has to be."""
    for name in ("slapd", "ldapsearch"):
        _tool(name)
    with tempfile.TemporaryDirectory(prefix="ni-") as folder:
        yield Slapd(Path(folder), suffix)
