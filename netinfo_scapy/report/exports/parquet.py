"""Apache Parquet: a row a message, its columns typed. Needs pyarrow: `pip install netinfo-scapy[parquet]`.

Rows are written a group at a time; no more than one group is held. The arguments and the result, whose form
depends on the procedure, are JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from netinfo_scapy.analysis.summary import Summary
from netinfo_scapy.report.escape import shown
from netinfo_scapy.report.exports.table import Parts
from netinfo_scapy.report.message_object import MessageObject

_GROUP_ROWS, _GROUP_BYTES = 16_384, 16 << 20
_LEAST_NS, _MOST_NS = -(1 << 63), (1 << 63) - 1

_NAME = pa.dictionary(pa.int32(), pa.string())
"""The type of texts of which there are few."""

_TYPES: dict[str, Any] = {
    "capture": _NAME,
    "frame": pa.uint64(),
    "time": pa.timestamp("ns", tz="UTC"),
    "transport": _NAME,
    "src_ip": pa.string(),
    "src_port": pa.uint16(),
    "dst_ip": pa.string(),
    "dst_port": pa.uint16(),
    "community_id": pa.string(),
    "length": pa.uint64(),
    "fragments": pa.uint32(),
    "xid": pa.uint32(),
    "type": _NAME,
    "program": pa.uint32(),
    "version": pa.uint32(),
    "procedure": pa.uint32(),
    "name": _NAME,
    "arguments": pa.string(),
    "result": pa.string(),
    "reply_status": _NAME,
    "accept_status": _NAME,
    "reject_status": _NAME,
    "auth_status": _NAME,
    "status": _NAME,
    "call_frame": pa.uint64(),
    "rtt_seconds": pa.float64(),
    "retransmission": pa.bool_(),
    "anomalies": pa.list_(pa.string()),
}
"""The fields of a message object that are a column -> its type."""

_CREDENTIAL: dict[str, Any] = {
    "flavor": _NAME,
    "machinename": pa.string(),
    "uid": pa.uint32(),
    "gid": pa.uint32(),
    "gids": pa.list_(pa.uint32()),
    "password_present": pa.bool_(),
    "password": pa.string(),
}
"""Of its credential."""

_SCHEMA = pa.schema([*_TYPES.items(), *_CREDENTIAL.items()])
_encode = msgspec.json.Encoder().encode


def _json(value: Any) -> str | None:
    return None if value is None else _encode(value).decode()


_MADE: dict[str, Callable[[Any], Any]] = {
    "arguments": _json,
    "result": _json,
    "machinename": lambda value: shown(value) if isinstance(value, str | dict) else None,
    "password": lambda value: shown(value) if isinstance(value, str | dict) else None,
}
"""Columns whose value is another than the field's."""


class _Table(pq.ParquetWriter):  # type: ignore[misc] # pyarrow has no types
    """A table that does not close itself: where reading failed, its stream is gone already."""

    def __del__(self) -> None:
        """Leave it."""


class Writer:
    """Writes the rows."""

    def __init__(self, parts: Parts) -> None:
        stream = parts("")
        self._writer = _Table(stream, _SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0

    def message(self, item: MessageObject, time_ns: int) -> None:
        """Write a message. A time beyond what the type has becomes the first or last that it has."""
        row = {name: _value(name, getattr(item, name)) for name in _TYPES}
        row |= {name: _value(name, getattr(item.credential, name, None)) for name in _CREDENTIAL}
        row["time"] = min(max(time_ns, _LEAST_NS), _MOST_NS)
        self._rows.append(row)
        self._bytes += len(row["arguments"] or "") + len(row["result"] or "")
        if len(self._rows) >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._flush()

    def finish(self, summary: Summary) -> None:  # noqa: ARG002 - a table has rows of one kind
        """Write what is left."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_batch(pa.RecordBatch.from_pylist(self._rows, schema=_SCHEMA))
            self._rows, self._bytes = [], 0


def _value(name: str, value: Any) -> Any:
    if value is msgspec.UNSET:
        return None
    make = _MADE.get(name)
    return make(value) if make is not None else value
