"""What a rule is, whatever engine it is for: a table row. `render.py` writes it in an engine's words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple

FIRST_SID, LAST_SID = 1961000, 1961999
"""The range of our sids: a part of what is set aside for local use. A sid never changes its meaning."""

SERVER_PORTS = "600:1043"
"""Where netinfod and nibindd are found: 600 to 1023, 961 among them, and 1033 and 1043. For what any protocol has."""


class Engine(StrEnum):
    """The engines that rules are written for."""

    SURICATA = "suricata"
    SNORT2 = "snort2"
    SNORT3 = "snort3"


class Content(NamedTuple):
    """Bytes that are there, or with `absent` are not.

    offset, depth: where, from the payload's start. distance, within: from the end of the match before. None: anywhere.
    """

    data: bytes
    offset: int | None = None
    depth: int | None = None
    distance: int | None = None
    within: int | None = None
    absent: bool = False


class ByteTest(NamedTuple):
    """An unsigned big-endian number of `size` bytes that compares so with a value. relative: to the match before."""

    size: int
    operator: str
    value: int
    offset: int
    relative: bool = True


class ByteJump(NamedTuple):
    """Go on behind a length of `size` bytes and as many bytes as it says, in whole words; relative."""

    size: int
    offset: int


class Pcre(NamedTuple):
    """A regular expression over bytes, in the engine's own notation. relative: to the match before."""

    pattern: str
    relative: bool = False


class Size(NamedTuple):
    """The bytes of a packet's payload, as the engines compare them: `32`, `>20`."""

    text: str


class NotHttp(NamedTuple):
    """The connection did not begin as HTTP, which may carry any bytes at all: what `Http` notes is not set."""


class Http(NamedTuple):
    """Note that a connection begins as HTTP, and do not alert."""


class Lua(NamedTuple):
    """A script over the stream: calls put together out of their records' fragments.

    program, version: as in a call's header. procedures: which of them; none: each.
    small: only where a fragment that is not the last is smaller than this.
    """

    program: int
    version: int
    procedures: tuple[int, ...] = ()
    small: int | None = None


Match = Content | ByteTest | ByteJump | Pcre | Size | NotHttp | Http | Lua


class View(StrEnum):
    """What of TCP is looked at. Only Suricata lets a rule choose; the others go by their own settings."""

    BOTH = "tcp"
    PACKET = "tcp-pkt"
    STREAM = "tcp-stream"


class Rate(NamedTuple):
    """Alert only from the next match on, when there were so many in so many seconds. track: by_src or by_dst."""

    track: str
    times: int
    seconds: int


class KnownMiss(NamedTuple):
    """Why a rule misses what it should see. checksums: only in runs with `-k all` or `none`; None: in each."""

    why: str
    checksums: Literal["all", "none"] | None = None


class Cases(NamedTuple):
    """The cases of the corpus in which a rule must alert.

    known_misses: engine -> those of `hits` that are missed there, and why.
    """

    hits: tuple[str, ...] = ()
    known_misses: Mapping[Engine, Mapping[str, KnownMiss]] = MappingProxyType({})


class Rule(NamedTuple):
    """One rule.

    summary: what it sees, for docs/ids.md. transport: `udp`, or what of TCP is looked at.
    to_server: from the client's side. established: only in a connection whose handshake was seen (TCP).
    source, target: ports. finding: the id of the analyzer's finding that tells the same.
    engines: where it can be written. The cases in which it alerts stand in its set, as `Cases`.
    """

    sid: int
    message: str
    summary: str
    match: tuple[Match, ...]
    transport: View | str = View.BOTH
    to_server: bool = True
    established: bool = False
    source: str = "any"
    target: str = "any"
    classtype: str = "policy-violation"
    references: tuple[str, ...] = ()
    finding: str | None = None
    rate: Rate | None = None
    engines: frozenset[Engine] = frozenset(Engine)
    rev: int = 1
