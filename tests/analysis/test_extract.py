"""Which flows are chosen, and what is said of their frames."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis import extract
from netinfo_scapy.analysis.extract import Selection, TooManyFlowsError, select
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flow_frames import frames_of
from netinfo_scapy.capture.interest import PortNumber
from tests.support import rpc
from tests.support.captures import Frame, pcap_bytes
from tests.support.compare import Message, run_frames
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

HOST = SERVER.ip
OTHER = Address("192.0.2.12", 41000)
PORTMAP, NIBINDD = Address(HOST, 111), Address(HOST, 755)
UDP, TCP = Address(HOST, 700), Address(HOST, 701)
STRANGER = 100003


def choose(frames: Iterable[Frame], learn: str = "exact", ports: Iterable[str] = (), **filters: object) -> Selection:
    given = [PortNumber.parse(port) for port in ports]
    reading = Reading(io.BytesIO(pcap_bytes(frames)), learn=learn, netinfo_ports=given)
    return select(reading, Filter.of(**filters) if filters else None)


def _bare(messages: Iterable[Message]) -> list[Message]:
    return [{k: v for k, v in each.items() if k not in ("capture", "frame", "call_frame")} for each in messages]


def kept(frames: list[Frame], learn: str = "exact", **filters: object) -> list[int]:
    """The numbers of the frames that are chosen; the messages of these are those of all."""
    selection = choose(frames, learn, **filters)
    reading = Reading(io.BytesIO(pcap_bytes(frames)))
    numbers = [each.ref.number for each in frames_of(reading.captures[0].frames(), selection.flows)]
    wanted = Filter.of(**filters) if filters else None
    part = [frames[number - 1] for number in numbers]
    expected = run_frames(frames, learn=learn, wanted=wanted)
    found = run_frames(part, learn=learn, wanted=wanted) if part else []
    assert _bare(found) == _bare(expected)
    return numbers


def foreign_call(talk: Talk, client: Address, server: Address, xid: int) -> list[int]:
    """A call that only its endpoint makes one of ours; over TCP where the port is TCP's."""
    first = len(talk.frames) + 1
    message = rpc.call(xid, STRANGER, 3, 1)
    if server == TCP:
        connection = talk.tcp(client, server)
        connection.call(rpc.record(message))
        connection.close()
    else:
        talk.udp(client, server, message)
    return list(range(first, len(talk.frames) + 1))


def noise(talk: Talk) -> None:
    """What is none of ours, between the same hosts."""
    talk.udp(Address(CLIENT.ip, 40001), Address(HOST, 53), b"\0" * 40)
    connection = talk.tcp(Address(CLIENT.ip, 40002), Address(HOST, 80))
    connection.call(b"GET / HTTP/1.0\r\n\r\n")
    connection.close()


def test_whole_flows_and_nothing_else() -> None:
    talk = Talk()
    noise(talk)
    begin = len(talk.frames) + 1
    connection = talk.tcp()
    connection.call(rpc.record(rpc.root(1)), 7)
    connection.acknowledge(SERVER)
    connection.reply(rpc.record(rpc.root_reply(1)))
    connection.close()
    mine = list(range(begin, len(talk.frames) + 1))
    noise(talk)
    talk.ask(rpc.root(2), rpc.root_reply(2), OTHER)
    assert kept(talk.frames) == [*mine, len(talk.frames) - 1, len(talk.frames)]
    assert kept(talk.frames, host=[CLIENT.ip]) == mine
    assert kept(talk.frames, procedure=["READ"]) == []


def test_what_is_no_message_counts_where_no_filter_forbids() -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, b"none of it")
    refused = talk.tcp(OTHER)
    refused.close()
    assert kept(talk.frames) == list(range(1, len(talk.frames) + 1))
    assert kept(talk.frames, host=[CLIENT.ip]) == [1]
    assert kept(talk.frames, status=["ok"]) == []


def teach_by_getport(talk: Talk, server: Address, xid: int = 90) -> list[int]:
    asker = Address("192.0.2.30", 42000 + xid)
    call = rpc.getport(xid, protocol=6 if server == TCP else 17)
    talk.ask(call, rpc.accepted(xid, rpc.words(server.port)), asker, PORTMAP)
    return [len(talk.frames) - 1, len(talk.frames)]


