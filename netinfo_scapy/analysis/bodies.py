"""The types that a message's body was written by: its server's dialect, and what a forwarding procedure carries."""

from __future__ import annotations

from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import forwarded_procedure
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.xdr import Struct, Union


def spoken(message: Message, row: Procedure) -> Struct | Union | None:
    """The type of a result, as this server speaks."""
    return row.dialect if row.dialect and Anomaly.DIALECT_PREVIOUS in message.check() else row.result


def body_type(message: Message, row: Procedure) -> Struct | Union | None:
    """The type of the arguments or the result of a message."""
    return row.arguments if message.is_call else spoken(message, row)


def carried_type(message: Message, row: Procedure) -> Struct | Union | None:
    """The type of what a forwarding message carries."""
    call = message if message.is_call else message.call
    if not row.forwards or call is None:
        return None
    inner = forwarded_procedure(row, call.record.data, call.header.end)
    if inner is None or (message.is_call and inner.forwards):
        return None
    return body_type(message, inner)
