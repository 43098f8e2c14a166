"""One call, NetInfo.LISTALL of /users, said in each way that hides it from a rule; and its reply."""

from __future__ import annotations

from functools import partial

from netinfo_scapy.craft.cases.case import CLIENT, SERVER, Case
from netinfo_scapy.craft.cases.domain import ROOT
from netinfo_scapy.craft.cases.procedures import LISTALL, READALL, REGISTER, WRITE, listall, say
from netinfo_scapy.craft.scenario import Scenario
from netinfo_scapy.craft.transforms import AnyTransform
from netinfo_scapy.craft.transforms.calls import Duplicates, OtherCredential, Pipelining, Port, Retransmission
from netinfo_scapy.craft.transforms.chaff import ChaffAmbiguous, ChaffChecksum, ChaffTtl
from netinfo_scapy.craft.transforms.network import IpFragments
from netinfo_scapy.craft.transforms.observed import NoHandshake, OneDirection, SnapLength
from netinfo_scapy.craft.transforms.records import RecordFragments
from netinfo_scapy.craft.transforms.segments import FragmentSegments, OutOfOrder, Overlap, Segments

_GIVEN = LISTALL.findings
_HIDDEN = _GIVEN | {"record-fragments"}
_SILENT = frozenset[str]()
_HEADER, _IN_PROGRAM = 40, 14
"""Bytes of a call's header with AUTH_NONE, and of it up to the middle of the program's number."""

_OTHER_PORT = 804


def _tcp(name: str, summary: str, *transforms: AnyTransform, findings: frozenset[str] = _GIVEN) -> Case:
    return Case(f"evasion-{name}", "evasion", summary, listall, transforms, findings)


def _over_udp(scenario: Scenario) -> None:
    scenario.udp(CLIENT, SERVER).ask(LISTALL.procedure, **LISTALL.arguments).reply(**LISTALL.result)


def _udp(name: str, summary: str, *transforms: AnyTransform) -> Case:
    return Case(f"evasion-udp-{name}", "evasion", summary, _over_udp, transforms, _GIVEN)


def _second(scenario: Scenario) -> None:
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.ROOT").reply(id=ROOT)
    tcp.ask(LISTALL.procedure, **LISTALL.arguments).reply(**LISTALL.result)