def teach_by_nibind(talk: Talk, tag: str, xid: int = 91) -> list[int]:
    asker = Address("192.0.2.31", 43000 + xid)
    talk.ask(rpc.getregister(xid, tag), rpc.accepted(xid, rpc.words(0, UDP.port, TCP.port)), asker, NIBINDD)
    return [len(talk.frames) - 1, len(talk.frames)]


@pytest.mark.parametrize("learn", ["exact", "once"])
@pytest.mark.parametrize("server", [UDP, TCP], ids=["udp", "tcp"])
def test_the_answer_that_names_an_endpoint_comes_along(server: Address, learn: str) -> None:
    talk = Talk()
    noise(talk)
    teaching = teach_by_getport(talk, server)
    teach_by_getport(talk, server, 95)
    mine = foreign_call(talk, CLIENT, server, 1)
    foreign_call(talk, OTHER, server, 2)
    assert kept(talk.frames, learn, host=[CLIENT.ip]) == [*teaching, *mine]


def teach_by_call(talk: Talk, server: Address) -> list[int]:
    begin = len(talk.frames) + 1
    talk.tcp(Address("192.0.2.32", 44000), server).call(rpc.record(rpc.ping(92, rpc.NIBIND)))
    return list(range(begin, len(talk.frames) + 1))


@pytest.mark.parametrize("learn", ["exact", "once"])
@pytest.mark.parametrize("teach", [teach_by_getport, teach_by_call])
def test_teachers_have_teachers(teach: Callable[[Talk, Address], list[int]], learn: str) -> None:
    """The port mapper, or a call, makes nibindd's TCP port known, nibindd there the domain's."""
    talk = Talk()
    first = teach(talk, TCP)
    begin = len(talk.frames) + 1
    connection = talk.tcp(OTHER, TCP)
    # Two calls in a segment: the second one's server is known by the answer only.
    connection.call(rpc.record(rpc.call(5, STRANGER, 3, 1)) + rpc.record(rpc.getregister(6)))
    connection.reply(rpc.record(rpc.accepted(5)) + rpc.record(rpc.accepted(6, rpc.words(0, UDP.port, 0))))
    connection.close()
    second = list(range(begin, len(talk.frames) + 1))
    noise(talk)
    mine = foreign_call(talk, CLIENT, UDP, 1)
    assert kept(talk.frames, learn, host=[CLIENT.ip]) == [*first, *second, *mine]


def test_the_answers_that_name_tags_come_along() -> None:
    talk = Talk()
    local, again, network = (teach_by_nibind(talk, tag, xid) for xid, tag in enumerate(["local", "local", "network"]))
    talk.ask(rpc.root(1), rpc.root_reply(1), CLIENT, UDP)
    mine = [len(talk.frames) - 1, len(talk.frames)]
    assert kept(talk.frames, user=["7"]) == []
    assert kept(talk.frames, host=[CLIENT.ip]) == [*local, *network, *mine]
    assert kept(talk.frames, tag=["network"]) == [*local, *network, *mine]
    assert kept(talk.frames, tag=["local"]) == [*local, *again, *network, *mine]


@pytest.mark.parametrize("server", [UDP, TCP], ids=["udp", "tcp"])
@pytest.mark.parametrize("learn", ["exact", "once"])
def test_the_call_that_makes_an_endpoint_known_comes_along(server: Address, learn: str) -> None:
    """No answer names it. What begins with a call does; before that, the one segment with a call in its middle."""
    talk = Talk()
    if server == TCP:
        connection = talk.tcp(Address("192.0.2.40", 4000), server)
        connection.call(rpc.record(rpc.call(3, STRANGER, 3, 1)) + rpc.record(rpc.root(4)))
    begin = len(talk.frames) + 1
    if server == TCP:
        talk.tcp(Address("192.0.2.41", 4001), server).call(rpc.record(rpc.root(5)))
    else:
        talk.ask(rpc.root(5), rpc.root_reply(5), Address("192.0.2.41", 4001), server)
    teaching = list(range(begin, len(talk.frames) + 1))
    noise(talk)
    talk.ask(rpc.root(6), rpc.root_reply(6), OTHER, SERVER._replace(port=server.port))
    mine = foreign_call(talk, CLIENT, server, 1)
    assert kept(talk.frames, learn, host=[CLIENT.ip]) == [*teaching, *mine]


