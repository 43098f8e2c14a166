"""The inputs that are messages among hosts."""

from __future__ import annotations

from fuzz.conversations import HOSTS, LONGEST, inputs, packets
from fuzz.packing import pack
from fuzz.stories import stories
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.events import Connection
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Kind


def test_the_seeds_show_every_finding() -> None:
    found = set()
    for data in inputs():
        assert len(data) <= LONGEST
        reading = Reading(packets(data))
        found |= {each.id for each in conclude(reading.facts(), reading.captures, reading.interest, "0").findings}
    assert found == set(DETECTORS)


def test_every_write_succeeds_in_a_story() -> None:
    ok = {call[20:24] for story in stories() for call, reply in story if reply[20:28] == bytes(8)}
    writes = {row.number.to_bytes(4, "big") for row in NETINFO.procedures if row.kind is Kind.WRITE}
    assert writes <= ok


def test_messages_come_as_they_are_said_to_be_sent() -> None:
    call, reply = next(stories())[0]
    over_udp = pack([b"\x50\0\0" + call, b"\x50\x20\0" + reply])
    over_tcp = pack([b"\x50\x80\x04" + call, b"\x50\xa0\0" + reply, b"\x50\xa0\0"])
    for data in (over_udp, over_tcp):
        events = list(Reading(packets(data)).events())
        asked, answered = (each for each in events if isinstance(each, Message))
        assert (asked.record.data, answered.record.data) == (call, reply)
        assert answered.call is asked
        assert (asked.client.address, asked.server.address, asked.server.port) == (HOSTS[5], HOSTS[0], 961)
        assert (asked.record.fragments > 1) is (data is over_tcp)
        closed = [each for each in events if isinstance(each, Connection)]
        assert [each.by_server for each in closed] == ([True] if data is over_tcp else [])


def test_bytes_that_are_no_messages() -> None:
    assert packets(b"") == []
    assert packets(pack([b"", b"\0", b"\0\0"])) == []
