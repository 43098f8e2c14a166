"""Filters, against the same choice made over all messages by other means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any

import pytest

import netinfo_scapy
from netinfo_scapy.analysis.filters import Filter
from tests.support.captures import RECORDED

TOOLS = RECORDED / "06-tools.pcap"
AUTH = RECORDED / "04-auth.pcap"
Judge = Callable[[dict[str, Any]], bool]


def all_of(path: object) -> list[dict[str, Any]]:
    return list(netinfo_scapy.messages(path))


def nanoseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp()) * 10**9 + int(time[20:-1].ljust(9, "0"))


MIDDLE = all_of(AUTH)[100]["time"]


@pytest.mark.parametrize(
    ("wanted", "judge"),
    [
        (Filter(ports=frozenset({111})), lambda m: 111 in (m["src_port"], m["dst_port"])),
        (Filter(hosts=frozenset({ip_address("127.0.0.1").packed})), lambda m: True),
        (Filter(hosts=frozenset({ip_address("10.0.0.1").packed})), lambda m: False),
        (Filter(procedures=frozenset({"netinfo.writeprop"})), lambda m: m["name"] == "NetInfo.WRITEPROP"),
        (Filter(procedures=frozenset({"ping"})), lambda m: str(m["name"]).endswith(".PING")),
        (Filter(procedures=frozenset({"200100000.2.10"})), lambda m: m["name"] == "NetInfo.LOOKUP"),
        (Filter(since_ns=nanoseconds(MIDDLE)), lambda m: m["time"] >= MIDDLE),
        (Filter(until_ns=nanoseconds(MIDDLE)), lambda m: m["time"] <= MIDDLE),
    ],
)
def test_messages_of_one_kind(wanted: Filter, judge: Judge) -> None:
    assert list(netinfo_scapy.messages(AUTH, wanted=wanted)) == [m for m in all_of(AUTH) if judge(m)]


def test_a_user_is_that_of_the_call_and_its_reply() -> None:
    everything = all_of(AUTH)
    calls = {
        (m["src_port"], m["xid"])
        for m in everything
        if (m["credential"] or {}).get("uid") == 501 and m["type"] == "call"
    }
    wanted = [m for m in everything if (m["src_port" if m["type"] == "call" else "dst_port"], m["xid"]) in calls]
    assert wanted
    assert list(netinfo_scapy.messages(AUTH, wanted=Filter(users=frozenset({501})))) == wanted


@pytest.mark.parametrize("status", ["ni_autherror", "auth_tooweak", "ni_ok"])
def test_a_reply_of_a_status_comes_with_its_call(status: str) -> None:
    for path in (AUTH, RECORDED / "01-nibind-portmap.pcap"):
        chosen = list(netinfo_scapy.messages(path, wanted=Filter(statuses=frozenset({status}))))
        replies = [m for m in chosen if m["type"] == "reply"]
        expected = [m for m in all_of(path) if status.upper() in (m["status"], m["auth_status"])]
        assert replies == expected
        assert {m["frame"] for m in chosen if m["type"] == "call"} == {m["call_frame"] for m in replies}


def test_a_tag_is_that_of_the_endpoint_or_named_to_nibind() -> None:
    path = RECORDED / "01-nibind-portmap.pcap"
    chosen = list(netinfo_scapy.messages(path, wanted=Filter(tags=frozenset({b"network"}))))
    named = [m for m in chosen if m["program"] == 200100001 and m["type"] == "call"]
    assert named
    assert all("network" in str(m["arguments"]) for m in named)
    assert any(m["program"] == 200100000 for m in chosen)
    assert not list(netinfo_scapy.messages(path, wanted=Filter(tags=frozenset({b"nowhere"}))))


def test_analyze_counts_what_messages_shows() -> None:
    wanted = Filter(procedures=frozenset({"read", "lookup"}))
    chosen = list(netinfo_scapy.messages(TOOLS, wanted=wanted))
    summary = netinfo_scapy.analyze(TOOLS, wanted=wanted)
    assert summary["totals"]["messages"] == len(chosen)
    assert set(summary["procedures"]) == {"NetInfo.READ", "NetInfo.LOOKUP"}