def test_who_makes_its_own_server_known_needs_nobody() -> None:
    talk = Talk()
    talk.ask(rpc.root(1), rpc.root_reply(1), OTHER, UDP)
    talk.ask(rpc.root(2), rpc.root_reply(2), CLIENT, UDP)
    assert kept(talk.frames, host=[CLIENT.ip]) == [3, 4]
    # Read once, an endpoint counts from the first call on.
    assert kept(talk.frames, "once", host=[CLIENT.ip]) == [1, 2, 3, 4]


def test_a_server_on_961_that_calls_others() -> None:
    """Its calls are ours because it is known to be a server, which its port alone does not say."""
    talk = Talk()
    talk.ask(rpc.root(1), rpc.root_reply(1), OTHER, SERVER)
    talk.udp(SERVER, Address("192.0.2.50", 2049), rpc.call(2, STRANGER, 3, 1))
    assert kept(talk.frames, host=["192.0.2.50"]) == [1, 2, 3]
    assert kept(talk.frames, host=[OTHER.ip]) == [1, 2]


BIND = rpc.words(rpc.NIBIND, 1, 8) + rpc.opaque(rpc.words(0x7F000001) + rpc.opaque("local") + rpc.opaque("network"))
ANSWERERS = [Address("192.0.2.60", 888), Address("192.0.2.61", 889)]


def test_answers_to_forwarded_calls_belong_to_the_call() -> None:
    talk = Talk()
    talk.udp(CLIENT, Address("192.0.2.255", 111), rpc.call(7, rpc.PORTMAP, 2, 5, BIND))
    for answerer in ANSWERERS:
        talk.udp(answerer, CLIENT, rpc.accepted(7, rpc.words(999) + rpc.opaque(b"")))
    talk.udp(ANSWERERS[0], OTHER, rpc.accepted(8, rpc.words(999) + rpc.opaque(b"")))
    noise(talk)
    assert kept(talk.frames) == [1, 2, 3]
    assert kept(talk.frames, port=["111"]) == [1, 2, 3]
    # The second answer is a duplicate only where the first one is.
    assert kept(talk.frames, host=[ANSWERERS[1].ip]) == [1, 2, 3]


def test_answers_to_a_call_sent_to_many() -> None:
    talk = Talk()
    talk.udp(CLIENT, Address("192.0.2.255", 961), rpc.root(7))
    for host in ("192.0.2.20", "192.0.2.21"):
        talk.udp(Address(host, 961), CLIENT, rpc.root_reply(7))
    assert kept(talk.frames, host=["192.0.2.21"]) == [1, 2, 3]


def test_times_choose_flows_and_flows_stay_whole() -> None:
    talk = Talk()
    for xid in (1, 2, 3):
        talk.ask(rpc.root(xid), rpc.root_reply(xid))
        talk.ask(rpc.root(xid), rpc.root_reply(xid), OTHER._replace(port=5000 + xid))
    middle = "2023-11-14T22:13:20.004000"
    assert kept(talk.frames, since=middle, until="2023-11-14T22:13:20.005000") == [1, 2, 5, 6, 9, 10]
    assert kept(talk.frames, since=middle) == [1, 2, 5, 6, 7, 8, 9, 10, 11, 12]


def test_anomalies_are_comments() -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.root(1))
    talk.udp(SERVER, CLIENT, rpc.root_reply(1) + b"over")
    talk.udp(SERVER, CLIENT, rpc.root_reply(1))
    talk.udp(SERVER, CLIENT, rpc.root_reply(2))
    talk.udp(CLIENT, SERVER, rpc.call(0xABC, STRANGER, 3, 1, rpc_version=3))
    talk.udp(CLIENT, SERVER, b"none of it")
    talk.udp(CLIENT, SERVER, rpc.call(4, rpc.NETINFO, 2, 77))
    assert choose(talk.frames).comments == {
        (0, 2): ["netinfo-scapy: NetInfo.ROOT reply xid 0x00000001: bytes-left-over"],
        (0, 3): ["netinfo-scapy: NetInfo.ROOT reply xid 0x00000001: duplicate-reply"],
        (0, 4): ["netinfo-scapy: reply xid 0x00000002: reply-without-call"],
        (0, 5): ["netinfo-scapy: 100003.3.1 call xid 0x00000abc: rpc-version"],
        (0, 6): ["netinfo-scapy: no RPC"],
    }
    assert list(choose(talk.frames, status=["ok"]).comments) == [(0, 2), (0, 3), (0, 4)]


