"""The forms that rules have in common: a call, a reply, where arguments begin. Offsets: RFC 5531, sections 9 and 11.

Which form survives which evasion was measured; docs/ids.md has the table.
"""

from __future__ import annotations

from netinfo_scapy.craft.rules.rule import ByteJump, ByteTest, Content, Engine, Lua, Match, NotHttp, Pcre, Rule, View
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.table import Program

_AFTER_XID = 4
_MARK = 4
_ACCEPTED = 0
DENIED, AUTH_ERROR = 1, 1
"""reply_stat and reject_stat (RFC 5531, 9)."""

UDP = "udp"
TWO_JUMPS: tuple[Match, ...] = (ByteJump(4, 4), ByteJump(4, 4))
"""From the credential's flavor to the arguments: over the credential and the verifier."""

_PROGRAMS: dict[str, Program] = {each.name: each for each in (NETINFO, NIBIND, PORTMAP)}


_CRYPT = "^[.\\/0-9A-Za-z]{13}\\x00\\x00\\x00"
"""A hash of the traditional DES crypt, to the end of its padding."""


def words(*numbers: int) -> bytes:
    """Numbers as XDR has them."""
    return b"".join(number.to_bytes(4, "big") for number in numbers)


def text(value: str) -> bytes:
    """A string as XDR has it: length, bytes, padding (RFC 4506, 4.11)."""
    data = value.encode()
    return words(len(data)) + data + bytes(-len(data) % 4)


def numbers_of(*names: str) -> tuple[Program, tuple[int, ...]]:
    """`NetInfo.READ`, `NetInfo.LIST` -> their program and their numbers."""
    (program,) = {name.partition(".")[0] for name in names}
    found = _PROGRAMS[program]
    wanted = {name.partition(".")[2] for name in names}
    return found, tuple(row.number for row in found.procedures if row.name in wanted)


def call(transport: str, *names: str) -> tuple[Match, ...]:
    """The header of a call of one of some procedures; what follows is relative to the credential's flavor.

    Over UDP it stands where it must. Over TCP it may stand anywhere behind the first record mark and xid: then
    neither a record's first fragment nor calls before it in the segment are in its way, and because an offset is
    named, Suricata looks at single packets as well as at the stream.
    """
    program, numbers = numbers_of(*names)
    head = words(rpc.CALL, rpc.RPC_VERSION, program.number, program.version)
    if len(numbers) == 1:
        head += words(numbers[0])
    where = Content(head, _AFTER_XID, len(head)) if transport == UDP else Content(head, _MARK + _AFTER_XID)
    some = "".join(f"\\x{number:02x}" for number in numbers)
    more: tuple[Match, ...] = () if len(numbers) == 1 else (Pcre(f"^\\x00\\x00\\x00[{some}]", relative=True),)
    return (where, *more)


def call_to(transport: str, program: Program) -> Content:
    """The header of a call of any procedure, up to the version; what follows is relative to the procedure."""
    head = words(rpc.CALL, rpc.RPC_VERSION, program.number, program.version)
    return Content(head, _AFTER_XID, len(head)) if transport == UDP else Content(head, _MARK + _AFTER_XID)


def replied(transport: str, rest: bytes = b"") -> Content:
    """The header of an accepted reply that succeeded, and what follows it."""
    head = words(rpc.REPLY, _ACCEPTED, rpc.AUTH_NONE, 0, rpc.SUCCESS) + rest
    return Content(head, _AFTER_XID, len(head)) if transport == UDP else Content(head, _MARK + _AFTER_XID)


def hash_property(distance: int | None = None) -> tuple[Match, ...]:
    """A property passwd of which the first value is such a hash. distance: as in `Content`."""
    return (
        Content(text("passwd"), distance=distance),
        ByteTest(4, ">", 0, 0),
        Content(words(13), distance=4, within=4),
        Pcre(_CRYPT, relative=True),
    )


def pair(rule: Rule, *names: str, behind: tuple[Match, ...] = ()) -> tuple[Rule, Rule]:
    """A rule for calls of some procedures over TCP, and the same over UDP with the next sid."""
    return both(
        rule,
        tcp=(*call(View.BOTH, *names), *behind, NotHttp()),
        udp=(*call(UDP, *names), *behind),
    )


def both(rule: Rule, tcp: tuple[Match, ...], udp: tuple[Match, ...]) -> tuple[Rule, Rule]:
    """A rule over TCP, and the same over UDP with the next sid."""
    over_udp = rule._replace(sid=rule.sid + 1, match=udp, transport=UDP, message=f"{rule.message} (UDP)")
    return rule._replace(match=tcp), over_udp


def sturdy(rule: Rule, *names: str, small: int | None = None) -> Rule:
    """A rule that puts records together with Lua, which only Suricata has."""
    program, numbers = numbers_of(*names)
    return rule._replace(
        match=(Lua(program.number, program.version, numbers, small), NotHttp()),
        transport=View.STREAM,
        established=True,
        message=f"{rule.message} (records put together)",
        engines=frozenset({Engine.SURICATA}),
    )
