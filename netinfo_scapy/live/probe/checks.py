"""Telling a real netinfod from an imitation, without writing: a table of checks with what a genuine one answers.

Source: docs/specification.md and recorded traffic of release 208. What the server in the Previous emulator answers
stands beside it, where that is known.

Left out on purpose: records left unfinished (they stall a real server), AUTH_SYS credentials that are
malformed (they can end one), RESYNC and CRASHED, and all that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from netinfo_scapy.analysis.probed import CheckProbed
from netinfo_scapy.live.calls import Answer, Values
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.errors import ClientError
from netinfo_scapy.live.probe.asking import ROWS, asked, odd, outcome
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.releases import release_of

_UNKNOWN_PROCEDURE = 40
_OTHER_FLAVOR = 2
_OLDEST, _BY_VERSION = 0xFFFFFFFF, 0xFFFFFFFE
"""The two objects of which SELF tells versions of the store."""

_NEWEST = 0xFFFFFFFF
_FRAGMENT = 1020


@dataclass
class Subject:
    """The server that is judged.

    tcp, udp: clients of it, None where it does not answer there. statistics: its first STATISTICS.
    child: the name of a directory below the root, b"" where none is known. is_clone: by its statistics.
    registered: port mapper's programs, None where it does not tell. ports: UDP and TCP port as nibind tells.
    own_ports: its root names ports, so they are not chosen by the server.
    sizes: of the fragments of an answer longer than 1,020 bytes.
    """

    tcp: NetInfo_Client | None
    udp: NetInfo_Client | None
    statistics: dict[str, list[str]] = field(default_factory=dict)
    child: bytes = b""
    is_clone: bool = False
    registered: frozenset[str] | None = None
    ports: tuple[int, int] | None = None
    own_ports: bool = False
    sizes: Sequence[int] = ()


Ask = Callable[[Subject], str | None]


@dataclass(frozen=True)
class Check:
    """One of them.

    genuine, previous: what a netinfod answers, and the server in Previous; None where that is not known.
    ask: finds what this one answers; None where there is nothing to judge by.
    """

    id: str
    title: str
    genuine: str
    ask: Ask
    previous: str | None = None


def _of_tcp(ask: Callable[[Subject, NetInfo_Client], str | None]) -> Ask:
    """What needs TCP: nothing to judge by without."""
    return lambda subject: None if subject.tcp is None else ask(subject, subject.tcp)


def _over_udp(procedure: int, **other: Any) -> Ask:
    """other: what is not as it should be, as `odd` takes it."""

    def ask(subject: Subject) -> str | None:
        row = next((row for row in NETINFO.procedures if row.number == procedure), None)
        return None if subject.udp is None else outcome(odd(subject.udp, procedure, row=row, **other))

    return ask


def _id(number: int, instance: int = 0) -> Values:
    return {"id": {"object": number, "instance": instance}}


def _over_tcp(name: str, arguments: Values | None = None, extra: bytes = b"") -> Ask:
    return _of_tcp(lambda _, tcp: outcome(asked(tcp, name, arguments, extra)))


# what takes more than one call, or a look at the answer


@_of_tcp
def _unknown_procedure(_subject: Subject, tcp: NetInfo_Client) -> str | None:
    return outcome(odd(tcp, _UNKNOWN_PROCEDURE))


def _registered(subject: Subject) -> str | None:
    if subject.registered is None:
        return None
    known = [name for name in ("nibind", "NetInfo") if name in subject.registered]
    return f"{' and '.join(known) or 'none'} registered"


def _ports(subject: Subject) -> str | None:
    if subject.ports is None or subject.own_ports:
        return None
    udp, tcp = subject.ports
    if 1033 in (udp, tcp) or (tcp == udp + 1 and 600 <= udp < tcp <= 1023):
        return "as netinfod chooses them"
    return f"{udp} and {tcp}"


@_of_tcp
def _newest(_subject: Subject, tcp: NetInfo_Client) -> str | None:
    """SELF tells the object last written and the store's version; asked for that object, the same version."""
    newest = asked(tcp, "SELF", _id(_OLDEST, _NEWEST))
    if not isinstance(newest, Answer):
        return outcome(newest)
    number, version = newest.value["id"]["object"], newest.value["id"]["instance"]
    of_it = asked(tcp, "SELF", _id(_BY_VERSION, number))
    if not isinstance(of_it, Answer):
        return outcome(of_it)
    told = of_it.value["id"]
    return "versions that agree" if (told["object"], told["instance"]) == (number, version) else "versions that differ"


