"""What can be wrong with a capture file. Each message is one line: what, where, what to do."""

from __future__ import annotations


class CaptureError(Exception):
    """A capture, or the rest of one, that cannot be read. The text does not repeat the capture's name."""


class UnknownFormat(CaptureError):  # noqa: N818 - what it is, as a reader of the message would say it
    """What is neither pcap nor pcapng. Where the format is known, the text says how to convert it."""


class Truncated(CaptureError):  # noqa: N818 - a warning, no error
    """The capture ends inside a record or a compressed stream: all that is whole was read. A warning only."""
