"""Every call of every recording, put to the responder as its sender sent it: it answers, byte for byte, as the genuine
server did.

What cannot be the same is listed here, and nothing else may differ: `DIFFERS` (frames of replies, with the reason),
store versions of objects that were last written before the recording began, and those properties of STATISTICS that
tell of the host and of what happened before. `HAPPENED` is what the servers did between the calls by themselves: a
process ended, a clone fetched its master's directory.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import pytest

from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flows import Flow, Transport
from netinfo_scapy.capture.interest import PortNumber
from netinfo_scapy.capture.message import Message
from netinfo_scapy.live.responder.copies import Update
from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.service import Caller, Service, answer
from netinfo_scapy.live.responder.store import Object, Store
from netinfo_scapy.protocol.codec import decode
from netinfo_scapy.protocol.message import CallHeader, ReplyHeader, read_header
from tests.support.captures import NAMES, capture_path
from tests.support.ground_truth import server_ports
from tests.support.start import start_objects

# Who was asked at a port: of UDP and TCP, or of one of them.
ROLES: dict[str, dict[object, str]] = {
    "01-nibind-portmap": {
        **dict.fromkeys((755, 758), "nibind"),
        **dict.fromkeys((985, 986), "local"),
        **dict.fromkeys((762, 763), "network"),
        **dict.fromkeys((602, 603), "tmpdom"),
        **dict.fromkeys((777, 778), "tmpclone"),
    },
    "02-ni-read-tcp": {665: "network", ("udp", 666): "nibind", 666: "network", 669: "nibind"},
    "04-auth": {665: "network", ("udp", 666): "nibind", 666: "network", 669: "nibind", 667: "local", 668: "local"},
    "06-tools": {906: "network", ("udp", 907): "nibind", 907: "network", 908: "local", 909: "local", 910: "nibind"},
    "07-large-tcp": {906: "network", ("udp", 907): "nibind", 907: "network", 910: "nibind"},
    "10-rparent-bind": {
        665: "network", ("udp", 666): "nibind", 666: "network", 669: "nibind", 934: "local", 935: "local",
    },
    "11-clone": {
        **dict.fromkeys((992, 993, 680, 681), "network"),
        ("udp", 993): "nibind",
        996: "nibind",
        **dict.fromkeys((994, 995), "local"),
        **dict.fromkeys((654, 655, 955, 956), "netclone"),
    },
}  # fmt: skip
REGISTERED = {
    "02-ni-read-tcp": {"network": (665, 666)},
    "04-auth": {"network": (665, 666), "local": (667, 668)},
    "06-tools": {"network": (906, 907), "local": (908, 909)},
    "10-rparent-bind": {"network": (665, 666), "local": (667, 668)},
    "11-clone": {"network": (992, 993), "local": (994, 995)},
}
# Frames of replies that are not the same, each with the reason.
DIFFERS = {
    "01-nibind-portmap": {315: "a netinfod that was just started did not know yet that it is the master"},
}
# Of STATISTICS: what tells of the host, of times and of calls before the recording.
TELLS_OF_THE_HOST = {b"ip_address", b"authentications", b"cleanup_wait", b"total_calls"}
COUNTERS = range(13, 42)


class Asked(NamedTuple):
    """A call, its recorded answer (None: there was none) and the responder's answers."""

    call: Message
    reply: Message | None
    answers: tuple[bytes, ...]
    server: Service


def stopped(tag: str) -> Callable[[Host, dict], None]:
    def happens(host: Host, _replies: dict) -> None:
        host.nibindd.unregister(tag.encode())

    return happens


def gone(tag: str) -> Callable[[Host, dict], None]:
    def happens(host: Host, _replies: dict) -> None:
        host.nibindd.unregister(tag.encode())
        del host.domains[tag.encode()]

    return happens


