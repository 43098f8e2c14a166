"""Scapy's layers: what they dissect they show, and build again byte for byte; they and the codec agree.

Input: a byte that chooses, then a call and its reply, or the bytes of a TCP segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scapy.config import conf
from scapy.packet import Packet, Raw

from fuzz import seeds
from fuzz.packing import pack, unmarked, unpack
from fuzz.target import Target
from netinfo_scapy.layers.record import RPCRecord, RPCRecords
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.live.records import marked
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import read_body, read_header
from netinfo_scapy.protocol.programs import find_procedure

conf.debug_dissector = True
_REBUILT_OTHERWISE = {Anomaly.OPTIONAL_FLAG, Anomaly.ODD_BOOLEAN, Anomaly.ODD_OCTET}
"""What is written as it should be when it is built again."""


def _looked_at(packet: Packet) -> None:
    """Everything that shows a packet."""
    shown = packet.summary(), repr(packet), packet.show(dump=True), packet.show2(dump=True), packet.command()
    packet.hide_defaults()
    assert all(isinstance(each, str) for each in shown)


def _rebuilt(packet: Packet) -> bytes:
    again = packet.copy()
    again.clear_cache()
    return bytes(again)


def _message(data: bytes, call: Any) -> Any:
    layer = RPC(data, call=call) if RPC.dispatch_hook(data) is RPC else RPC(data)
    assert bytes(layer) == data
    header = read_header(data)
    if isinstance(layer, RPC):
        assert header is not None
        assert header.whole
        assert layer.xid == header.xid
        if not _REBUILT_OTHERWISE & set(layer.anomalies):
            assert _rebuilt(layer) == data
        if layer.type == rpc.CALL:
            row = find_procedure(layer.program, layer.version, layer.procedure)
            found: set[Anomaly] = set(header.anomalies)
            read_body(header, data, row, header, None, found, make=False)  # type: ignore[arg-type] # a call's
            assert set(layer.anomalies) == found
    else:
        assert isinstance(layer, Raw)
        assert header is None or not header.whole
    return layer


def run(data: bytes) -> Any:
    """Dissect, show, build."""
    choice, data = unmarked(data)
    if choice & 1 and data:
        records = RPCRecord(data)
        assert bytes(records) == data
        _looked_at(records)
        assert _rebuilt(records) == data or not isinstance(records, RPCRecord | RPCRecords) or _is_odd(records)
        return bytes(records), type(records).__name__
    messages = [each for each in unpack(data, 2) if each]  # of no bytes a layer of defaults is made
    told, call = [], None
    for message in messages:
        layer = _message(message, call)
        told += [type(each).__name__ for each in (layer, layer.payload)]
        _looked_at(layer)
        call = layer if isinstance(layer, RPC) and layer.type == rpc.CALL else None
    return told


def _is_odd(records: Packet) -> bool:
    """Whether something in it is written otherwise than it was."""
    layers = records.records if isinstance(records, RPCRecords) else [records]
    found = {each for record in layers if RPC in record for each in record[RPC].anomalies}
    return bool(_REBUILT_OTHERWISE & found)


def inputs() -> Iterator[bytes]:
    """The exchanges of the captures, and their messages as records."""
    few = seeds.exchanges()
    for call, reply in few:
        yield b"\0" + pack([call, reply])
    for at in range(0, len(few), 7):
        call, reply = few[at]
        yield b"\1" + marked(call, 4000)
        yield b"\1" + marked(reply, 20) + marked(reply, 4000)
        yield b"\1" + marked(call, 4000)[:-3]


_PARTS = (
    *("auth", "bootparam", "compounds", "fields", "forwarded", "ni", "nibind", "portmap", "procedures", "record"),
    *("registry", "rpc", "rpcbind", "structs", "table", "values"),
)
TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=(*(f"layers.{each}" for each in _PARTS), "protocol.message"),
    words=(b"\x80\0\0\x28", b"\0\0\0\1", b"\0\0\0\6"),
    longest=1500,
)