_RECORDS = (
    _tcp(
        "record-after-header",
        "The record is cut where the header ends.",
        RecordFragments(sizes=[_HEADER], repeat=False),
        findings=_HIDDEN,
    ),
    _tcp(
        "record-in-program",
        "The record is cut inside the program's number.",
        RecordFragments(sizes=[_IN_PROGRAM], repeat=False),
        findings=_HIDDEN,
    ),
    _tcp("record-4-bytes", "The record in fragments of 4 bytes.", RecordFragments(sizes=[4]), findings=_HIDDEN),
    _tcp("record-1-byte", "The record in fragments of one byte.", RecordFragments(sizes=[1]), findings=_HIDDEN),
    _tcp(
        "record-empty-first",
        "An empty fragment, then the whole call.",
        RecordFragments(sizes=[0, 1024]),
        findings=_HIDDEN,
    ),
    _tcp(
        "record-empty-between",
        "Fragments of 4 bytes, and empty ones between them.",
        RecordFragments(sizes=[4, 0]),
        findings=_HIDDEN,
    ),
    _tcp(
        "record-fragments-apart",
        "Fragments of 4 bytes, each in a segment of its own.",
        RecordFragments(sizes=[4]),
        FragmentSegments(),
        findings=_HIDDEN,
    ),
    _tcp(
        "record-1-byte-shuffled",
        "Fragments of one byte, in segments of one byte, in any order.",
        RecordFragments(sizes=[1]),
        Segments(sizes=[1]),
        OutOfOrder(order="shuffled"),
        findings=_HIDDEN,
    ),
)
_OTHERS = tuple(
    Case(
        f"evasion-{name}-record-1-byte",
        "evasion",
        f"{answered.procedure} in fragments of one byte.",
        partial(say, answered),
        (RecordFragments(sizes=[1]),),
        answered.findings | {"record-fragments"},
    )
    for name, answered in (("readall", READALL), ("write", WRITE), ("register", REGISTER))
)
_SEGMENTS = (
    *(
        _tcp(f"segments-{size}", f"The call in TCP segments of {size} bytes.", Segments(sizes=[size]))
        for size in (1, 2, 4, 18)
    ),
    _tcp(
        "segments-reversed",
        "Segments of 4 bytes, the last one first.",
        Segments(sizes=[4]),
        OutOfOrder(),
    ),
    _tcp(
        "segments-shuffled",
        "Segments of 2 bytes in any order.",
        Segments(sizes=[2]),
        OutOfOrder(order="shuffled"),
    ),
    _tcp("segments-twice", "Segments of 18 bytes, each of them twice.", Segments(sizes=[18]), Duplicates()),
    _tcp("segments-again", "The call is sent again a second later.", Retransmission()),
    _tcp(
        "overlap",
        "Segments of 12 bytes that bring 8 bytes once more.",
        Segments(sizes=[12]),
        Overlap(),
    ),
    _tcp(
        "overlap-conflict",
        "Segments of 12 bytes that bring 8 other bytes at the place of the last ones.",
        Segments(sizes=[12]),
        Overlap(conflict=True),
    ),
    Case(
        "evasion-two-in-a-segment",
        "evasion",
        "The call is behind another one in the same segment.",
        _second,
        (Pipelining(),),
        _GIVEN,
    ),
)
_CHAFF = (
    _tcp("chaff-checksum", "Before the call other bytes at its place, with a wrong checksum.", ChaffChecksum()),
    _tcp("chaff-ttl", "Before the call other bytes at its place, that do not reach the server.", ChaffTtl()),
    _tcp(
        "chaff-ambiguous",
        "Before the call another one at its place, as good as it is.",
        ChaffAmbiguous(),
        findings=_SILENT,
    ),
)
_CAPTURED = (
    _tcp("no-handshake", "The capture begins after the handshake.", NoHandshake()),
    _tcp("calls-only", "The capture has what the client sends only.", OneDirection(keep="calls"), findings=_SILENT),
    _tcp("replies-only", "The capture has what the server sends only.", OneDirection(keep="replies"), findings=_SILENT),
    _tcp("snap-length", "The capture has the first 96 bytes of each frame.", SnapLength(bytes=96), findings=_SILENT),
    _tcp("other-port", "The server is on port 804, as netinfod is.", Port(port=_OTHER_PORT)),
)
_CREDENTIALS = (
    _tcp("credential-unix", "A credential of a machine's user.", OtherCredential(kind="unix", uid=501)),
    _tcp("credential-long", "The longest credential that there is.", OtherCredential(kind="long", uid=501)),
    _tcp("credential-short", "A credential of another flavor, AUTH_SHORT.", OtherCredential(kind="short")),
    _tcp(
        "credential-password",
        "A credential with a password, where none is needed.",
        OtherCredential(kind="password", password="next", uid=0),
        findings=_GIVEN | {"password-in-credential"},
    ),
)
_REPLIES = (
    _tcp(
        "reply-fragments",
        "The reply in fragments of 1,020 bytes, as netinfod sends them, and in small ones before.",
        RecordFragments(sizes=[60, 1020], on="replies"),
    ),
    _tcp(
        "reply-segments-7",
        "The reply in segments of 7 bytes: each hash is in two of them.",
        Segments(sizes=[7], on="replies"),
    ),
    _tcp(
        "reply-fragments-7",
        "The reply in fragments of 7 bytes: marks stand in the hashes.",
        RecordFragments(sizes=[7], on="replies"),
    ),
)
_DATAGRAMS = (
    _udp("plain", "The call over UDP, as the Previous emulator answers it."),
    _udp("ip-fragments-8", "IP fragments of 8 bytes.", IpFragments(sizes=[8])),
    _udp("ip-fragments-24", "IP fragments of 24 bytes.", IpFragments(sizes=[24])),
    _udp(
        "ip-fragments-reversed",
        "IP fragments of 8 bytes, the last one first.",
        IpFragments(sizes=[8], order="reversed"),
    ),
    _udp("ip-fragments-overlap", "IP fragments of 24 bytes that overlap.", IpFragments(sizes=[24], overlap=8)),
    _udp(
        "ip-fragments-conflict",
        "IP fragments of 24 bytes that overlap with other bytes.",
        IpFragments(sizes=[24], overlap=8, conflict=True),
    ),
    _udp("other-port", "Another port than 961.", Port(port=_OTHER_PORT)),
    _udp("credential-long", "The longest credential that there is.", OtherCredential(kind="long", uid=501)),
    _udp("twice", "The datagram twice.", Duplicates(on="both")),
)

CASES = (*_RECORDS, *_OTHERS, *_SEGMENTS, *_CHAFF, *_CAPTURED, *_CREDENTIALS, *_REPLIES, *_DATAGRAMS)
