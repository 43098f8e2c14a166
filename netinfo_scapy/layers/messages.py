"""What is NetInfo in packets that are already read: `netinfo(pkts)` and `analyze(pkts)`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, TypeAlias

import msgspec
from scapy.packet import Packet
from scapy.utils import rdpcap

from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.events import Marks
from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.interest import PortNumber
from netinfo_scapy.capture.message import Message
from netinfo_scapy.layers.described import rpc_layer
from netinfo_scapy.layers.frames import Positions, as_frame, as_packet
from netinfo_scapy.layers.lists import NetInfoList
from netinfo_scapy.layers.rpc import RPC

_Place: TypeAlias = tuple[FrameRef, Flow, Marks]
"""Where in the packets a message stands."""


Packets: TypeAlias = "Iterable[Packet] | str | os.PathLike[str]"
"""Packets, or the path of a capture to read them from."""


class _Frames:
    """Packets as the tuples that a reading takes, as often as it asks."""

    def __init__(self, packets: list[Packet]) -> None:
        self.packets = packets

    def __iter__(self) -> Any:
        for number, packet in enumerate(self.packets, 1):
            frame = as_frame(packet, number)
            yield packet.time or 0, frame.link, frame.data


def _reading(packets: Packets, netinfo_ports: Iterable[int | str]) -> tuple[Reading, list[Packet]]:
    listed = list(rdpcap(os.fspath(packets)) if isinstance(packets, str | os.PathLike) else packets)
    ports = [PortNumber.parse(str(port)) for port in netinfo_ports]
    reading = Reading(_Frames(listed), netinfo_ports=ports)
    return reading, listed


def netinfo(packets: Packets, netinfo_ports: Iterable[int | str] = ()) -> NetInfoList:
    """The NetInfo messages of packets, as a list with a packet for each, every reply dissected by its call.

    packets: a PacketList, any iterable of packets, or the path of a capture. netinfo_ports: ports of NetInfo
    beside 961 and 111, as 1033, "udp:700" or "tcp:700"; others are found by what the packets say.

    >>> netinfo(rdpcap("old.pcap")).exchanges()
    """
    reading, listed = _reading(packets, netinfo_ports)
    layers: dict[_Place, RPC | None] = {}
    found: list[Packet] = []
    positions = Positions()
    for event in reading.events():
        if not isinstance(event, Message):
            continue
        call = _layer_of(event.call, layers)
        at = event.record.at.number
        packet = as_packet(event, listed[at - 1], call, positions)
        layer = rpc_layer(packet)
        if layer is not None and event.first is not None:
            layer.first = _layer_of(event.first, layers)
        layers[_place(event)] = layer
        found.append(packet)
    name = str(getattr(packets, "listname", "")).removeprefix("NetInfo of ")
    return NetInfoList(found, name=f"NetInfo of {name}" if name else "NetInfo")


def _place(message: Message) -> _Place:
    record = message.record
    return record.at, record.flow, record.marks


def _layer_of(message: Message | None, layers: dict[_Place, RPC | None]) -> RPC | None:
    """The layer made of a message; made now where the message itself was not selected."""
    if message is None:
        return None
    place = _place(message)
    if place not in layers:
        layers[place] = RPC(message.record.data)
    return layers[place]


def analyze(packets: Packets, netinfo_ports: Iterable[int | str] = ()) -> dict[str, Any]:
    """The summary of packets: what `netinfo-scapy analyze --format json` says of the file they came from.

    The keys are described in docs/schema/summary.json. The parameters are those of `netinfo`.
    """
    reading, _ = _reading(packets, netinfo_ports)
    facts = reading.facts()
    built: dict[str, Any] = msgspec.to_builtins(
        conclude(facts, reading.captures, reading.interest, version("netinfo-scapy"))
    )
    return built


__all__ = ["analyze", "netinfo"]
