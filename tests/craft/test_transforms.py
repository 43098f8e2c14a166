"""Each transform, by the bytes that it makes, read with Scapy."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether

from netinfo_scapy.craft.scenario import Made, Scenario
from netinfo_scapy.craft.transforms import make_transform
from tests.support.truth import offsets_are_right

CALL = bytes.fromhex("00000000 00000002 0bed48a0")


def made(name: str, transport: str = "tcp", calls: int = 1, **parameters: object) -> Made:
    scenario = Scenario()
    client, server = scenario.host("192.0.2.10", 600), scenario.host("192.0.2.1")
    talk = scenario.tcp(client, server) if transport == "tcp" else scenario.udp(client, server)
    for number in range(calls):
        talk.ask("NetInfo.LISTALL", xid=number + 1, id=(13, 7)).reply(self_id=(13, 7), entries=[{"name": "root"}])
    if name:
        scenario.transform(name, **parameters)
    return scenario.make()


def packets(made: Made) -> Iterator[Ether]:
    return (Ether(frame.data[: frame.captured]) for frame in made.frames)


def sent(made: Made, port: int = 600) -> list[bytes]:
    """What the client sends over TCP, segment by segment."""
    return [bytes(p[TCP].payload) for p in packets(made) if p[TCP].sport == port and len(p[TCP].payload)]


PLAIN = sent(made(""))
MARK, MESSAGE = PLAIN[0][:4], PLAIN[0][4:]


def test_a_plain_call_is_one_segment() -> None:
    assert [len(each) for each in PLAIN] == [52]
    assert MARK == b"\x80\0\0\x30"
    assert MESSAGE.startswith(b"\0\0\0\1" + CALL)


@pytest.mark.parametrize(
    ("sizes", "repeat", "begins"),
    [
        ([1], True, [b"\0\0\0\1" + MESSAGE[:1], b"\0\0\0\1" + MESSAGE[1:2]]),
        ([0, 4], True, [b"\0\0\0\0\0\0\0\4" + MESSAGE[:4] + b"\0\0\0\0\0\0\0\4" + MESSAGE[4:8]]),
        ([40], False, [b"\0\0\0\x28" + MESSAGE[:40] + b"\x80\0\0\x08" + MESSAGE[40:]]),
    ],
)
def test_record_fragments(sizes: list[int], repeat: bool, begins: list[bytes]) -> None:
    [data] = sent(made("record-fragments", sizes=sizes, repeat=repeat))
    assert data.startswith(b"".join(begins))


def test_fragments_in_segments_of_their_own() -> None:
    scenario_made = made("fragment-segments")
    assert sent(scenario_made) == PLAIN
    scenario = Scenario()
    talk = scenario.tcp(scenario.host("192.0.2.10", 600), scenario.host("192.0.2.1"))
    talk.ask("NetInfo.LISTALL", xid=1, id=(13, 7))
    scenario.transform("fragment-segments")
    scenario.transform("record-fragments", sizes=[20, 0, 28])
    assert sent(scenario.make()) == [
        b"\0\0\0\x14" + MESSAGE[:20],
        b"\0\0\0\0",
        b"\x80\0\0\x1c" + MESSAGE[20:],
    ]


def test_marks_that_lie() -> None:
    assert sent(made("record-mark", mark=0)) == [b"\0\0\0\0" + PLAIN[0]]
    lying = made("record-mark", calls=2, mark=0xFFFFFFFF)
    assert sent(lying) == [b"\xff\xff\xff\xff" + MESSAGE]
    assert lying.messages == []


@pytest.mark.parametrize("sizes", [[1], [2], [4], [18], [10, 3]])
def test_segments(sizes: list[int]) -> None:
    found = sent(made("segments", sizes=sizes))
    assert b"".join(found) == PLAIN[0]
    assert {len(each) for each in found[:-1]} == set(sizes)


def test_order() -> None:
    scenario = made("out-of-order")
    assert sent(scenario) == PLAIN
    both = Scenario()
    talk = both.tcp(both.host("192.0.2.10", 600), both.host("192.0.2.1"))
    talk.ask("NetInfo.LISTALL", xid=1, id=(13, 7))
    both.transform("segments", sizes=[18])
    both.transform("out-of-order")
    assert sent(both.make()) == [PLAIN[0][36:], PLAIN[0][18:36], PLAIN[0][:18]]


@pytest.mark.parametrize("conflict", [False, True])
def test_overlap(conflict: bool) -> None:
    scenario = Scenario()
    talk = scenario.tcp(scenario.host("192.0.2.10", 600), scenario.host("192.0.2.1"))
    talk.ask("NetInfo.LISTALL", xid=1, id=(13, 7))
    scenario.transform("segments", sizes=[48], repeat=False)
    scenario.transform("overlap", bytes=4, conflict=conflict)
    first, second = sent(scenario.make())
    assert first == PLAIN[0][:48]
    again = bytes(byte ^ 0xFF for byte in PLAIN[0][44:48]) if conflict else PLAIN[0][44:48]
    assert second == again + PLAIN[0][48:]


def test_chaff() -> None:
    for name, when in (("chaff-checksum", "before"), ("chaff-ttl", "after")):
        found = made(name, when=when)
        one, other = sent(found)
        chaff, real = (one, other) if when == "before" else (other, one)
        assert real == PLAIN[0]
        assert not any(a == b for a, b in zip(chaff, real, strict=True))
        mine = [p for p in packets(found) if p[TCP].sport == 600 and len(p[TCP].payload)]
        right = []
        for each in mine:
            told = each[TCP].chksum
            del each[TCP].chksum
            right.append(Ether(bytes(each))[TCP].chksum == told)
        assert [p[IP].ttl for p in mine] == ([64, 64] if name == "chaff-checksum" else [64, 1])
        assert right == ([False, True] if name == "chaff-checksum" else [True, True])


def test_chaff_that_nobody_can_tell() -> None:
    found = made("chaff-ambiguous")
    chaff, real = sent(found)
    assert (chaff[:24], chaff[24:28], chaff[28:]) == (real[:24], bytes(4), real[28:])
    assert [(each.ambiguous, each.anomalies) for each in found.messages] == [(True, ["overlap-conflict"]), (True, [])]


def test_again() -> None:
    assert sent(made("duplicates")) == PLAIN * 2
    late = made("retransmission", "udp", after=1.5)
    assert [each.retransmission for each in late.messages] == [False, True, False]
    assert late.frames[1].time - late.frames[0].time == Decimal("1.501")
    assert late.frames[0].data[34:] == late.frames[1].data[34:]


def test_ip_fragments() -> None:
    for order in ("forward", "reversed"):
        found = [p for p in packets(made("ip-fragments", "udp", sizes=[24], order=order)) if p[IP].dst == "192.0.2.1"]
        ordered = found if order == "forward" else found[::-1]
        assert [(p[IP].frag * 8, p[IP].flags == "MF") for p in ordered] == [(0, True), (24, True), (48, False)]
        assert len({p[IP].id for p in found}) == 1
        assert b"".join(bytes(p[IP].payload) for p in ordered)[8:] == MESSAGE


def test_pipelining() -> None:
    found = made("pipelining", calls=3, count=2)
    assert [len(each) for each in sent(found)] == [104, 52]
    assert [each.type for each in found.messages] == ["call", "call", "reply", "reply", "call", "reply"]
    assert [each.frame for each in found.messages[:2]] == [4, 4]


def test_what_a_capture_lacks() -> None:
    assert [str(p[TCP].flags) for p in packets(made("no-handshake"))][:2] == ["PA", "PA"]
    assert {p[TCP].sport for p in packets(made("one-direction", keep="replies"))} == {961}
    cut = made("snap-length", bytes=60)
    assert max(frame.captured for frame in cut.frames) == 60
    assert cut.messages == []


@pytest.mark.parametrize(
    ("name", "parameters", "told", "answer"),
    [
        ("rpc-version", {}, ["rpc-version"], None),
        ("program-version", {"version": 1}, [], "PROG_MISMATCH"),
        ("long-credential", {}, ["bad-credential"], None),
        ("left-over", {}, ["bytes-left-over"], "SUCCESS"),
    ],
)
def test_malformed_calls(name: str, parameters: dict[str, object], told: list[str], answer: str | None) -> None:
    found = made(name, "udp", **parameters).messages
    assert found[0].anomalies == told
    assert [each.accept_status or each.auth_status for each in found[1:]] == [answer] * bool(answer)


def test_another_port_and_credential() -> None:
    assert {p[UDP].dport for p in packets(made("port", "udp", port=1033))} == {1033, 600}
    [call, _] = made("credential", "udp", kind="password", password="secret", uid=3).messages
    assert call.credential is not None
    assert (call.credential["password_present"], call.credential["uid"]) == (True, 3)


def test_only_some_calls() -> None:
    for only in ([2], ["NetInfo.LISTALL"]):
        found = sent(made("segments", calls=2, sizes=[26], only=only))
        assert [len(each) for each in found] == ([52, 26, 26] if only == [2] else [26] * 4)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("nothing", {}, "no such transform; there are credential, port"),
        ("segments", {}, "missing required field `sizes`"),
        ("segments", {"sizes": [0]}, "give at least one size"),
        ("segments", {"sizes": [1], "speed": 3}, "unknown field `speed`; it has on, only, sizes, repeat"),
        ("segments", {"sizes": [4], "only": [9]}, "only: 9: no such call; there are 1 to 1"),
        ("ip-fragments", {"sizes": [12]}, "12 is not a multiple of 8"),
        ("ip-fragments", {"sizes": [8], "conflict": True}, "only overlapping fragments"),
        ("port", {"port": 0}, "0 is not 1 to 65535"),
        ("snap-length", {"bytes": 9}, "less than the headers"),
        ("program-version", {"version": 2}, "2 is a version of NetInfo.LISTALL"),
    ],
)
def test_mistakes(name: str, parameters: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made(name, **parameters)


@pytest.mark.parametrize("name", ["record-fragments", "segments"])
def test_offsets_lead_to_the_bytes_wherever_they_are(name: str) -> None:
    counts = offsets_are_right(made(name, calls=2, sizes=[3], on="both"))
    assert counts["program"] == counts["procedure"] == 2


def test_a_transform_as_an_object_is_that_by_name() -> None:
    scenario = Scenario()
    scenario.transform(make_transform("segments", sizes=[3]))
    scenario.transform("segments", sizes=[3])
    assert scenario.transforms[0] == scenario.transforms[1]
