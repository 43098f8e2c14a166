"""What a message is, in a word: its procedure, its status."""

from __future__ import annotations

from scapy.packet import Packet

from netinfo_scapy.layers.procedures import Reply
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.netinfo import NI_STATUS
from netinfo_scapy.protocol.programs import procedure_name


def rpc_layer(packet: Packet) -> RPC | None:
    """A packet's RPC layer; None where it has none."""
    layer = packet.getlayer(RPC)
    return layer if isinstance(layer, RPC) else None


def message_name(layer: RPC) -> str:
    """`NetInfo.READ`; `(call not seen)` on a reply whose call is not known."""
    call = layer if layer.type == rpc.CALL else layer.call
    return "(call not seen)" if call is None else procedure_name(call.program, call.version, call.procedure)


def message_status(layer: RPC) -> str | None:
    """A reply's ni_status, else its RPC status; None for a call."""
    if layer.type == rpc.CALL:
        return None
    body = layer.payload
    if isinstance(body, Reply) and "status" in body.fieldtype:
        return NI_STATUS.label(int(body.getfieldval("status")))
    if layer.reply_status != 0:
        return rpc.REJECT_STATUS.label(layer.reject_status) if layer.reply_status == 1 else "?"
    return rpc.ACCEPT_STATUS.label(layer.accept_status)
