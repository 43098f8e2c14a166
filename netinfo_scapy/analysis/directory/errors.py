"""What can be wrong with a source of directories, and with what is asked of it. Each message is one line."""

from __future__ import annotations

from netinfo_scapy.capture.errors import CaptureError


class DirectoryFileError(CaptureError):
    """A file that holds no directory, or a malformed one. The text begins with the file's name."""

    @classmethod
    def at(cls, name: str, data: bytes, offset: int, text: str) -> DirectoryFileError:
        """What is wrong at a place of a file: `NAME:LINE:COLUMN: text`, both counted from 1, columns in bytes."""
        line = data.count(b"\n", 0, offset) + 1
        column = offset - data.rfind(b"\n", 0, offset)
        return cls(f"{name}:{line}:{column}: {text}")


class MisuseError(Exception):
    """What was asked for cannot be meant, or is not there. The text says what to do."""
