"""A capture that is still being written: a stream whose reader waits for more.

Everything happens in the thread that reads. While it waits, and each time it reads, it
calls back about four times a second, so what was made of the bytes read so far can be looked at.
"""

from __future__ import annotations

import io
import os
import stat
import time
from collections.abc import Callable
from select import select
from typing import Any

PERIOD = 0.25
"""Seconds for which the reader waits at a time."""

STDIN = "-"
_STDIN_NUMBER = 0


class Following(io.FileIO):
    """The bytes of a file that grows, without end, or of a pipe until it is closed.

    path: of the file or named pipe; "-" for standard input, which ends where it ends even if it is a file.
    goes_on: called before each reading and after each `PERIOD` of waiting. Where it says no, the stream ends.
    Raises OSError.
    """

    def __init__(self, path: str, goes_on: Callable[[], bool]) -> None:
        if path == STDIN:
            super().__init__(_STDIN_NUMBER, closefd=False)
        else:
            super().__init__(path)
        self.name = path
        self._goes_on = goes_on
        self._grows = path != STDIN and stat.S_ISREG(os.fstat(self.fileno()).st_mode)

    def seekable(self) -> bool:
        """No: what has come is not asked for again."""
        return False

    def readinto(self, buffer: Any) -> int:
        """Read what is there; where nothing is, wait for it."""
        while self._goes_on():
            if not self._grows and not select([self], [], [], PERIOD)[0]:
                continue
            size = super().readinto(buffer)
            if size or not self._grows:
                return size or 0
            time.sleep(PERIOD)
        return 0


def follow(path: str, goes_on: Callable[[], bool]) -> io.BufferedReader:
    """The stream of a capture that is still being written; the parameters are those of `Following`."""
    return io.BufferedReader(Following(path, goes_on))
