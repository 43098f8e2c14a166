"""The sieve drops nothing that matters, and the common way through IP is the complete one, faster."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.interest import Interest, PortNumber
from netinfo_scapy.capture.ip import Reassembler
from netinfo_scapy.capture.pcap import AT_ONCE
from netinfo_scapy.capture.sieve import Sieve
from tests.analysis.looks import Unsieved, events, opened, summary
from tests.capture.making import enhanced, interface, section
from tests.support import corpus, rpc, transforms
from tests.support.captures import NAMES, SMALL, parse_pcap, pcap_bytes, recording
from tests.support.captures import Frame as Stored
from tests.support.conversation import CLIENT, Talk
from tests.support.packets import Address, parse

_DAILY = 150
COUNT = int(os.environ.get("NETINFO_CAPTURES", _DAILY))
SOAK = COUNT > _DAILY
FIELDS = ("payload", "length", "ttl", "flags", "sequence", "acknowledgment", "conflict", "segment")
SEEDS = st.integers(0, 2**64)
FORMS: dict[str, Callable[[list[Stored]], Iterable[Stored]]] = {
    "as-it-is": list,
    "fragments": transforms.ip_fragments,
    "backwards": lambda frames: transforms.ip_fragments(frames, backwards=True),
    "ipv6": transforms.to_ipv6,
    "fcs": transforms.with_fcs,
    "padded": transforms.padded,
    **{kind: lambda frames, kind=kind: transforms.relink(frames, kind) for kind in ("vlan", "qinq", "sll", "raw")},
    **{kind: lambda frames, kind=kind: transforms.encapsulate(frames, kind) for kind in transforms.ENCAPSULATIONS},
}


def same_as_the_complete_way(frame: Frame) -> bool:
    """Hold the two ways together; whether the frame is of the common kind."""
    fast, slow = Reassembler(), Reassembler()
    packet = fast.plain(frame)
    if packet is None:
        return False
    (other,) = slow.complete(frame)
    assert packet.lane.key == other.lane.key
    assert packet.lane.is_tcp == other.lane.is_tcp
    assert packet.ref == other.ref
    for name in FIELDS:
        assert getattr(packet, name) == getattr(other, name), name
    return True


def as_frame(stored: Stored, wire_length: int | None = None) -> Frame:
    return Frame(FrameRef(0, 1, stored.time), stored.link, wire_length or len(stored.data), stored.data)


@pytest.mark.parametrize("name", NAMES)
def test_recorded_frames_are_common(name: str) -> None:
    for stored in recording(name)[:2000]:
        assert same_as_the_complete_way(as_frame(stored)) or parse(stored) is None or stored.data[14] != 0x45


@pytest.mark.parametrize("form", FORMS)
def test_frames_in_other_forms(form: str) -> None:
    for name in SMALL:
        for stored in FORMS[form](list(recording(name)[:200])):
            same_as_the_complete_way(as_frame(stored))
            same_as_the_complete_way(as_frame(stored._replace(data=stored.data[:70]), len(stored.data)))


@given(
    st.sampled_from(SMALL), st.integers(0, 10**6), st.dictionaries(st.integers(0, 61), st.integers(0, 255)), st.data()
)
def test_mutated_frames(name: str, index: int, edits: dict[int, int], data: st.DataObject) -> None:
    frames = recording(name)
    stored = frames[index % len(frames)]
    content = bytearray(stored.data[: data.draw(st.integers(0, len(stored.data)))])
    for at, value in edits.items():
        content[at : at + 1] = bytes([value])[: len(content) - at]
    same_as_the_complete_way(as_frame(stored._replace(data=bytes(content)), data.draw(st.none() | st.just(2000))))


@given(st.binary(min_size=54, max_size=90), st.sampled_from([6, 17, 1]), st.integers(0, 12))
def test_bytes_behind_a_common_header(content: bytes, protocol: int, more: int) -> None:
    head = bytearray(content)
    head[12:15] = b"\x08\x00\x45"
    head[16:18] = (len(content) - 14 - more).to_bytes(2, "big")
    head[20:22] = bytes(2)
    head[23] = protocol
    same_as_the_complete_way(as_frame(Stored(0, 1, bytes(head))))


def agree(data: bytes, **how: object) -> None:
    """A reading with the sieve sees what one without it sees."""
    assert summary(opened(data, **how)) == summary(opened(data, Unsieved, **how))
    assert events(opened(data, **how)) == events(opened(data, Unsieved, **how))


@given(SEEDS, st.sampled_from(["exact", "once"]), st.sampled_from([(), (PortNumber(None, 702),)]))
@example(24578, "exact", ())  # a READALL whose answer cannot be read
@settings(max_examples=COUNT, deadline=None, derandomize=not SOAK)
def test_what_is_dropped_makes_no_difference(seed: int, learn: str, ports: tuple[PortNumber, ...]) -> None:
    agree(pcap_bytes(corpus.capture(seed)), learn=learn, netinfo_ports=ports)


@given(SEEDS, st.integers(20, 140))
@settings(max_examples=COUNT // 3, deadline=None, derandomize=not SOAK)
def test_snap_length(seed: int, length: int) -> None:
    agree(corpus.snapped(corpus.capture(seed), length))


@given(SEEDS, st.sampled_from(sorted(FORMS)))
@settings(max_examples=COUNT // 3, deadline=None, derandomize=not SOAK)
def test_other_forms(seed: int, form: str) -> None:
    agree(pcap_bytes(FORMS[form](corpus.capture(seed, sound=True))))


@given(SEEDS)
@settings(max_examples=COUNT // 3, deadline=None, derandomize=not SOAK)
def test_time_that_jumps_back(seed: int) -> None:
    """By more than the second for which a message is held back."""
    chance = random.Random(seed)
    back = 0
    frames = []
    for frame in corpus.capture(seed):
        back += chance.choice((0,) * 9 + (200 * 10**9,))
        frames.append(frame._replace(time=frame.time - back))
    agree(pcap_bytes(frames))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("learn", ["exact", "once"])
def test_recordings_among_other_traffic(name: str, learn: str) -> None:
    chance = random.Random(name)
    noise = [frame for _ in range(20) for frame in corpus.unrelated(chance)]
    agree(pcap_bytes(corpus.mixed(chance, [list(recording(name)[:1500]), noise])), learn=learn)


def test_an_answer_from_anywhere() -> None:
    """To a call that was forwarded; without such a call it is dropped."""
    talk = Talk()
    ask, answer = corpus.EXCHANGES[13]
    # The first frame of a second is kept, and what is shorter than any header of TCP may be anything.
    talk.udp(CLIENT, Address("192.0.2.77", 53), bytes(40))
    talk.udp(Address("192.0.2.77", 5000), CLIENT, answer(1, random.Random(0)))
    talk.udp(CLIENT, Address("192.0.2.255", 111), ask(1))
    talk.udp(Address("192.0.2.77", 5000), CLIENT, answer(1, random.Random(0)))
    data = pcap_bytes(talk.frames)
    agree(data)
    agree(data, learn="once")
    assert summary(opened(data))["totals"]["replies"] == 1
    sieve = Sieve(Interest().ports)
    kept = [sieve.takes(as_frame(frame)) for frame in parse_pcap(data)]
    assert kept == [True, False, True, True]


def test_an_answer_on_a_connection_to_port_0() -> None:
    talk = Talk()
    wire = talk.tcp(server=Address("192.0.2.20", 0))
    ask, answer = corpus.EXCHANGES[13]
    wire.call(rpc.record(ask(1)))
    wire.reply(rpc.record(answer(1, random.Random(0))))
    agree(pcap_bytes(talk.frames))


def test_it_drops_what_is_no_concern() -> None:
    """Else all of the above would hold of a sieve with one big hole."""
    chance = random.Random(1)
    frames = [frame for _ in range(300) for frame in corpus.unrelated(chance) if len(frame.data) > 60]
    # What looks like a reply is kept once there was anything that is not understood.
    frames = [frame for frame in frames if frame.data[34:36] != b"\0\x35"]
    frames = [frame._replace(time=at * 1000) for at, frame in enumerate(frames)]
    sieve = Sieve(Interest().ports)
    kept = sum(sieve.takes(as_frame(frame)) for frame in frames)
    assert kept == sieve.kept < len(frames) / 20
    assert summary(opened(pcap_bytes(frames)))["totals"]["messages"] == 0


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_frames_come_a_few_at_a_time(form: str) -> None:
    talk = Talk()
    for number in range(500):
        talk.ask(rpc.call(number, rpc.NETINFO, 2, 0), rpc.accepted(number))
    blocks = b"".join(enhanced(each.data) for each in talk.frames)
    content = pcap_bytes(talk.frames) if form == "pcap" else section() + interface() + blocks
    (capture,) = opened(content).captures
    sizes = [len(batch) for batch in capture.batches(Sieve(Interest().ports))]
    assert sum(sizes) == 1_000
    assert max(sizes) == AT_ONCE
