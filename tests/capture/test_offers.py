"""DHCP replies that name a NetInfo parent are events of their own, wherever they are in a capture."""

from __future__ import annotations

from netinfo_scapy.capture.events import Offer
from tests.analysis.looks import opened
from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.conversation import Talk
from tests.support.packets import Address

SERVER, RELAY = Address("192.0.2.1", 67), Address("192.0.2.2", 67)
CLIENT = Address("192.0.2.33", 68)
OPTIONS = b"\x35\x01\x02\x70\x04\xc0\x00\x02\x07\x71\x07network\xff"


def offer(options: bytes = OPTIONS, op: int = 2) -> bytes:
    return bytes([op, 1, 6, 0]) + bytes(232) + b"\x63\x82\x53\x63" + options


def offers(talk: Talk) -> list[Offer]:
    return [event for event in opened(pcap_bytes(talk.frames)).events() if isinstance(event, Offer)]


def test_offers_among_other_traffic() -> None:
    talk = Talk()
    talk.ask(rpc.ping(1), rpc.accepted(1))
    talk.udp(CLIENT, SERVER, offer(op=1))
    direct = talk.udp(SERVER, CLIENT, offer())
    relayed = talk.udp(SERVER, RELAY, offer())
    talk.udp(SERVER, CLIENT, offer(b"\x35\x01\x02\xff"))
    talk.udp(CLIENT, Address("192.0.2.1", 69), offer())
    found = offers(talk)
    assert [each.at.number for each in found] == [direct, relayed]
    assert [each.flow.target.port for each in found] == [68, 67]
    assert {each.binding.tag for each in found} == {b"network"}


def test_they_change_no_count() -> None:
    talk = Talk()
    talk.udp(SERVER, CLIENT, offer())
    facts = opened(pcap_bytes(talk.frames)).facts()
    assert (facts.totals.messages, facts.totals.not_rpc, facts.servers) == (0, 0, {})