def _empty(name: str, key: str) -> Ask:
    @_of_tcp
    def ask(_subject: Subject, tcp: NetInfo_Client) -> str | None:
        answer = asked(tcp, name, _id(_OLDEST))
        if isinstance(answer, Answer):
            return "NI_OK, empty" if not answer.value[key] else "NI_OK, not empty"
        return outcome(answer)

    return ask


def _statistics(subject: Subject) -> str | None:
    names = list(subject.statistics)
    if not names:
        return None
    if release_of(names):
        return "names and order of netinfod"
    return "checksum alone" if names == ["checksum"] else f"{len(names)} names, not netinfod's"


@_of_tcp
def _moving(subject: Subject, tcp: NetInfo_Client) -> str | None:
    """Calls are counted: since the first STATISTICS, those of this probe."""
    if not subject.statistics:
        return None
    answer = asked(tcp, "STATISTICS")
    if not isinstance(answer, Answer):
        return outcome(answer)
    now = {each["name"]: each["values"] for each in answer.value["properties"]}
    before = subject.statistics.get("total_calls", [""])[0]
    after = (now.get(b"total_calls") or [b""])[0].decode(errors="replace")
    if not before.isdecimal() or not after.isdecimal():
        return "no counters"
    return "counters that move" if int(after) > int(before) else "counters that stand still"


@_of_tcp
def _same_checksum(subject: Subject, tcp: NetInfo_Client) -> str | None:
    """Asked for what the caller says to have already, the server sends nothing. A clone does not do that."""
    told = subject.statistics.get("checksum", [""])[0]
    if subject.is_clone or not told.isdecimal() or int(told) > 0xFFFFFFFF:
        return None
    try:
        head, objects = tcp.chain("READALL", int(told))
        empty = next(objects, None) is None
    except ClientError as error:
        return outcome(error)
    return "NI_OK, 0, empty" if empty and not head["checksum"] else "NI_OK, the database"


@_of_tcp
def _sum(subject: Subject, tcp: NetInfo_Client) -> str | None:
    """The checksum of STATISTICS against the sum over READALL: (object + 1) * instance of all objects."""
    told = subject.statistics.get("checksum", [""])[0]
    if subject.is_clone or not told.isdecimal():
        return None
    try:
        head, objects = tcp.chain("READALL", int(told) + 1 & 0xFFFFFFFF)
        total = sum((each["id"]["object"] + 1) * each["id"]["instance"] for each in objects)
    except ClientError as error:
        return outcome(error)
    agrees = total & 0xFFFFFFFF == head["checksum"] == int(told)
    return "the sum agrees" if agrees else "the sum does not agree"


@_of_tcp
def _lookupread(subject: Subject, tcp: NetInfo_Client) -> str | None:
    if not subject.child:
        return None
    answer = asked(tcp, "LOOKUPREAD", {**_id(0), "key": b"name", "value": subject.child})
    if not isinstance(answer, Answer):
        return outcome(answer)
    return "the id of the directory searched" if answer.value["id"]["object"] == 0 else "the id of the child"


def _fragments(subject: Subject) -> str | None:
    sizes = subject.sizes
    if sum(sizes) <= _FRAGMENT:
        return None
    if all(size == _FRAGMENT for size in sizes[:-1]) and sizes[-1] <= _FRAGMENT and len(sizes) > 1:
        return "fragments of 1020"
    return f"fragments of {max(sizes)}"


@_of_tcp
def _odd_padding(_subject: Subject, tcp: NetInfo_Client) -> str | None:
    """LOOKUP of a value of 17 bytes whose padding is no zeros: it is found nowhere, which is an answer."""
    body = encode(ROWS["LOOKUP"].arguments, {**_id(0), "key": b"name", "value": b"no-such-directory"})  # type: ignore[arg-type] # LOOKUP has arguments
    return outcome(odd(tcp, ROWS["LOOKUP"].number, body[:-3] + b"\xff\xff\xff", ROWS["LOOKUP"]))