def fetched(tag: str, frame: int) -> Callable[[Host, dict], None]:
    """A clone took over what the reply of a frame holds, a READALL's."""

    def happens(host: Host, replies: dict) -> None:
        objects = {
            each["id"]["object"]: Object(
                each["id"]["instance"], each["parent"], tuple(each["children"]), tuple(each["props"])
            )
            for each in replies[frame].value()["objects"]
        }
        host.domains[tag.encode()].store = Store(objects)

    return happens


def sending(count: int) -> Callable[[Host, dict], None]:
    def happens(host: Host, _replies: dict) -> None:
        host.domains[b"network"].transfers = count

    return happens


def clone_told(host: Host, _replies: dict) -> None:
    """The master tells its clone what it noted down for it."""
    TOLD.extend(host.domains[b"network"].copies.taken())


def started_again(host: Host, _replies: dict) -> None:
    host.domains[b"network"].copies.crash()
    clone_told(host, {})


TOLD: list[Update] = []
# Before which frame.
HAPPENED: dict[str, dict[int, Callable[[Host, dict], None]]] = {
    "10-rparent-bind": {37: stopped("local"), 696: gone("network")},
    "11-clone": {
        161: clone_told,
        195: fetched("netclone", 185),
        303: clone_told,
        361: clone_told,
        459: fetched("netclone", 447),
        466: clone_told,
        530: sending(1),
        532: sending(0),
        539: stopped("netclone"),
        604: clone_told,
        639: stopped("network"),
        662: started_again,
    },
}


def started(name: str) -> Host:
    """The host as the recording found it. 04 and 07 began with what earlier runs had left."""
    if name == "07-large-tcp":
        return replayed("06-tools")[1]
    host = Host(name=b"vm", refusal=None)
    if name != "01-nibind-portmap":
        for tag in ("network", "local"):
            objects = start_objects(tag)
            if (name, tag) == ("04-auth", "network"):
                # Its own answers show it: the root was at 12, 16 and 17 were taken, and the checksum was 122 more.
                objects[0] = objects[0]._replace(instance=12, children=(*objects[0].children, 16))
                objects |= {16: Object(7, 0, (17,), ()), 17: Object(0, 16, (), ())}
            host.add(tag.encode(), objects)
    if name == "11-clone":
        host.domains[b"network"].copies.tells = True
    for tag, ports in REGISTERED.get(name, {}).items():
        host.nibindd.register(tag.encode(), Ports(*ports))
    return host


def role_of(name: str, flow: Flow) -> str | None:
    port = flow.target.port
    return ROLES[name].get((flow.transport.label, port), ROLES[name].get(port))


@cache
def replayed(name: str) -> tuple[tuple[Asked, ...], Host]:
    host, happened = started(name), dict(HAPPENED.get(name, {}))
    ports = [PortNumber.parse(port) for port in server_ports(name)]
    waiting: dict[tuple[Flow, int], Asked] = {}
    replies: dict[int, Message] = {}
    asked: list[Asked] = []
    for message in Reading(str(capture_path(name)), netinfo_ports=ports).events():
        if not isinstance(message, Message):
            continue
        flow, frame = message.record.flow, message.record.at.number
        for when in [when for when in sorted(happened) if when <= frame]:
            happened.pop(when)(host, replies)
        if isinstance(message.header, CallHeader):
            role = role_of(name, flow)
            if role is None:
                continue
            server: Service = host.nibindd if role == "nibind" else host.domains[role.encode()]
            answers = answer(
                {server.program.number: server}, message.record.data, Caller(flow.source, flow.target, flow.transport)
            )
            waiting[flow, message.xid] = Asked(message, None, answers, server)
        elif (flow.back, message.xid) in waiting:
            replies[frame] = message
            asked.append(waiting.pop((flow.back, message.xid))._replace(reply=message))
    return (*asked, *waiting.values()), host


def differences(name: str) -> Iterator[tuple[int, str, bytes, tuple[bytes, ...]]]:
    for each in replayed(name)[0]:
        assert each.reply is not None, f"{name} frame {each.call.record.at.number} was never answered"
        row, frame = each.call.row, each.reply.record.at.number
        if (each.reply.record.data,) == each.answers or frame in DIFFERS.get(name, {}):
            continue
        if row is not None and row.name == "STATISTICS" and same_but_for_the_host(each):
            continue
        if row is not None and row.name == "SELF" and tells_an_older_version(each):
            continue
        yield frame, row.name if row else "", each.reply.record.data, each.answers


