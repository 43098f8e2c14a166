"""Frames -> events: how many frames the decoder is given at a time makes no difference."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from netinfo_scapy.capture.decode import Decoder
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.ip import Reassembler, Taken
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.capture.sources import open_captures
from tests.support import rpc
from tests.support.captures import RECORDED, pcap_bytes
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import Address

CAPTURES = sorted(RECORDED.parent.rglob("*.pcap"))


def taken(path: Path, reassembler: Reassembler) -> list[Taken]:
    """What a reader gives of a file, whatever its ports."""
    sieve = Sieve(bytearray(b"\1" * 65536), packets=reassembler)
    return [each for capture in open_captures([str(path)]) for batch in capture.batches(sieve) for each in batch]


def said(event: Event) -> Any:
    if not isinstance(event, Message):
        return event
    record, call = event.record, event.call
    return record.at, record.data, sorted(record.anomalies), call and call.record.at, event.first is None


def told(path: Path, sizes: random.Random | None, at_once: bool) -> list[Any]:
    """All events of a capture. sizes: of the lots in which it gets the frames; None for one by one."""
    decoder = Decoder(Interest(at_once=at_once), Limits())
    frames = taken(path, decoder.reassembler)
    events: list[Event] = []
    while frames:
        size = sizes.randrange(2, 200) if sizes else 1
        events += decoder.feed_all(frames[:size])
        frames = frames[size:]
    return [said(event) for event in events + decoder.finish()]


@pytest.mark.parametrize("at_once", [True, False])
def test_many_frames_at_a_time_are_as_one_by_one(at_once: bool) -> None:
    sizes = random.Random(1)
    for path in CAPTURES:
        assert told(path, sizes, at_once) == told(path, None, at_once), path.name


def test_what_an_answer_over_tcp_teaches_counts_for_the_next_frame(tmp_path: Path) -> None:
    talk = Talk()
    asked = talk.tcp(CLIENT, Address(SERVER.ip, 111))
    arguments = rpc.words(rpc.NETINFO, 2, 17, 0)
    asked.call(rpc.record(rpc.call(1, rpc.PORTMAP, 2, 3, arguments)))
    asked.reply(rpc.record(rpc.accepted(1, rpc.words(4961))))
    talk.udp(CLIENT, Address(SERVER.ip, 4961), b"no RPC at all, on a port that was just told")
    path = tmp_path / "told.pcap"
    path.write_bytes(pcap_bytes(talk.frames))
    found = told(path, random.Random(1), True)
    assert found == told(path, None, True)
    assert len(found) > len(told(path, None, False))
