"""The command on a pseudo terminal, and what it writes there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager

HEIGHT, WIDTH = 24, 90


class Terminal:
    """A pseudo terminal; what is written to it is read along, or the writer would stand still."""

    def __init__(self) -> None:
        self._own, self.end = pty.openpty()
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self._written = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                self._written += os.read(self._own, 65536)
            except OSError:  # nobody has the other end any more
                return

    def type(self, keys: str) -> None:
        """Type something, as if somebody sat there."""
        os.write(self._own, keys.encode())

    @property
    def raw(self) -> str:
        """All that was written."""
        return self._written.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The same without what moves the cursor or colors."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw)

    def close(self) -> None:
        """Read what is left, when all writers have gone."""
        self._reader.join(10)
        os.close(self._own)


@contextmanager
def terminal() -> Iterator[Terminal]:
    """A terminal for a process that is started and has ended inside."""
    made = Terminal()
    yield made
    made.close()


@contextmanager
def start(*words: object, **files: object) -> Iterator[subprocess.Popen[bytes]]:
    """The command, started; an error ends it. files: standard input, output and error, as `Popen` takes them."""
    command = [sys.executable, "-m", "netinfo_scapy", *map(str, words)]
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "", "LINES": ""}
    with subprocess.Popen(command, env=environment, **files) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
