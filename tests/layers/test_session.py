"""Messages of packets: sniffed, already read, in any cut, with holes; what RPCSession and netinfo() give."""

from __future__ import annotations

import gc
import pickle
import sys
import time
from pathlib import Path

import pytest
from scapy.config import conf
from scapy.fields import RawVal
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.plist import PacketList
from scapy.sendrecv import sniff
from scapy.sessions import TCPSession
from scapy.utils import rdpcap, wireshark, wrpcap

import netinfo_scapy
from netinfo_scapy.layers import (
    RPC,
    RPCSEC_GSS,
    NetInfoList,
    NI_LOOKUP_Call,
    NI_LOOKUP_Reply,
    NI_PING_Call,
    NI_PING_Reply,
    NI_ROOT_Call,
    NI_ROOT_Reply,
    RPC_Auth,
    RPCRecord,
    RPCRecords,
    RPCSession,
    XDRBytes,
    analyze,
    bind_rpc_port,
    netinfo,
    unbind_rpc_port,
)
from netinfo_scapy.layers.described import message_name
from netinfo_scapy.layers.structs import XDRPacket
from tests.support.captures import NAMES, capture_path
from tests.support.conversation import CLIENT, SERVER, Talk


def packets_of(talk: Talk) -> PacketList:
    made = []
    for frame in talk.frames:
        packet = Ether(frame.data)
        packet.time = frame.time / 10**9
        made.append(packet)
    return PacketList(made)


CALL = bytes(RPCRecord() / RPC(xid=7) / NI_LOOKUP_Call(key="name", value="users"))
REPLY = bytes(RPCRecord.cut(RPC(xid=7, type=1) / NI_LOOKUP_Reply(ids=[3, 4], self_id=(0, 9)), 12))


@pytest.mark.parametrize("name", NAMES)
def test_a_session_gives_the_messages_of_a_capture(name: str) -> None:
    """Those on 961 and 111 and, from the frame on that teaches them, elsewhere: what `--learn once` gives."""
    path = str(capture_path(name))
    expected = list(netinfo_scapy.messages(path, learn="once"))
    sniffed = [packet for packet in sniff(offline=path, session=RPCSession, quiet=True) if RPC in packet]
    assert [packet[RPC].xid for packet in sniffed] == [each["xid"] for each in expected]
    assert [message_name(packet[RPC]) for packet in sniffed] == [each["name"] or "(call not seen)" for each in expected]
    for packet, each in zip(sniffed, expected, strict=True):
        assert list(packet[RPC].anomalies) == each["anomalies"]
        decoded = isinstance(packet[RPC].payload, XDRPacket)
        assert (
            decoded == (each["call_frame"] is not None or each["type"] == "call") or each["accept_status"] != "SUCCESS"
        )


def test_a_session_reads_tcp_in_any_cut() -> None:
    for size in (1, 3, 4, 7, 30, 500):
        talk = Talk()
        connection = talk.tcp()
        connection.call(CALL, *range(size, len(CALL), size))
        connection.reply(REPLY, *range(size, len(REPLY), size))
        connection.close()
        sniffed = sniff(offline=packets_of(talk), session=RPCSession, quiet=True)
        messages = [packet for packet in sniffed if RPC in packet]
        assert [type(packet[RPC].payload) for packet in messages] == [NI_LOOKUP_Call, NI_LOOKUP_Reply]
        assert messages[1][NI_LOOKUP_Reply].ids == [3, 4]
        assert messages[1][IP].src == SERVER.ip
        assert len(sniffed) - 2 == sum(not len(packet[TCP].payload) for packet in packets_of(talk))


def test_two_records_in_a_segment_and_a_part_of_a_third() -> None:
    """Where Scapy's TCPSession makes one up (scapy-notes.md)."""
    first, second, third = (bytes(RPCRecord() / RPC(xid=xid) / NI_ROOT_Call()) for xid in (1, 2, 3))
    talk = Talk()
    connection = talk.tcp()
    connection.call(first + second + third[:20])
    connection.call(third[20:])
    sniffed = sniff(offline=packets_of(talk), session=RPCSession, quiet=True)
    assert [packet[RPC].xid for packet in sniffed if RPC in packet] == [1, 2, 3]


