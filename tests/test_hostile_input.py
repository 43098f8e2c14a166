"""Input made to break the decoder: depth, near misses, repetition, and text that would act on a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import netinfo_scapy
from netinfo_scapy.analysis.filters import Filter
from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.compare import run_frames, totals_of
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.packets import ACK, PSH, Address
from tests.support.wire import Wire

PORTMAP = Address(SERVER.ip, 111)


def test_a_forwarded_call_that_forwards_thousands() -> None:
    arguments = b""
    for _ in range(3000):
        arguments = rpc.words(rpc.PORTMAP, 2, 5) + rpc.opaque(arguments)
    talk = Talk()
    talk.udp(CLIENT, PORTMAP, rpc.call(1, rpc.PORTMAP, 2, 5, arguments))
    (found,) = run_frames(talk.frames)
    assert found["anomalies"] == ["nested-forward"]
    assert found["arguments"]["arguments"]["procedure"] == 5
    assert found["arguments"]["arguments"]["arguments"] is None


def test_thousands_of_near_misses_in_one_segment() -> None:
    """Each looks like a record until the mark behind it."""
    wire = Wire()
    miss = rpc.words(40) + rpc.ping(1) + rpc.words(0xFFFFFFFF)
    wire.send(0, b"\xff" * 8 + miss * 1200)
    assert run_frames(wire.frames) == []


def test_a_record_inside_another_is_not_believed() -> None:
    """The capture starts in the middle of a reply whose value holds a whole record."""
    value = b"\xff" * 200 + rpc.record(rpc.root(0x666)) + b"\xff" * 60
    reply = rpc.record(rpc.read_reply(1, props=(("x", (value.decode("latin-1"),)),)))
    wire = Wire().open().send(0, rpc.record(rpc.read(1))).send(1, reply[:100], lost=True).send(1, reply[100:])
    for xid in (2, 3):
        wire.send(0, rpc.record(rpc.root(xid))).send(1, rpc.record(rpc.root_reply(xid)))
    found = [(m["type"], m["xid"]) for m in run_frames(wire.frames)]
    assert [each for each in found if each != ("reply", 1)] == [
        ("call", 1),
        ("call", 2),
        ("reply", 2),
        ("call", 3),
        ("reply", 3),
    ]


def test_what_is_learned_on_961_itself_holds_before_as_well() -> None:
    """A reply towards a server that only later is seen to be one; messages and analyze agree."""
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.accepted(5))
    talk.ask(rpc.ping(6), rpc.accepted(6))
    assert len(run_frames(talk.frames)) == totals_of(talk.frames)["messages"] == 3


def test_an_answer_of_a_call_that_is_filtered_away_hides_no_other() -> None:
    talk = Talk()
    talk.udp(CLIENT, SERVER, rpc.ping(1))
    since = talk.now
    talk.udp(SERVER, CLIENT, rpc.accepted(1))
    talk.udp(CLIENT, SERVER, rpc.ping(3))
    totals = totals_of(talk.frames, wanted=Filter(since_ns=since))
    assert (totals["calls"], totals["replies"], totals["calls_without_reply"]) == (1, 1, 1)


def test_a_cut_datagram_between_others_is_not_ours() -> None:
    talk = Talk()
    talk.udp(Address(CLIENT.ip, 961), Address(SERVER.ip, 2049), rpc.call(1, 100003, 3, 0))
    assert totals_of(talk.frames)["messages"] == 0
    assert totals_of(talk.frames)["missed_bytes"] == 0


def test_many_unknown_statuses_make_few_rows() -> None:
    talk = Talk()
    for number in range(300):
        talk.ask(rpc.root(number), rpc.accepted(number, rpc.words(1000 + number)))
    statuses = netinfo_scapy.analyze([(f.time / 1e9, f.link, f.data) for f in talk.frames])["procedures"][
        "NetInfo.ROOT"
    ]
    assert len(statuses["statuses"]) <= 65
    assert sum(statuses["statuses"].values()) == 300


HOSTILE = ["\x1b[2J\x07", "[red]x[/]", "[link=x]y[/link]", ":skull:", "\u202eabc", "a\nb", "\\[bold"]


@pytest.mark.parametrize("command", ["analyze", "messages"])
def test_hostile_text_is_shown_as_text(command: str, tmp_path: Path) -> None:
    talk = Talk()
    nibind = Address(SERVER.ip, 700)
    for xid, tag in enumerate(HOSTILE):
        ports = rpc.words(0, 801 + 2 * xid, 802 + 2 * xid)
        talk.ask(rpc.call(xid, rpc.NIBIND, 1, 3, rpc.opaque(tag.encode())), rpc.accepted(xid, ports), server=nibind)
    path = tmp_path / "[red]hostile\u202e.pcap"
    path.write_bytes(pcap_bytes(talk.frames))
    words = [sys.executable, "-m", "netinfo_scapy", command, str(path)]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    for raw in ("\x1b", "\x07", "\u202e", "\N{SKULL}"):
        assert raw not in shown
    for text in ("[red]x[/]", "[link=x]y[/link]", ":skull:", "\\u202eabc", "a\\nb"):
        assert text in shown.replace("\n", "")


def test_a_file_name_that_is_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / b"old\xff.pcap".decode("utf-8", "surrogateescape")
    path.write_bytes(pcap_bytes(Wire().open().raw(0, 1001, 5001, PSH | ACK, rpc.record(rpc.ping(1))).frames))
    for words in (["analyze", "--format", "json"], ["messages", "--format", "ndjson"], ["messages"], ["analyze"]):
        done = subprocess.run(
            [sys.executable, "-m", "netinfo_scapy", *words, str(path)], capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
    assert netinfo_scapy.analyze(path)["captures"][0]["capture"].endswith("old\\xff.pcap")
