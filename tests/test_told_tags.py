"""The tag that a server names in STATISTICS is known wherever tags are told, without any answer of nibind."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from pathlib import Path

import pytest

import netinfo_scapy
from tests.support import rpc
from tests.support.captures import NAMES, Frame, pcap_bytes, recording, truth_path, write_pcap
from tests.support.compare import run_frames
from tests.support.conversation import SERVER, Talk
from tests.support.extraction import assert_extracted
from tests.support.packets import TCP, Address, parse_all

Properties = list[tuple[str, list[str]]]
NETINFOD = SERVER._replace(port=701)
USUAL: Properties = [("checksum", ["343"]), ("server_version", ["208"]), ("tag", ["network", "master", "0"])]


def _truth(name: str) -> dict[str, str]:
    """Endpoint -> the tag that its answers of STATISTICS name, by the recording's truth."""
    told: dict[str, str] = {}
    for line in map(json.loads, truth_path(name).read_text().splitlines()):
        if line.get("name") == "NI.STATISTICS" and line["type"] == "reply" and line["result"]:
            for each in line["result"]:
                if each["nip_name"] == "tag":
                    assert told.setdefault(line["src"], each["nip_val"][0]) == each["nip_val"][0]
    return told


def _with_tcp_of(name: str, endpoints: set[str]) -> list[Frame]:
    """The recording less all but the connections to some endpoints; nibind and portmap among what is gone."""
    return [
        frame
        for frame, packet in zip(recording(name), parse_all(recording(name)), strict=True)
        if packet is not None
        and packet.protocol == TCP
        and endpoints & {f"{end.ip}:{end.port}" for end in (packet.source, packet.target)}
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if _truth(name)])
def test_recorded_servers(name: str) -> None:
    truth = _truth(name)
    frames = _with_tcp_of(name, set(truth))
    summary = netinfo_scapy.analyze(io.BytesIO(pcap_bytes(frames)))
    assert not any(each["name"] in ("nibind.GETREGISTER", "nibind.LISTREG") for each in run_frames(frames))
    assert {f"{each['server_ip']}:{each['server_port']}": each["tags"] for each in summary["servers"]} == {
        endpoint: [tag] for endpoint, tag in truth.items()
    }
    for each in summary["conversations"]:
        assert each["tags"] == [truth[f"{each['server_ip']}:{each['server_port']}"]]
    ports = defaultdict(set)
    for endpoint, tag in truth.items():
        address, _, port = endpoint.rpartition(":")
        ports[address, tag].add(int(port))
    told = {(each["server_ip"], each["tag"]): set(each["tcp_ports"]) for each in summary["domains"]}
    assert told == ports


def _asked(talk: Talk, *answers: bytes, server: Address = NETINFOD) -> None:
    connection = talk.tcp(server=server)
    for xid, answer in enumerate(answers, 1):
        connection.call(rpc.record(rpc.statistics(xid)))
        connection.reply(rpc.record(rpc.accepted(xid, answer)))
    connection.close()


def _tags(talk: Talk) -> list[object]:
    (server,) = netinfo_scapy.analyze(io.BytesIO(pcap_bytes(talk.frames)))["servers"]
    return server["tags"]


def test_the_first_tag_of_the_first_property_of_that_name() -> None:
    talk = Talk()
    _asked(talk, rpc.properties([*USUAL, ("tag", ["other"])]))
    assert _tags(talk) == ["network"]


def test_a_server_that_names_another_tag_later_has_both() -> None:
    talk = Talk()
    _asked(talk, rpc.properties(USUAL), rpc.properties([("tag", ["local", "clone"])]))
    assert _tags(talk) == ["local", "network"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        rpc.properties([]),
        rpc.properties([("checksum", ["1"])]),
        rpc.properties([("tag", [])]),
        rpc.properties(USUAL)[:-4],
        rpc.properties([("tag", ["x" * 256])]),
        rpc.properties([*[("x", [])] * 1000, ("tag", ["late"])]),
        rpc.words(0xFFFFFFFF) + rpc.properties(USUAL)[4:],
    ],
    ids=["void", "nothing", "checksum", "no value", "cut", "too long", "late", "count"],
)
def test_what_names_none(answer: bytes) -> None:
    talk = Talk()
    _asked(talk, answer)
    assert _tags(talk) == []


def test_neither_a_refusal_nor_another_procedure_or_version_names_one() -> None:
    talk = Talk()
    connection = talk.tcp(server=NETINFOD)
    for xid, (version, procedure, status) in enumerate([(2, 1, 5), (2, 0, 0), (1, 1, 0), (2, 29, 0)]):
        connection.call(rpc.record(rpc.call(xid, rpc.NETINFO, version, procedure)))
        connection.reply(rpc.record(rpc.accepted(xid, rpc.properties(USUAL), status)))
    assert _tags(talk) == []


def test_a_filter_and_an_extract_by_tag(tmp_path: Path) -> None:
    """What was asked on one connection names the tag for another, and so goes along with it."""
    talk = Talk()
    reads = talk.tcp(client=Address("192.0.2.12", 41000), server=NETINFOD)
    reads.call(rpc.record(rpc.read(7)))
    reads.reply(rpc.record(rpc.read_reply(7)))
    _asked(talk, rpc.properties(USUAL))
    _asked(talk, rpc.properties([("tag", ["local"])]), server=NETINFOD._replace(port=703))
    network = netinfo_scapy.Filter.of(tag=["network"])
    assert [m["xid"] for m in run_frames(talk.frames, wanted=network)] == [7, 7, 1, 1]
    path = write_pcap(tmp_path / "in.pcap", talk.frames)
    kept = assert_extracted(path, tmp_path / "out.pcapng", tag=["network"], procedure=["READ"])
    assert len(kept) < len(talk.frames)
    assert {m["xid"] for m in netinfo_scapy.messages(tmp_path / "out.pcapng", wanted=network)} == {7, 1}