def test_a_hole_is_not_filled() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(CALL, 30, lost=[0])
    connection.reply(REPLY)
    connection.close()
    listed = netinfo(packets_of(talk))
    assert [packet[RPC].anomalies for packet in listed if RPC in packet] == [("reply-without-call",)]
    assert listed[-1][Raw].load


def _unfinished(calls: int) -> Talk:
    """A hole before the last call of a connection, and connections without an end, the last call of each unanswered."""
    talk = Talk()
    for number in range(calls):
        connection = talk.tcp(client=CLIENT._replace(port=20_000 + number))
        connection.call(CALL)
        connection.reply(REPLY)
        connection.call(CALL, 50, lost=[0])
        connection.call(CALL)
    return talk


def test_the_end_of_a_capture_gives_what_is_left(tmp_path: Path) -> None:
    path = str(tmp_path / "one.pcap")
    wrpcap(path, packets_of(_unfinished(2)))
    expected = [(each["xid"], each["type"], each["anomalies"]) for each in netinfo_scapy.messages(path, learn="once")]
    session = RPCSession()
    for _ in range(2):  # what one capture leaves behind does not show in the next
        sniffed = [packet[RPC] for packet in sniff(offline=path, session=session, quiet=True) if RPC in packet]
        types = ["reply" if each.type else "call" for each in sniffed]
        assert [(each.xid, kind, list(each.anomalies)) for each, kind in zip(sniffed, types, strict=True)] == expected
    assert len(expected) == 6


def test_of_several_captures_only_the_last_one_is_the_end(tmp_path: Path) -> None:
    """One connection in two files, the first of them the shorter."""
    packets = packets_of(_unfinished(1))
    shorter, longer = str(tmp_path / "a.pcap"), str(tmp_path / "b.pcap")
    wrpcap(shorter, packets[:1])
    wrpcap(longer, packets[1:])
    sniffed = sniff(offline=[shorter, longer], session=RPCSession, quiet=True)
    assert [packet[RPC].type for packet in sniffed if RPC in packet] == [0, 1, 0]


def test_a_session_that_has_ended_holds_nothing() -> None:
    packets = packets_of(_unfinished(100))

    def sniffed() -> int:
        session = RPCSession()
        for packet in packets:
            list(session.feed(packet))
        del session
        gc.collect()
        return sys.getallocatedblocks()

    sniffed()
    before = sniffed()
    assert max(sniffed(), sniffed()) - before < 2_000


def test_scapys_own_reassembly_works_with_records() -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(CALL + CALL, 30, 100)
    sniffed = sniff(offline=packets_of(talk), session=TCPSession, quiet=True)
    assert sum(NI_LOOKUP_Call in packet for packet in sniffed) >= 1


def test_a_session_stacks_on_another() -> None:
    talk = Talk()
    talk.ask(bytes(RPC(xid=1) / NI_PING_Call()), bytes(RPC(xid=1, type=1) / NI_PING_Reply()))
    sniffed = sniff(offline=packets_of(talk), session=RPCSession(supersession=TCPSession()), quiet=True)
    assert [type(packet[RPC].payload) for packet in sniffed] == [NI_PING_Call, NI_PING_Reply]


def test_what_is_no_rpc_passes() -> None:
    other = Ether() / IP(dst="192.0.2.1") / UDP(sport=5000, dport=53) / Raw(b"hello")
    tcp = Ether() / IP(dst="192.0.2.1") / TCP(sport=5000, dport=80, flags="PA") / Raw(b"GET /")
    sniffed = sniff(offline=PacketList([other, tcp]), session=RPCSession, quiet=True)
    assert len(sniffed) == 2


def test_process_gives_one_message_after_the_other() -> None:
    session = RPCSession()
    call = IP(dst="192.0.2.1") / UDP() / RPC(xid=3) / NI_ROOT_Call()
    reply = (
        IP(src="192.0.2.1", dst=call[IP].src) / UDP(sport=961, dport=49161) / RPC(xid=3, type=1) / NI_ROOT_Reply(id=5)
    )
    assert NI_ROOT_Call in session.process(IP(bytes(call)))
    assert session.process(IP(bytes(reply)))[NI_ROOT_Reply].id.object == 5


