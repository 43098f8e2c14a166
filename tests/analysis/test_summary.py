"""The summary against the ground truth: counted again, from the truth's lines alone."""

from __future__ import annotations

import io
import json
import subprocess
from collections import Counter
from typing import Any

import pytest

import netinfo_scapy
from tests.support import rpc
from tests.support.captures import NAMES, capture_path, pcap_bytes, truth_path
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.ground_truth import expected_messages


def status(message: dict[str, Any]) -> str:
    return message["status"] or message["accept_status"] or message["reject_status"]


def key(message: dict[str, Any]) -> tuple[object, ...]:
    call = message["type"] == "call"
    client, server = ("src", "dst") if call else ("dst", "src")
    return (
        message[f"{client}_ip"],
        message[f"{server}_ip"],
        message[f"{server}_port"],
        message["transport"],
        message["program"],
    )


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_those_of_the_truth(name: str) -> None:
    truth: list[dict[str, Any]] = [dict(message) for message in expected_messages(name)]
    summary = netinfo_scapy.analyze(capture_path(name))
    calls = [message for message in truth if message["type"] == "call"]
    replies = [message for message in truth if message["type"] == "reply"]
    totals = summary["totals"]
    assert (totals["calls"], totals["replies"]) == (len(calls), len(replies))
    assert totals["replies_without_call"] == totals["evicted"] == totals["missed_bytes"] == 0
    assert {each: row["calls"] for each, row in summary["procedures"].items()} == Counter(m["name"] for m in calls)
    statuses: Counter[str] = Counter()
    for row in summary["procedures"].values():
        statuses.update(row["statuses"])
    assert statuses == Counter(status(message) for message in replies)
    found = {
        (row["client_ip"], row["server_ip"], row["server_port"], row["transport"], row["program"]): row["calls"]
        for row in summary["conversations"]
    }
    assert found == Counter(key(message) for message in calls)
    uids = {message["credential"]["uid"] for message in calls if message["credential"]["flavor"] == "AUTH_SYS"}
    assert {uid for row in summary["conversations"] for uid in row["users"]} == uids


@pytest.mark.parametrize("name", NAMES)
def test_unanswered_calls_are_counted_once_for_all_their_transmissions(name: str) -> None:
    messages = list(netinfo_scapy.messages(capture_path(name)))
    answered = {(m["dst_ip"], m["dst_port"], m["transport"], m["xid"]) for m in messages if m["type"] == "reply"}
    asked = {(m["src_ip"], m["src_port"], m["transport"], m["xid"]) for m in messages if m["type"] == "call"}
    totals = netinfo_scapy.analyze(capture_path(name))["totals"]
    assert totals["calls_without_reply"] == len(asked - answered)
    assert totals["retransmissions"] == totals["calls"] - len(asked)


def test_retransmissions_are_calls_that_detectors_do_not_see() -> None:
    talk = Talk()
    for xid in range(9):
        call, reply = rpc.read(xid, 5), rpc.read_reply(xid, 5)
        for step in "CR", "CCR", "CRC", "CCRC"[: xid % 4 + 1]:
            for each in step:
                talk.udp(*((CLIENT, SERVER, call) if each == "C" else (SERVER, CLIENT, reply)))
    sent = Counter(frame.data[42:46] for frame in talk.frames if frame.data[36:38] == b"\x03\xc1")
    calls, xids = sum(sent.values()), len(sent)
    summary = netinfo_scapy.analyze(io.BytesIO(pcap_bytes(talk.frames)))
    totals = summary["totals"]
    assert (totals["calls"], totals["retransmissions"]) == (calls, calls - xids)
    assert totals["calls_without_reply"] == 0
    assert summary["procedures"]["NetInfo.READ"]["calls"] == summary["conversations"][0]["calls"] == calls
    assert sum(each["calls"] for each in summary["timeline"]["bins"]) == calls


def test_response_times_are_those_of_the_replies() -> None:
    times = sorted(
        m["rtt_seconds"]
        for m in netinfo_scapy.messages(capture_path("06-tools"))
        if m["name"] == "NetInfo.READ" and m["type"] == "reply"
    )
    row = netinfo_scapy.analyze(capture_path("06-tools"))["procedures"]["NetInfo.READ"]["rtt_seconds"]
    assert (row["count"], row["min"], row["max"]) == (len(times), times[0], times[-1])
    assert row["median"] == pytest.approx(times[(len(times) - 1) // 2], rel=0.01)
    assert row["p95"] == pytest.approx(times[-(-len(times) * 95 // 100) - 1], rel=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_domains_are_those_nibind_named(name: str) -> None:
    """What the truth's accepted GETREGISTER and LISTREG answers say."""
    tags: set[str] = set()
    asked: dict[object, str] = {}
    for line in map(json.loads, truth_path(name).read_text().splitlines()):
        if line.get("name") == "NIBIND.GETREGISTER" and line["type"] == "call":
            asked[line["src"], line["xid"]] = line["args"]
        elif line.get("name") == "NIBIND.GETREGISTER" and line["result"]["status"] == 0:
            tags.add(asked[line["dst"], line["xid"]])
        elif line.get("name") == "NIBIND.LISTREG" and line["type"] == "reply" and line.get("result"):
            tags |= {each["tag"] for each in line["result"]["regs"]}
    domains = netinfo_scapy.analyze(capture_path(name))["domains"]
    assert {each["tag"] for each in domains} == tags
    assert {each["server_ip"] for each in domains} <= {"127.0.0.1"}


@pytest.mark.parametrize("name", NAMES)
def test_connections_are_those_that_tshark_sees(name: str, tshark: str) -> None:
    """By tshark's streams: a SYN, its answer, the server's bytes, and who ended it."""
    fields = [
        "tcp.stream",
        "tcp.dstport",
        "tcp.flags.syn",
        "tcp.flags.ack",
        "tcp.flags.reset",
        "tcp.flags.fin",
        "tcp.len",
    ]
    chosen = [word for field in fields for word in ("-e", field)]
    command = [tshark, "-r", str(capture_path(name)), "-Y", "tcp", "-T", "fields", *chosen]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    streams: dict[str, dict[str, Any]] = {}
    for line in lines:
        number, port, syn, ack, reset, fin, length = (
            value not in ("False", "0") and value for value in line.split("\t")
        )
        stream = streams.setdefault(
            str(number), {"server": None, "accepted": False, "bytes": 0, "reset": False, "ended": False}
        )
        if syn and not ack:
            stream["server"] = port
        stream["accepted"] |= bool(syn and ack)
        stream["reset"] |= bool(reset)
        stream["ended"] |= bool(fin or reset)
        if port != stream["server"]:
            stream["bytes"] += int(length or 0)
    opened = [stream for stream in streams.values() if stream["server"]]
    found = netinfo_scapy.analyze(capture_path(name))["connections"]
    assert found == {
        "attempted": len(opened),
        "refused": sum(stream["reset"] and not stream["accepted"] for stream in opened),
        "closed_without_a_byte": sum(
            stream["accepted"] and stream["ended"] and not stream["bytes"] for stream in opened
        ),
    }
