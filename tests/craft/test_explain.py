"""Where fields lie: as the makers of the captures noted it, who knew before there were any frames."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from netinfo_scapy.api import open_reading
from netinfo_scapy.craft.cases.table import CASES
from netinfo_scapy.craft.engines.engine import Checksums
from netinfo_scapy.craft.engines.suricata import Suricata
from netinfo_scapy.craft.explain import Explained, explain
from netinfo_scapy.craft.label import read_label
from netinfo_scapy.craft.scenario import Scenario, password
from netinfo_scapy.craft.transforms import make_transform
from netinfo_scapy.craft.truth import Expected
from tests.cli.test_commands import run
from tests.support.captures import CRAFTED, RECORDED

CORPUS = CRAFTED.parent / "ids"


def places(found: list[Explained], what: set[str]) -> Iterator[tuple[object, ...]]:
    for each in found:
        for place in each.places:
            if place.what in what:
                pieces = [(piece.frame, piece.packet, piece.stream, piece.length) for piece in place.pieces]
                if not place.data:  # an empty string: nothing to look for
                    continue
                yield each.message.record.at.number, each.message.is_call, place.what, pieces


def noted(messages: list[Expected]) -> Iterator[tuple[object, ...]]:
    for each in messages:
        if each.name is None or "incomplete-record" in each.anomalies:  # of these no reader knows the types
            continue
        for offset in each.offsets:
            pieces = [(piece.frame, piece.packet, piece.stream, piece.length) for piece in offset.pieces]
            yield each.frame, each.type == "call", offset.what, pieces


def agrees(path: Path, messages: list[Expected], ports: list[int]) -> None:
    found = explain(open_reading(str(path), netinfo_ports=ports), None)
    wanted = list(noted(messages))
    whats = {str(each[2]) for each in wanted}
    assert sorted(places(found, whats), key=str) == sorted(wanted, key=str), path


@pytest.mark.parametrize("name", [case.name for case in CASES if "ambiguous" not in case.name])
def test_the_corpus(name: str) -> None:
    label = read_label(CORPUS / name / "case.yaml")
    agrees(CORPUS / name / f"{name}.pcap", label.messages, label.ports)


@pytest.mark.parametrize(
    "transforms",
    [
        [],
        [("record-fragments", {"sizes": [14, 0, 5]})],
        [("segments", {"sizes": [7]}), ("out-of-order", {})],
        [("record-fragments", {"sizes": [40]}), ("segments", {"sizes": [18]}), ("retransmission", {})],
        [("pipelining", {"count": 3})],
        [("ip-fragments", {"sizes": [24]})],
        [("port", {"port": 1033}), ("chaff-checksum", {})],
        [("no-handshake", {})],
    ],
    ids=lambda value: "+".join(name for name, _ in value) or "plain",
)
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_transforms(tmp_path: Path, transport: str, transforms: list[tuple[str, dict[str, object]]]) -> None:
    scenario = Scenario(961)
    client, server = scenario.host("192.0.2.10"), scenario.host("192.0.2.1")
    talk = scenario.tcp(client, server) if transport == "tcp" else scenario.udp(client, server)
    props = {"name": ["users", "people"], "note": [], "passwd": "ab3hZ1bMpFb9k"}
    talk.ask("NetInfo.CREATE", credential=password("secret", uid=0), parent=(13, 7), props=props).reply("NI_PERM")
    talk.ask("NetInfo.LISTALL", id=13).reply(self_id=(13, 7), entries=[props, {"name": "x" * 90}, {}])
    for name, parameters in transforms:
        scenario.transform(make_transform(name, **parameters))
    made = scenario.make()
    made.write(tmp_path / "a.pcap")
    agrees(tmp_path / "a.pcap", made.messages, made.ports)


def test_pieces_hold_the_bytes_in_the_frames() -> None:
    """In real captures, too: what is said to lie there does."""
    for name in ("02-ni-read-tcp", "04-auth", "07-large-tcp", "10-rparent-bind"):
        reading = open_reading(str(RECORDED / f"{name}.pcap"))
        found = explain(reading, None)
        frames = [bytes(frame.data) for frame in reading.captures[0].frames()]
        assert len(found) == len([each for each in found if each.places])
        for each in found:
            for place in each.places:
                there = b"".join(frames[p.frame - 1][p.packet : p.packet + p.length] for p in place.pieces)
                assert there == place.data


def test_a_frame_and_what_is_hidden() -> None:
    path = RECORDED / "04-auth.pcap"
    words = ("ids", "explain", path, "--format", "json")
    whole = json.loads(run(*words).stdout)["messages"]
    with_password = next(each for each in whole if any(place["hex"] is None for place in each["places"]))
    frame = with_password["frame"]
    assert json.loads(run(*words[:3], str(frame), *words[3:]).stdout)["messages"] == [with_password]
    text = run("ids", "explain", path, frame, COLUMNS="250")
    assert "hidden; --reveal shows it" in text.stdout
    revealed = json.loads(run(*words[:3], str(frame), *words[3:], "--reveal").stdout)["messages"][0]
    secret = next(each for each in revealed["places"] if each["what"] == "credential.machinename")
    assert bytes(byte ^ 0xFF for byte in bytes.fromhex(secret["hex"])).isascii()


def test_numbers_and_counts_have_places(tmp_path: Path) -> None:
    """Offsets by RFC 4506: a word each, strings with their length and padding."""
    scenario = Scenario(961)
    talk = scenario.tcp(scenario.host("192.0.2.10"), scenario.host("192.0.2.1"))
    talk.ask("NetInfo.WRITEPROP", id=(13, 7), prop_index=5, values=["a", "bc"]).reply(id=(13, 8))
    scenario.write(tmp_path / "a.pcap")
    call, reply = explain(open_reading(str(tmp_path / "a.pcap")), None)
    assert {p.what: (p.pieces[0].stream, int.from_bytes(p.data)) for p in call.places if len(p.data) == 4}.items() >= {
        "arguments.id.object": (44, 13),
        "arguments.id.instance": (48, 7),
        "arguments.prop_index": (52, 5),
        "arguments.values count": (56, 2),
    }.items()
    assert {p.what: p.data for p in reply.places if p.what.startswith("result.")} == {
        "result.status": bytes(4),
        "result.id.object": bytes([0, 0, 0, 13]),
        "result.id.instance": bytes([0, 0, 0, 8]),
    }


def test_suggestions_hold_in_the_stream(tmp_path: Path) -> None:
    """Segments leave what is suggested whole; a record mark within does not, and then none is made."""
    for name, sizes, drafted in (("segments", [5], True), ("record-fragments", [5], False)):
        scenario = Scenario(961)
        talk = scenario.tcp(scenario.host("192.0.2.10"), scenario.host("192.0.2.1"))
        talk.ask("NetInfo.LOOKUP", id=0, key="name", value="printers")
        scenario.transform(name, sizes=sizes)
        scenario.write(tmp_path / "a.pcap")
        (call,) = explain(open_reading(str(tmp_path / "a.pcap")), None)
        assert (len(call.draft.rules), call.draft.why_not is None) == (drafted, drafted)
        assert {(p.rule or "").startswith("content") for p in call.places if p.text} == {drafted}
        assert any("no content holds" in (p.rule or "") for p in call.places) != drafted


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_drafts_alert_where_they_should(suricata: str, tmp_path: Path, transport: str) -> None:
    """The draft for a reply finds it behind its own call, and the same bytes behind another call not."""

    def conversation(name: str, procedure: str, value: str) -> Path:
        scenario = Scenario(961)
        client, server = scenario.host("192.0.2.10"), scenario.host("192.0.2.1")
        talk = scenario.tcp(client, server) if transport == "tcp" else scenario.udp(client, server)
        arguments = {"prop_index": 1} if procedure == "READPROP" else {}
        talk.ask(f"NetInfo.{procedure}", id=7, **arguments).reply(values=[value, "b"])
        scenario.write(tmp_path / f"{name}.pcap")
        return tmp_path / f"{name}.pcap"

    same = conversation("same", "READPROP", "a")
    other_call = conversation("other-call", "LISTPROPS", "a")
    other_reply = conversation("other-reply", "READPROP", "c")
    _, reply = explain(open_reading(str(same)), None)
    assert reply.message.record.data == explain(open_reading(str(other_call)), None)[1].message.record.data
    rules = tmp_path / "draft.rules"
    rules.write_text("\n".join(reply.draft.rules) + "\n")
    found = Suricata().run([same, other_call, other_reply], rules, Checksums.ALL)
    assert [each.sids for each in found] == [{1000002}, frozenset(), frozenset()]


def test_why_there_is_no_draft_for_a_reply(tmp_path: Path) -> None:
    """Its call was not seen, or a record mark cuts what a rule would look for."""
    scenario = Scenario(961)
    talk = scenario.tcp(scenario.host("192.0.2.10"), scenario.host("192.0.2.1"))
    talk.ask("NetInfo.PING").reply()
    scenario.transform("record-fragments", sizes=[5])
    scenario.write(tmp_path / "cut.pcap")
    _, reply = explain(open_reading(str(tmp_path / "cut.pcap")), None)
    assert not reply.draft.rules and "record mark" in str(reply.draft.why_not)
    text = run("ids", "explain", tmp_path / "cut.pcap", COLUMNS="200").stdout
    assert f"No rule to begin with: {reply.draft.why_not}." in text


def test_rules_are_never_wrapped() -> None:
    text = run("ids", "explain", CRAFTED / "netinfo-tcp.pcap", 4, COLUMNS="80").stdout.splitlines()
    (rule,) = (line for line in text if line.startswith("alert "))
    assert rule.endswith("rev:1;)") and len(rule) > 80