def test_netinfo_pairs_and_counts(tmp_path: Path) -> None:
    listed = netinfo(rdpcap(str(capture_path("10-rparent-bind"))))
    truth = list(netinfo_scapy.messages(str(capture_path("10-rparent-bind"))))
    exchanges = listed.exchanges()
    answered = [each for each in exchanges if each.call is not None and each.reply is not None]
    calls = [each for each in truth if each["type"] == "call" and not each["retransmission"]]
    firsts = [each for each in truth if each["call_frame"] and "duplicate-reply" not in each["anomalies"]]
    assert len(exchanges) == len(calls)
    assert len(answered) == len(firsts)
    assert sum(each.retransmissions for each in exchanges) == sum(each["retransmission"] for each in truth)
    assert sorted(round(each.rtt, 6) for each in answered) == sorted(round(each["rtt_seconds"], 6) for each in firsts)
    said = netinfo_scapy.analyze(str(capture_path("10-rparent-bind")))["conversations"]
    mine = {(c.client, c.server, c.port, c.transport, c.program): (c.calls, c.replies) for c in listed.conversations()}
    assert mine == {
        (c["client_ip"], c["server_ip"], c["server_port"], c["transport"], c["program_name"]): (
            c["calls"],
            c["replies"],
        )
        for c in said
    }
    assert "NetInfo.READ" in repr(exchanges)
    assert "&lt;" not in exchanges._repr_html_() or "<pre>" in exchanges._repr_html_()
    assert isinstance(listed[:10], NetInfoList)
    assert listed.filter(lambda packet: TCP in packet).exchanges()
    wrpcap(str(tmp_path / "again.pcap"), listed)
    assert len(netinfo(rdpcap(str(tmp_path / "again.pcap")))) == len(listed)


def test_html_is_escaped() -> None:
    call = IP(dst="192.0.2.1") / UDP() / RPC() / NI_LOOKUP_Call(key="<script>alert(1)</script>")
    assert "<script>" not in netinfo([IP(bytes(call))])._repr_html_()


def test_plot_draws_every_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    listed = netinfo(rdpcap(str(capture_path("04-auth"))))
    figure = listed.plot()
    axes = figure.axes[0]
    assert sum(len(each.get_offsets()) for each in axes.collections) == len(
        [each for each in listed.exchanges() if each.call is not None]
    )
    figure.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 5_000


def test_a_reply_keeps_its_call_when_pickled() -> None:
    call = RPC(xid=4) / NI_LOOKUP_Call()
    reply = RPC(bytes(RPC(xid=4, type=1) / NI_LOOKUP_Reply(ids=[1])), call=call)
    again = pickle.loads(pickle.dumps(reply))
    assert again[NI_LOOKUP_Reply].ids == [1]
    assert again.call.xid == 4
    assert again.copy().call is again.call


def test_a_further_port() -> None:
    packet = bytes(IP(dst="192.0.2.1") / UDP(sport=49161, dport=1033) / RPC() / NI_PING_Call())
    assert RPC not in IP(packet)
    bind_rpc_port(1033)
    try:
        assert NI_PING_Call in IP(packet)
    finally:
        unbind_rpc_port(1033)
    assert RPC not in IP(packet)
    with pytest.raises(ValueError, match="70000"):
        bind_rpc_port(70000)


def test_several_records_in_a_segment() -> None:
    records = [RPCRecord() / RPC(xid=1) / NI_PING_Call(), RPCRecord.cut(RPC(xid=2) / NI_ROOT_Call(), 8)]
    packet = IP(dst="192.0.2.1") / TCP() / RPCRecords(records=records)
    stacked = IP(dst="192.0.2.1") / TCP() / records[0] / records[1]
    assert bytes(stacked) == bytes(packet)
    read = IP(bytes(packet))
    assert [each.xid for each in (read[RPC], read.getlayer(RPC, 2))] == [1, 2]
    assert [len(record.marks or [0]) for record in read[RPCRecords].records] == [1, 5]
    assert bytes(read) == bytes(packet)


def test_segments_cut_anywhere_keep_their_bytes() -> None:
    stream = CALL + REPLY
    for start in range(len(stream)):
        for end in range(start + 1, len(stream), 3):
            assert bytes(RPCRecord(stream[start:end])) == stream[start:end]


def test_many_records_in_a_segment_are_no_deep_nest() -> None:
    data = bytes(RPCRecord() / RPC() / NI_PING_Call()) * 1400
    assert len(RPCRecord(data).records) == 1400


