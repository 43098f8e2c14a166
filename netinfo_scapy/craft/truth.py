"""The ground truth: what a perfect observer would decode, kept while a conversation is made.

Nothing here reads bytes: what a message says is taken from the values that it was made of, and which frame
delivered which byte from the making of the frames.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Piece(Struct, frozen=True):
    """A run of bytes: the frame (from 1) that first delivers them, their offsets in it and in the stream, how many."""

    frame: int
    packet: int
    stream: int
    length: int


class Offset(Struct, frozen=True):
    """Where something stands.

    what: `program`, `version`, `procedure`, `credential.machinename`, `arguments`, `result`, or the path of a string
    in these two, as `arguments.props[0].name`.
    pieces: several where it is split among fragments or segments.
    """

    what: str
    pieces: list[Piece]


class Expected(Struct, omit_defaults=True, kw_only=True):
    """One message; the keys are those of `messages --format ndjson`, see `report/message_object.py`.

    ambiguous: its bytes came twice, differently, and no passive observer can tell which ones the receiver took.
    offsets: of what a rule's content looks for.
    """

    frame: int = 0
    type: str
    name: str | None
    xid: int
    transport: str = ""
    src_ip: str = ""
    src_port: int = 0
    dst_ip: str = ""
    dst_port: int = 0
    length: int = 0
    fragments: int = 1
    program: int | None = None
    version: int | None = None
    procedure: int | None = None
    credential: dict[str, Any] | None = None
    arguments: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    reply_status: str | None = None
    accept_status: str | None = None
    reject_status: str | None = None
    auth_status: str | None = None
    mismatch: dict[str, int] | None = None
    status: str | None = None
    call_frame: int | None = None
    retransmission: bool = False
    anomalies: list[str] = []
    ambiguous: bool = False
    offsets: list[Offset] = []