CHECKS: tuple[Check, ...] = (
    Check("udp-ping", "PING over UDP", "SUCCESS", _over_udp(0), previous="SUCCESS"),
    Check("udp-root", "ROOT over UDP", "AUTH_TOOWEAK", _over_udp(2), previous="NI_OK"),
    Check("udp-procedure", "Procedure 40 over UDP", "AUTH_TOOWEAK", _over_udp(_UNKNOWN_PROCEDURE)),
    Check("udp-version", "Version 1 over UDP", "PROG_MISMATCH 2..2", _over_udp(0, version=1)),
    Check(
        "udp-flavor",
        "A credential of flavor 2 over UDP",
        "AUTH_REJECTEDCRED",
        _over_udp(0, credential={"flavor": _OTHER_FLAVOR, "body": b""}),
    ),
    Check("udp-rpc-version", "RPC version 3 over UDP", "no answer", _over_udp(0, rpc_version=3)),
    Check(
        "registered",
        "What the port mapper knows",
        "nibind registered",
        _registered,
        previous="nibind and NetInfo registered",
    ),
    Check("ports", "The ports that nibind gives", "as netinfod chooses them", _ports),
    Check(
        "procedure",
        "Procedure 40 over TCP",
        "PROC_UNAVAIL",
        _unknown_procedure,
        previous="PROC_UNAVAIL",
    ),
    Check("newest", "SELF of objects ffffffff and fffffffe", "versions that agree", _newest, previous="NI_BADID"),
    Check("read-none", "READ of object ffffffff", "NI_OK, empty", _empty("READ", "props"), previous="NI_BADID"),
    Check(
        "children-none",
        "CHILDREN of object ffffffff",
        "NI_OK, empty",
        _empty("CHILDREN", "children"),
        previous="NI_BADID",
    ),
    Check("statistics", "Names in STATISTICS", "names and order of netinfod", _statistics, previous="checksum alone"),
    Check("counters", "STATISTICS once more", "counters that move", _moving, previous="no counters"),
    Check(
        "same-checksum",
        "READALL with the server's own checksum",
        "NI_OK, 0, empty",
        _same_checksum,
        previous="PROC_UNAVAIL",
    ),
    Check(
        "lookupread",
        "The id that LOOKUPREAD answers",
        "the id of the directory searched",
        _lookupread,
    ),
    Check(
        "readprop",
        "READPROP of property ffffffff",
        "NI_NOPROP",
        _over_tcp("READPROP", {**_id(0), "prop_index": 0xFFFFFFFF}),
        previous="NI_NOPROP",
    ),
    Check("fragments", "Fragments of a long answer", "fragments of 1020", _fragments),
    Check("left-over", "ROOT with bytes left over", "NI_OK", _over_tcp("ROOT", extra=b"\0\0\0\1")),
    Check("padding", "LOOKUP with padding other than zeros", "NI_NODIR", _odd_padding),
    Check(
        "bind",
        "BIND of an address that nobody has",
        "SYSTEM_ERR",
        _over_tcp("BIND", {"tag": b"netinfo-scapy", "addr": 0xC0000201}),
        previous="PROC_UNAVAIL",
    ),
)
"""Those that take a call or two."""

DEEP_CHECKS: tuple[Check, ...] = (
    Check("sum", "The checksum against READALL", "the sum agrees", _sum, previous="PROC_UNAVAIL"),
)
"""Those for which the whole database is sent."""


def judge(subject: Subject, deep: bool, previous: bool) -> Iterator[CheckProbed]:
    """The checks, carried out. previous: judged by what the Previous emulator's server answers."""
    for check in (*CHECKS, *(DEEP_CHECKS if deep else ())):
        expected = check.previous if previous else check.genuine
        if expected is None:
            continue
        found = check.ask(subject)
        agrees = None if found is None else found == expected
        yield CheckProbed(check.id, check.title, expected, found or "not asked", agrees)
