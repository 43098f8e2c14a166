"""Every message of every capture that ships: layers and codec say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scapy.config import conf
from scapy.utils import rdpcap

import netinfo_scapy
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.message import Message
from netinfo_scapy.layers import AUTH_SYS, RPC, RPC_Auth, analyze, netinfo
from netinfo_scapy.layers.structs import XDRPacket
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import CallHeader, ReplyHeader, read_credential
from tests.analysis.looks import placed
from tests.support.captures import NAMES, capture_path

CRAFTED = sorted((Path(__file__).resolve().parents[2] / "pcaps" / "crafted").glob("*.pcap"))
CAPTURES = [*(capture_path(name) for name in NAMES), *CRAFTED]

REBUILT_OTHERWISE = {"optional-flag", "odd-boolean", "odd-octet", "truncated-header"}
"""What is written as it should be when a message that has it is built again."""


@pytest.fixture(autouse=True)
def _strict() -> Any:
    conf.debug_dissector = True
    yield
    conf.debug_dissector = False


def codec_messages(path: Path) -> list[Message]:
    return [event for event in Reading(str(path)).events() if isinstance(event, Message)]


def body(layer: RPC) -> tuple[int | None, Any]:
    """A layer's status and value in the codec's shape."""
    inside = layer.payload
    if not isinstance(inside, XDRPacket):
        return None, None
    value = inside.decoded()
    if layer.type == rpc.CALL or value is None:
        return None, value
    held = value
    if isinstance(value.get("result"), dict):
        held = value["result"]
    status = held.pop("status", None)
    if "result" in value and value["result"] == {}:
        value["result"] = None
    return status, value or None


def same_auth(layer: Any, auth: Any) -> None:
    if auth is None:
        return
    if layer is None:
        assert auth.flavor == 0
        assert not auth.body
        return
    assert layer.flavor == auth.flavor
    if isinstance(layer, RPC_Auth):
        assert bytes(layer.body) == auth.body
    else:
        assert layer.decoded() == read_credential(auth, set())


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_layers_say_what_the_codec_says(path: Path) -> None:
    expected = codec_messages(path)
    packets = netinfo(rdpcap(str(path)))
    assert len(packets) == len(expected)
    passwords = 0
    for packet, message in zip(packets, expected, strict=True):
        if not message.header.whole:
            assert RPC not in packet
            continue
        layer, header = packet[RPC], message.header
        assert layer.xid == message.xid
        assert float(packet.time) == pytest.approx(message.record.at.time_ns / 1e9, abs=1e-6)
        if isinstance(header, CallHeader):
            said = (layer.rpc_version, layer.program, layer.version, layer.procedure)
            assert said == (header.rpc_version, header.program, header.version, header.procedure)
            same_auth(layer.credential, header.credential)
            passwords += isinstance(layer.credential, AUTH_SYS) and layer.credential.password is not None
        else:
            assert isinstance(header, ReplyHeader)
            names = ("reply_status", "accept_status", "reject_status", "auth_status")
            assert [getattr(layer, name) for name in names] == [getattr(header, name) for name in names]
            assert (layer.low, layer.high) == (tuple(header.mismatch) if header.mismatch else (None, None))
        same_auth(layer.verifier, header.verifier)
        status, value = body(layer)
        assert value == message.value()
        assert status == (message.status if isinstance(layer.payload, XDRPacket) else None)
        assert layer.anomalies == tuple(sorted(message.check()))
        assert (layer.call is None) == (message.call is None)
        if not REBUILT_OTHERWISE & set(layer.anomalies):
            again = layer.copy()
            again.clear_cache()
            assert bytes(again) == message.record.data
            assert bytes(RPC(bytes(again), call=layer.call)) == message.record.data
    told = netinfo_scapy.messages(str(path))
    assert passwords == sum(bool((each["credential"] or {}).get("password_present")) for each in told)


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_analyze_gives_the_summary_of_the_file(path: Path) -> None:
    mine, files = analyze(rdpcap(str(path))), netinfo_scapy.analyze(str(path))
    assert placed(mine) == placed(files)
    for summary in (mine, files):
        for capture in summary["captures"]:
            del capture["capture"], capture["format"]
    assert mine["captures"] == files["captures"]