def told(data: bytes, row: object) -> list[dict]:
    header = read_header(data)
    assert isinstance(header, ReplyHeader)
    return decode(row.result, data, header.end)[0]["properties"]


def same_but_for_the_host(asked: Asked) -> bool:
    theirs, ours = told(asked.reply.record.data, asked.call.row), told(asked.answers[0], asked.call.row)
    assert [each["name"] for each in theirs] == [each["name"] for each in ours]
    assert [len(each["values"]) for each in theirs] == [len(each["values"]) for each in ours]
    compared = [
        (mine, other)
        for index, (mine, other) in enumerate(zip(theirs, ours, strict=True))
        if other["name"] not in TELLS_OF_THE_HOST and index not in COUNTERS
    ]
    return all(mine == other for mine, other in compared)


def tells_an_older_version(asked: Asked) -> bool:
    """SELF of {fffffffe, N}: the version of an object that was written before the recording began."""
    given = asked.call.value()["id"]
    before = sum(each.instance for each in start_objects("network").values())
    known = asked.server.store.version_of(given["instance"])
    return given["object"] == 0xFFFFFFFE and asked.reply.value()["id"]["instance"] <= before and known is not None


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_call_gets_its_recorded_answer(name: str) -> None:
    found = list(differences(name))
    assert not found, f"{name}: {len(found)}, the first at frame {found[0][0]} ({found[0][1]}): {found[0][2:]}"


def test_a_clone_is_told_what_the_recorded_one_was() -> None:
    """All that the genuine master sent to its clone, in its order; from a port under 1024, and not from a tool's."""
    from_master = {998, 1000, 1002, 1004, 1006, 1008, 684}
    calls = [
        each.call
        for each in replayed("11-clone")[0]
        if role_of("11-clone", each.call.record.flow) == "netclone"
        and each.call.record.flow.transport is Transport.TCP
        and each.call.record.flow.source.port in from_master
        and each.call.row is not None
    ]
    assert [(each.row.name, each.record.data[each.header.end :]) for each in calls] == [
        (each.row.name, each.arguments) for each in TOLD
    ]
    assert [each.row.name for each in calls].count("RESYNC") == 1
    assert len(calls) == 17


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_to_differ_does(name: str) -> None:
    same = {each.reply.record.at.number for each in replayed(name)[0] if (each.reply.record.data,) == each.answers}
    assert not same & DIFFERS.get(name, {}).keys()


def test_most_answers_are_the_same_to_the_byte() -> None:
    every = [each for name in NAMES for each in replayed(name)[0]]
    assert len(every) == 1248
    assert sum((each.reply.record.data,) == each.answers for each in every) >= 1248 - 43


def test_counters_move_as_the_recorded_ones_do() -> None:
    """Between the two STATISTICS of 06. PING counts twice: our nibindd needs no datagram to ask."""
    first, second = (
        each for each in replayed("06-tools")[0] if each.call.row is not None and each.call.row.name == "STATISTICS"
    )

    def grown(of: Callable[[Asked], bytes]) -> dict[bytes, list[int]]:
        before, after = told(of(first), first.call.row), told(of(second), second.call.row)
        return {
            each["name"]: [int(b) - int(a) for a, b in zip(other["values"], each["values"], strict=True)]
            for other, each in zip(before, after, strict=True)
            if each["name"] == b"authentications" or (each["values"][0].isdigit() and len(each["values"]) == 3)
        }

    theirs, ours = grown(lambda each: each.reply.record.data), grown(lambda each: each.answers[0])
    assert ours.pop(b"authentications") == theirs.pop(b"authentications")
    compared = theirs.keys() - {b"ping", b"notify_threads"}
    assert len(compared) == 28
    assert {name: ours[name][1] for name in compared} == {name: theirs[name][1] for name in compared}
