"""Events: their envelope, their schema, and what is in them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import netinfo_scapy
from netinfo_scapy.report.exports.eve import Writer
from tests.report.exports.test_zeek import exchange
from tests.support.captures import RECORDED
from tests.support.findings import HOSTILE, finding, summary

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "docs/schema/event.json").read_text())


def written(items: list[Any], *findings: Any) -> list[dict[str, Any]]:
    stream = io.BytesIO()
    writer = Writer(lambda _name: stream)
    for item in items:
        writer.message(item, 0)
    writer.finish(summary(*findings))
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_call_and_its_reply() -> None:
    call, reply, stats = written(exchange())
    assert (call["event_type"], call["timestamp"]) == ("netinfo", "2023-11-14T22:13:20.000000000Z")
    assert (call["src_ip"], call["src_port"], call["dest_ip"], call["dest_port"], call["proto"]) == (
        "192.0.2.10",
        40000,
        "192.0.2.20",
        961,
        "UDP",
    )
    assert (reply["src_ip"], reply["dest_port"], reply["pcap_cnt"]) == ("192.0.2.20", 40000, 2)
    assert call["flow_id"] == reply["flow_id"]
    assert reply["netinfo"]["result"]["props"] == [{"name": "name", "values": ["grace"]}]
    assert stats["event_type"] == "stats"


def test_what_an_event_says_is_what_messages_says() -> None:
    source = RECORDED / "02-ni-read-tcp.pcap"
    reading = netinfo_scapy.api.open_reading(source)
    from netinfo_scapy.capture.message import Message
    from netinfo_scapy.report.message_object import message_object

    items = [message_object(event, reading.captures) for event in reading.events() if isinstance(event, Message)]
    events = written(items)[:-1]
    renamed = {"capture": "pcap_filename", "frame": "pcap_cnt", "time": "timestamp", "dst_ip": "dest_ip"}
    renamed |= {"dst_port": "dest_port", "src_ip": "src_ip", "src_port": "src_port", "community_id": "community_id"}
    for event, message in zip(events, netinfo_scapy.messages(source), strict=True):
        assert event["proto"] == message.pop("transport").upper()
        found = {key: event[renamed[key]] if key in renamed else event["netinfo"][key] for key in message}
        assert found == message
        assert len(event["netinfo"]) + len(renamed) == len(message)


def test_a_finding() -> None:
    event, stats = written([], finding(title=HOSTILE))
    assert (event["event_type"], event["pcap_cnt"], event["src_ip"]) == ("netinfo_finding", 7, "192.0.2.10")
    assert event["finding"]["title"] == HOSTILE
    assert stats["stats"]["findings"] == 1


@pytest.mark.parametrize("findings", [(), (finding(), finding(frames=[], clients=[], servers=[], first_time=None))])
def test_events_keep_to_the_schema(findings: tuple[Any, ...]) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for event in written(exchange(), *findings):
        validator.validate(event)