@pytest.mark.parametrize("marks", [[0x80000FFF], [4, 0x80000024], [0, 0x80000028], [0x80000004], [40], [0x7FFFFFFF]])
def test_marks_can_be_wrong(marks: list[int]) -> None:
    data = bytes(RPCRecord(marks=marks) / RPC() / NI_PING_Call())
    assert len(data) == 40 + 4 * len(marks)
    assert int.from_bytes(data[:4], "big") == marks[0]
    assert bytes(RPCRecord(data)) == data


def test_of_an_incomplete_record_only_the_header_is_read() -> None:
    """Even where what is there would hold the arguments."""
    packet = RPCRecord(bytes(RPCRecord(marks=[0x80000100]) / RPC(xid=8) / NI_LOOKUP_Call(key="name")))
    assert packet[RPC].xid == 8
    assert NI_LOOKUP_Call not in packet
    assert packet[RPC].anomalies == ("incomplete-record",)


def test_zeros_are_no_record() -> None:
    assert isinstance(RPCRecord(bytes(64)), Raw)


@pytest.mark.parametrize("name", ["02-ni-read-tcp", "04-auth", "06-tools", "11-clone"])
def test_a_list_that_is_saved_reads_as_a_stream(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / "saved.pcap")
    wrpcap(path, netinfo(str(capture_path(name))))
    mine, original = analyze(path)["totals"], netinfo_scapy.analyze(str(capture_path(name)))["totals"]
    assert {key for key in mine if mine[key] != original[key]} <= {"frames", "bytes"}


def test_a_hole_stays_one_in_a_list_that_is_saved(tmp_path: Path) -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(CALL * 3, len(CALL) + 40, 2 * len(CALL), lost=[1])
    connection.reply(REPLY)
    connection.close()
    original, path = analyze(packets_of(talk))["totals"], str(tmp_path / "saved.pcap")
    wrpcap(path, netinfo(packets_of(talk)))
    mine = analyze(path)["totals"]
    assert original["incomplete_records"] == 1
    assert {key for key in mine if mine[key] != original[key]} <= {"frames", "bytes", "missed_bytes"}


def test_a_message_longer_than_an_ip_packet() -> None:
    listed = netinfo(str(capture_path("07-large-tcp")))
    longest = max(listed, key=lambda packet: len(packet[RPC]))
    assert len(bytes(longest)) > 100_000
    assert longest[IP].len == 0


def test_wireshark_gets_the_packets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown = tmp_path / "shown.pcap"
    program = tmp_path / "wireshark"
    program.write_text(f"#!/bin/sh\ncat > {shown}.part && mv {shown}.part {shown}\n")
    program.chmod(0o755)
    monkeypatch.setattr(conf.prog, "wireshark", str(program))
    listed = netinfo(str(capture_path("02-ni-read-tcp")))
    wireshark(listed)
    deadline = time.monotonic() + 20
    while not shown.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [bytes(packet) for packet in rdpcap(str(shown))] == [bytes(packet) for packet in listed]


def test_a_port_unreachable_answers_a_call_however_little_it_quotes() -> None:
    call = IP(src="192.0.2.1", dst="192.0.2.2") / UDP() / RPC(xid=7) / NI_PING_Call()
    for quoted in (28, 40, len(call)):
        error = IP(bytes(IP(src="192.0.2.2", dst="192.0.2.1") / ICMP(type=3, code=3) / Raw(bytes(call)[:quoted])))
        assert error.answers(IP(bytes(call)))
        assert error.hashret() == IP(bytes(call)).hashret()


@pytest.mark.parametrize(
    "credential",
    [RPCSEC_GSS(length=9999), RPC_Auth(flavor=6, body=XDRBytes(b"x", length=99)), RawVal(b"\0\0")],
    ids=["length", "body", "raw"],
)
def test_a_reply_answers_a_call_that_was_made_malformed(credential: object) -> None:
    reply = RPC(bytes(RPC(xid=1, type=1) / NI_ROOT_Reply(id=3)))
    assert reply.answers(RPC(xid=1, credential=credential) / NI_ROOT_Call())


def test_what_is_no_message_is_pickled_too() -> None:
    assert bytes(pickle.loads(pickle.dumps(RPC(type=2)))) == bytes(RPC(type=2))


def test_exchanges_tell_when_and_who() -> None:
    text = repr(netinfo(str(capture_path("04-auth"))).exchanges()[:3])
    assert text.splitlines()[0].split() == ["time", "client", "server", "xid", "call", "reply", "again", "rtt"]
    assert "127.0.0.1" in text
