"""Small captures for detectors, and what is found in them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.findings.known import Known
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.analysis.summary import Finding, Summary
from tests.support import rpc
from tests.support.captures import Frame, pcap_bytes
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

OK, PERM, NODIR, RDONLY, AUTHERROR, NOUSER, MASTERBUSY = 0, 4, 5, 13, 20, 21, 22
CREATEPROP, READ, READPROP, LISTPROPS, LIST, LISTALL, READALL, LOOKUPREAD, STATISTICS = 12, 7, 14, 17, 11, 23, 25, 28, 1
HASH, OTHER_HASH = "abz3GtcEvEtv6", "cdtYoGu9od9mI"
Properties = Iterable[tuple[str, Sequence[str]]]


def summary(frames: Iterable[Frame], *, reveal: bool = False, known: Known | None = None) -> Summary:
    reading = Reading(io.BytesIO(pcap_bytes(frames)))
    return conclude(reading.facts(), reading.captures, reading.interest, "0", reveal=reveal, known=known)


def findings(frames: Iterable[Frame], id_: str, **how: object) -> list[Finding]:
    return [each for each in summary(frames, **how).findings if each.id == id_]


def ask(
    talk: Talk,
    procedure: int,
    arguments: bytes,
    result: bytes | None,
    *,
    credential: bytes = rpc.NULL_AUTH,
    client: Address = CLIENT,
    server: Address = SERVER,
    xid: int | None = None,
) -> None:
    """A call to NetInfo and its answer."""
    xid = len(talk.frames) + 1 if xid is None else xid
    call = rpc.call(xid, rpc.NETINFO, 2, procedure, arguments, credential=credential)
    talk.ask(call, None if result is None else rpc.accepted(xid, result), client, server)


def password(text: str, uid: int = 0) -> bytes:
    return rpc.auth_sys(rpc.inverted(text), uid)


def write(
    talk: Talk, credential: bytes, status: int | None, *, client: Address = CLIENT, server: Address = SERVER
) -> None:
    """A CREATEPROP and its status; no answer, where that is None."""
    arguments = rpc.ni_id(7, 3) + rpc.opaque("note") + rpc.names(["x"]) + rpc.words(0xFFFFFFFF)
    result = None if status is None else rpc.words(status) + (rpc.ni_id(7, 4) if status == OK else b"")
    ask(talk, CREATEPROP, arguments, result, credential=credential, client=client, server=server)


def user(name: str, uid: int | None, passwd: Sequence[str] | None) -> list[tuple[str, Sequence[str]]]:
    props: list[tuple[str, Sequence[str]]] = [("name", [name])]
    props += [] if uid is None else [("uid", [str(uid)])]
    return props + ([] if passwd is None else [("passwd", passwd)])


def read(talk: Talk, number: int, props: Properties, **how: object) -> None:
    """A READ and its answer."""
    ask(talk, READ, rpc.ni_id(number), rpc.words(OK) + rpc.ni_id(number, 3) + rpc.properties(props), **how)