def test_several_comments_on_a_frame_and_missing_bytes() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.root(1)))
    connection.reply(rpc.record(rpc.root_reply(1)) + rpc.record(rpc.root_reply(8)) + rpc.record(rpc.root_reply(9)))
    long = rpc.record(rpc.read_reply(2, props=[("name", ["x" * 300])]))
    connection.reply(long, 100, 200, lost=[1])
    connection.close()
    comments = choose(talk.frames).comments
    assert comments[0, 5] == [f"netinfo-scapy: reply xid 0x0000000{xid}: reply-without-call" for xid in (8, 9)]
    rest = [text for key, texts in comments.items() if key != (0, 5) for text in texts]
    assert "netinfo-scapy: reply xid 0x00000002: incomplete-record, reply-without-call" in rest
    assert any(text.endswith("bytes are missing") for text in rest)


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk()
    for xid in range(5):
        talk.udp(SERVER, CLIENT._replace(port=2000 + xid), rpc.root_reply(xid))
    monkeypatch.setattr(extract, "MOST_COMMENTS", 3)
    selection = choose(talk.frames)
    assert (len(selection.comments), selection.comments_left_out) == (3, 2)
    monkeypatch.setattr(extract, "MOST_FLOWS", 4)
    with pytest.raises(TooManyFlowsError, match="--since"):
        choose(talk.frames)
    assert len(choose(talk.frames, port=["2001"]).flows) == 1


def _act(talk: Talk, kind: int, client: Address, server: Address, xid: int) -> None:
    """One thing that happens between two endpoints."""
    if kind == 0:
        talk.ask(rpc.getport(xid), rpc.accepted(xid, rpc.words(server.port)), client, server._replace(port=111))
    elif kind == 1:
        reply = rpc.accepted(xid, rpc.words(0, server.port, server.port))
        talk.ask(rpc.getregister(xid, f"tag{xid % 2}"), reply, client, server._replace(port=755))
    elif kind == 2:
        talk.ask(rpc.root(xid), rpc.root_reply(xid), client, server)
    elif kind == 3:
        talk.ask(rpc.call(xid, STRANGER, 3, 1), rpc.accepted(xid), client, server)
    elif kind == 4:
        talk.udp(client, Address("192.0.2.255", 111), rpc.call(xid, rpc.PORTMAP, 2, 5, BIND))
    elif kind == 5:
        talk.udp(server, client, rpc.accepted(xid, rpc.words(999) + rpc.opaque(b"")))
    elif kind == 6:
        talk.udp(client, server, b"none of it")
    else:
        connection = talk.tcp(client._replace(port=client.port + xid), server, opened=kind < 9)
        calls = [rpc.call(xid, STRANGER, 3, 1), rpc.root(xid + 1)][:: 1 if kind == 7 else -1]
        connection.call(b"".join(map(rpc.record, calls)))
        connection.reply(rpc.record(rpc.root_reply(xid + 1)))
        connection.close()


ENDS = [Address("192.0.2.10", 40000), Address("192.0.2.11", 961), Address("192.0.2.12", 700)]
SERVERS = [SERVER, UDP, Address("192.0.2.21", 700), Address("192.0.2.12", 961)]
ACTS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(ENDS), st.sampled_from(SERVERS), st.integers(1, 3)),
    min_size=1,
    max_size=12,
)
FILTERS: list[dict[str, list[str]]] = [
    *({"host": [ip]} for ip in ("192.0.2.10", "192.0.2.12", "192.0.2.20", "192.0.2.21")),
    *({"tag": [tag]} for tag in ("tag0", "tag1")),
    *({"port": [port]} for port in ("700", "961", "40000")),
    *({"procedure": [name]} for name in ("NetInfo.ROOT", "portmap", "100003.3.1")),
    {"status": ["ok"]},
    {},
]


@given(ACTS, st.sampled_from(FILTERS), st.sampled_from(["exact", "once"]))
def test_any_conversations_read_the_same(
    acts: list[tuple[int, Address, Address, int]], filters: dict[str, list[str]], learn: str
) -> None:
    talk = Talk()
    for act in acts:
        _act(talk, *act)
    kept(talk.frames, learn, **filters)
