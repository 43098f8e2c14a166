"""Zeek's logs: the header, the rows, and that no text can break them."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from netinfo_scapy.api import open_reading
from netinfo_scapy.capture.message import Message
from netinfo_scapy.report.exports.zeek import Writer
from netinfo_scapy.report.message_object import MessageObject, message_object
from tests.support import rpc
from tests.support.captures import pcap_bytes
from tests.support.conversation import Talk
from tests.support.findings import HOSTILE, finding, summary
from tests.support.zeek import Log, read_log


def items(talk: Talk) -> list[MessageObject]:
    reading = open_reading(io.BytesIO(pcap_bytes(talk.frames)))
    return [message_object(event, reading.captures) for event in reading.events() if isinstance(event, Message)]


def exchange() -> list[MessageObject]:
    talk = Talk()
    credential = rpc.auth_sys("host", 501)
    call = rpc.call(7, rpc.NETINFO, 2, 7, rpc.ni_id(3), credential=credential)
    talk.ask(call, rpc.read_reply(7, props=[("name", ["grace"])]))
    return items(talk)


def written(items: list[MessageObject], *findings: Any) -> dict[str, Log]:
    streams: dict[str, io.BytesIO] = {}
    writer = Writer(lambda name: streams.setdefault(name, io.BytesIO()))
    for item in items:
        writer.message(item, 0)
    writer.finish(summary(*findings))
    return {name: read_log(stream.getvalue()) for name, stream in streams.items()}


def test_the_header_names_and_types_the_columns() -> None:
    for name, log in written([]).items():
        assert log.header["path"] == [name.removesuffix(".log")]
        assert (log.header["set_separator"], log.header["empty_field"], log.header["unset_field"]) == (
            [","],
            ["(empty)"],
            ["-"],
        )
        assert len(log.header["fields"]) == len(log.header["types"]) == len(set(log.header["fields"]))
        assert {"open", "close"} <= log.header.keys()


def test_a_call_and_its_reply() -> None:
    call, reply = written(exchange())["netinfo.log"].rows
    same = ("uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "community_id", "xid", "name")
    assert {name: call[name] for name in same} == {name: reply[name] for name in same}
    assert (call["id.orig_h"], call["id.orig_p"], call["id.resp_h"], call["id.resp_p"]) == (
        "192.0.2.10",
        "40000",
        "192.0.2.20",
        "961",
    )
    assert (call["is_orig"], reply["is_orig"], call["name"], reply["status"]) == ("T", "F", "NetInfo.READ", "NI_OK")
    assert (call["status"], call["rtt"], call["anomalies"]) == ("-", "-", "(empty)")
    assert (reply["rtt"], reply["call_frame"]) == ("0.001000000", "1")
    assert (call["ts"], reply["ts"]) == ("1700000000.000000000", "1700000000.001000000")
    assert (call["user"], call["machinename"], call["password_present"]) == ("501", "host", "F")
    assert call["arguments"] == '{"id":{"object":3,"instance":0}}'


def test_a_finding() -> None:
    (row,) = written([], finding())["netinfo_findings.log"].rows
    assert (row["ts"], row["finding"], row["severity"]) == ("1051790400.000001", "made-up", "high")
    assert (row["clients"], row["frames"]) == ("192.0.2.10,2001:db8::1", "7,9")


@given(st.one_of(st.just(HOSTILE), st.text()))
def test_no_text_breaks_a_row_or_runs_in_a_spreadsheet(text: str) -> None:
    call = structs.replace(exchange()[0], capture=text, name=text, anomalies=[text, text])
    logs = written([call], finding(title=text, users=[text, {"hex": "ff00"}]))
    (row,), (found,) = logs["netinfo.log"].rows, logs["netinfo_findings.log"].rows
    for value in (row["name"], row["capture"], found["title"]):
        assert value.isascii()
        assert value.isprintable()
        assert value[0] not in "=+-@" or value == "-"
        assert _read(value) == ("" if value == "(empty)" else text)
    for value in (row["anomalies"], found["users"]):
        assert len(value.split(",")) == 2


def _read(value: str) -> str:
    if value == "(empty)":
        return ""
    data, at = bytearray(), 0
    while at < len(value):
        if value[at] == "\\":
            data.append(int(value[at + 2 : at + 4], 16))
            at += 4
        else:
            data.append(ord(value[at]))
            at += 1
    return data.decode()
