"""The frames of some flows, against the recordings' own view: which original frame each changed one was made of."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.capture import flow_frames
from netinfo_scapy.capture.flow_frames import end_key, ends_of, flow_key, frames_of
from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.capture.ip import Reassembler
from tests.capture.making import frame
from tests.support import transforms
from tests.support.captures import ETHERNET, recording
from tests.support.packets import UDP, Address, ip4, parse, parse_all, udp_frame

NAME = "11-clone"
_IP_AT = 14


def key_of(protocol, source, target):
    ends = [Endpoint(bytes(map(int, each.ip.split("."))), each.port) for each in (source, target)]
    return flow_key(Flow(Transport(protocol), *ends))


def wanted_flows(frames, every=2):
    """Every second flow, as (key, what the frames' own view calls it)."""
    flows = sorted({(p.protocol, tuple(sorted(p.connection))) for p in parse_all(frames) if p})[::every]
    return {key_of(protocol, *ends) for protocol, ends in flows}, {(p, frozenset(ends)) for p, ends in flows}


def chosen(frames, names):
    """Which of the original frames are of the flows."""
    parsed = parse_all(frames)
    return {at for at, p in enumerate(parsed) if p and (p.protocol, p.connection) in names}


def ours(frames):
    """As frames of capture/."""
    return [frame(each.data, number, each.link, each.time) for number, each in enumerate(frames, 1)]


def extracted(frames, keys):
    """The places of the frames that are extracted."""
    return [each.ref.number - 1 for each in frames_of(ours(frames), keys)]


def made_of(frames, at=_IP_AT):
    """The IPv4 identification of each frame: `ip_fragments` puts the original's place there."""
    return [struct.unpack_from(">H", each.data, at + 4)[0] for each in frames]


def with_places(frames):
    """Each frame's place as its identification, whether it will be cut or not."""
    return [
        each._replace(data=each.data[: _IP_AT + 4] + struct.pack(">H", at) + each.data[_IP_AT + 6 :])
        for at, each in enumerate(frames)
    ]


def fragments_of(frames, size):
    """IPv4 packets of any protocol cut again, the outer header's identification as it is."""
    for each in frames:
        head, body = each.data[: _IP_AT + 20], each.data[_IP_AT + 20 :]
        for at in range(0, len(body), size):
            piece, more = body[at : at + size], 0x2000 if at + size < len(body) else 0
            place = struct.unpack_from(">H", head, _IP_AT + 6)[0] & 0x1FFF | more | at // 8
            changed = head[: _IP_AT + 2] + struct.pack(">H", 20 + len(piece)) + head[_IP_AT + 4 : _IP_AT + 6]
            yield each._replace(data=changed + struct.pack(">H", place) + head[_IP_AT + 8 :] + piece)


def test_keys_are_the_same_for_both_directions():
    flow = Flow(Transport.UDP, Endpoint(b"\x0a\0\0\x02", 961), Endpoint(b"\x0a\0\0\x01", 1023))
    assert flow_key(flow) == flow_key(flow.back) == b"\x11\x0a\0\0\x01\x03\xff\x0a\0\0\x02\x03\xc1"
    ends = {end_key(flow.transport, flow.source), end_key(flow.transport, flow.target)}
    assert set(ends_of(flow_key(flow))) == ends
    long = Flow(Transport.TCP, Endpoint(bytes(15) + b"\1", 5), Endpoint(bytes(16), 6))
    assert ends_of(flow_key(long)) == (end_key(long.transport, long.target), end_key(long.transport, long.source))


def test_whole_frames():
    frames = recording(NAME)
    keys, names = wanted_flows(frames)
    expected = sorted(chosen(frames, names))
    assert extracted(frames, keys) == expected
    assert 0 < len(expected) < len(frames)
    assert extracted(frames, set()) == []


@pytest.mark.parametrize("kind", [*transforms.LINKS, *transforms.ENCAPSULATIONS])
def test_links_and_tunnels(kind):
    frames = recording(NAME)
    keys, names = wanted_flows(frames)
    assert extracted(transforms.encapsulate(frames, kind), keys) == sorted(chosen(frames, names))


def test_ipv6():
    frames = recording(NAME)
    changed = transforms.to_ipv6(frames)
    keys, names = wanted_flows(frames)
    network = bytes.fromhex("20010db8646400000000000000000000")[:12]
    keys = {key[:1] + b"".join(network + each for each in (key[1:7], key[7:])) for key in keys}
    assert extracted(changed, keys) == sorted(chosen(frames, names))


@pytest.mark.parametrize("order", ["forwards", "backwards", "mixed", "twice"])
def test_fragments_come_with_their_datagram(order):
    frames = with_places(recording(NAME))
    keys, names = wanted_flows(frames)
    cut = list(transforms.ip_fragments(frames, backwards=order == "backwards"))
    if order == "mixed":
        chance = random.Random(3)
        places = sorted(range(len(cut)), key=lambda at: at + chance.uniform(0, 30))
        cut = [cut[at] for at in places]
    elif order == "twice":
        cut = [each for each in cut for _ in range(2)]
    mine = chosen(frames, names)
    expected = [at for at, place in enumerate(made_of(cut)) if place in mine]
    assert extracted(cut, keys) == expected
    assert len(expected) > 1.5 * len(mine)


@pytest.mark.parametrize("size", [None, 48])
@pytest.mark.parametrize("kind", [*transforms.TUNNELS])
def test_fragmented_tunnels(kind, size):
    """Tunnels cut into fragments; in them, packets that are fragments themselves."""
    frames = with_places(recording(NAME))
    keys, names = wanted_flows(frames)
    inner = frames if size is None else list(transforms.ip_fragments(frames, size))
    outer = with_places(transforms.tunnel(inner, kind))
    cut = list(fragments_of(outer, 40))
    mine = chosen(frames, names)
    wanted = {at for at, place in enumerate(made_of(inner)) if place in mine}
    expected = [at for at, place in enumerate(made_of(cut)) if place in wanted]
    assert extracted(cut, keys) == expected


CLIENT, SERVER, OTHER = Address("192.0.2.1", 1023), Address("192.0.2.2", 961), Address("192.0.2.1", 1022)
KEY = {key_of(UDP, CLIENT, SERVER)}


def pieces(source=CLIENT, target=SERVER, size=100, identification=7, time=0, cut=48):
    whole = udp_frame(time, source, target, bytes(size), identification=identification)
    return list(fragments_of([whole], cut))


def test_an_identification_used_again():
    """Two datagrams of other flows between the same hosts, one before and one behind ours."""
    first, last = pieces(OTHER), pieces(OTHER)
    assert extracted([*first, *pieces(), *last], KEY) == [3, 4, 5]
    # A copy that comes late goes with the datagram before it, unless it turns out to be another's.
    late = pieces()[2]
    assert extracted([*pieces(), late, *pieces(OTHER, identification=8)], KEY) == [0, 1, 2, 3]
    assert extracted([*pieces(), last[2], *last[:2]], KEY) == [0, 1, 2]


def test_what_comes_a_minute_later_is_of_another_datagram():
    one, two, three = pieces()
    late = [each._replace(time=61 * 10**9) for each in pieces(OTHER)]
    assert extracted([one, *late[:2], two, three, late[2]], KEY) == [0]


def test_a_datagram_that_is_never_whole():
    one, two, three = pieces()
    assert extracted([two, one], KEY) == [0, 1]
    assert extracted([two, three], KEY) == []
    assert extracted([two, three, *pieces(identification=8)], KEY) == [2, 3, 4]


def test_fragments_without_a_beginning_do_not_hold_up_the_rest(monkeypatch):
    monkeypatch.setattr(flow_frames, "_MOST_HELD_BYTES", 20_000)
    lone = pieces(OTHER)[2]
    rest = [udp_frame(0, CLIENT, SERVER, bytes(100)) for _ in range(1000)]
    begun = pieces(identification=9)[0]
    found = 0
    for number, each in enumerate(frames_of(iter(ours([lone, begun, *rest])), KEY), 2):
        assert each.ref.number == number
        found += 1
    assert found == 1001


def test_limits_of_datagrams(monkeypatch):
    monkeypatch.setattr(flow_frames, "_MOST_DATAGRAMS", 3)
    begun = [pieces(source, identification=n)[0] for n, source in enumerate([CLIENT, OTHER] * 5)]
    assert extracted([*begun, *pieces(identification=99)], KEY) == [0, 2, 4, 6, 8, 10, 11, 12]


def test_headers_that_contradict_themselves():
    good = udp_frame(0, CLIENT, SERVER, b"data").data
    at = _IP_AT
    bad = [
        good[:at] + b"\x44" + good[at + 1 :],  # a header of 16 bytes
        good[: at + 2] + b"\0\x10" + good[at + 4 :],  # a packet shorter than its header
        good[: at + 2] + b"\0\x16" + good[at + 4 :],  # no room for the ports
        good[: at + 22],
        good[: at + 10],
        good[: at + 6] + b"\x3f\xff" + good[at + 8 :],  # a fragment beyond 65,535 bytes
        good[: at + 9] + b"\x01" + good[at + 10 :],
    ]
    frames = [frame(data, number) for number, data in enumerate([*bad, good])]
    assert [each.ref.number for each in frames_of(frames, KEY)] == [len(bad)]


def test_authentication_headers():
    """RFC 4302: next header, length in words less two, then the SPI, the number, the check value."""
    segment = udp_frame(0, CLIENT, SERVER, b"data").data[_IP_AT + 20 :]
    header = struct.pack(">BBHIII", UDP, 2, 0, 1, 1, 0)
    data = udp_frame(0, CLIENT, SERVER, b"").data[:_IP_AT] + ip4(CLIENT.ip, SERVER.ip, 51, header + segment)
    assert len(list(frames_of([frame(data)], KEY))) == 1


def packets(frames):
    """What reassembly makes of frames, less their numbers, and less what is no part of the flow.

    In no order: what is never whole comes out when its identification is used again, by any flow, or at the end.
    """
    reassembler = Reassembler()
    found = [packet for each in frames for packet in reassembler.feed(each)] + list(reassembler.finish())
    return sorted(
        (p.ref.time_ns, p.transport, p.source, p.target, p.segment, p.payload, p.length, p.ttl, p.conflict)
        for p in found
        if flow_key(Flow(p.transport, p.source, p.target)) in KEY
    )


@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 70)), max_size=60), st.booleans())
def test_reassembly_gives_the_same_of_what_is_extracted(choices, tunneled):
    """Fragments of several datagrams, some of the same identification: lost, twice, late, in any order."""
    pool = []
    for number, source in enumerate([CLIENT, OTHER, CLIENT, OTHER, CLIENT]):
        pool += pieces(source, size=100 + number, identification=number % 3)
    pool += [udp_frame(0, CLIENT, SERVER, b"whole"), udp_frame(0, OTHER, SERVER, b"other")]
    if tunneled:
        pool = list(fragments_of(with_places(transforms.tunnel(pool, "gre")), 40))
    time, frames = 0, []
    for which, seconds in choices:
        time += seconds * 10**9 // 8
        frames.append(pool[which % len(pool)]._replace(time=time))
    source = ours(frames)
    found = list(frames_of(source, KEY))
    numbers = [each.ref.number for each in found]
    assert numbers == sorted(set(numbers))
    assert packets(found) == packets(source)


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 9, 12, 50, 51, 101, 104, 113, 258, 276, 999]), st.binary(max_size=90)))
)
def test_any_bytes_raise_nothing(datas):
    good = udp_frame(0, CLIENT, SERVER, b"data").data
    changed = [frame(data, number, link) for number, (link, data) in enumerate(datas)]
    changed += [frame(good[: len(data)] + data, 100 + number, ETHERNET) for number, (_, data) in enumerate(datas)]
    found = list(frames_of(changed, KEY))
    assert [each for each in changed if each in found] == found


@pytest.mark.parametrize("name", ["02-ni-read-tcp", "04-auth"])
def test_the_oracle_sees_what_scapy_does(name):
    """`parse` is what the tests above lean on."""
    from scapy.layers import inet
    from scapy.layers.l2 import Ether

    for each in recording(name):
        packet, mine = Ether(each.data), parse(each)
        layer = packet.getlayer(inet.TCP) or packet.getlayer(inet.UDP)
        if inet.IP not in packet or layer is None:
            assert mine is None
        else:
            assert mine.connection == {(packet[inet.IP].src, layer.sport), (packet[inet.IP].dst, layer.dport)}
