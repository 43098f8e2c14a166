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
        (Filter.of(procedure=["PING"]), lambda m: str(m["name"]).endswith(".PING")),
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
    assert {m["name"] for m in named if "network" not in str(m["arguments"])} == {"nibind.LISTREG"}
    assert any(m["program"] == 200100000 for m in chosen)
    assert not list(netinfo_scapy.messages(path, wanted=Filter(tags=frozenset({b"nowhere"}))))


def test_analyze_counts_what_messages_shows() -> None:
    wanted = Filter(procedures=frozenset({"read", "lookup"}))
    chosen = list(netinfo_scapy.messages(TOOLS, wanted=wanted))
    summary = netinfo_scapy.analyze(TOOLS, wanted=wanted)
    assert summary["totals"]["messages"] == len(chosen)
    assert set(summary["procedures"]) == {"NetInfo.READ", "NetInfo.LOOKUP"}


@pytest.mark.parametrize("tag", [b"dummy", b"local", b"network", b"tmpclone"])
def test_a_tag_separates_no_call_from_its_reply(tag: bytes) -> None:
    path = RECORDED / "01-nibind-portmap.pcap"
    everything = {m["frame"]: m for m in all_of(path)}
    answers = {m["call_frame"]: frame for frame, m in everything.items() if m["type"] == "reply"}
    chosen = {m["frame"] for m in netinfo_scapy.messages(path, wanted=Filter(tags=frozenset({tag})))}
    assert chosen
    assert all(answers.get(frame, frame) in chosen for frame in chosen)
    assert all(everything[frame]["call_frame"] in chosen for frame in chosen if everything[frame]["type"] == "reply")


def test_ok_is_what_succeeded() -> None:
    chosen = [m for m in netinfo_scapy.messages(AUTH, wanted=Filter.of(status=["ok"])) if m["type"] == "reply"]
    expected = [
        m
        for m in all_of(AUTH)
        if m["type"] == "reply"
        and (m["status"] == "NI_OK" or (m["status"] is None and m["accept_status"] == "SUCCESS"))
    ]
    assert chosen == expected


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"status": ["NI_PREM"]}, "did you mean NI_PERM"),
        ({"procedure": ["REED"]}, "did you mean"),
        ({"procedure": ["READ,WRITE"]}, "READ,WRITE"),
        ({"port": [0]}, "1 to 65535"),
        ({"user": ["root"]}, "number"),
        ({"host": ["vm"]}, "10.0.0.1"),
        ({"net": ["10/40"]}, "10.0.0.0/8"),
        ({"since": "yesterday"}, "2003-05-01"),
        ({"since": "2003-05-02", "until": "2003-05-01"}, "after"),
    ],
)
def test_a_value_that_can_match_nothing_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Filter.of(**given)


@pytest.mark.parametrize("name", ["NI_57", "auth_99", "NetInfo.PROC_29", "nibind", "200100002.2.7"])
def test_unknown_numbers_can_be_asked_for(name: str) -> None:
    Filter.of(**{"status" if "_" in name and "." not in name else "procedure": [name]})


def test_a_date_alone_means_all_of_that_day() -> None:
    day = Filter.of(since="2003-05-01", until="2003-05-01")
    assert day.since_ns is not None
    assert day.until_ns == day.since_ns + 86_400 * 10**9 - 1
