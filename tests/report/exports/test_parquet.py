"""The table, as pyarrow reads it."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import structs

from netinfo_scapy.report.exports import parquet
from netinfo_scapy.report.exports.parquet import Writer
from tests.report.exports.test_zeek import exchange
from tests.support.findings import HOSTILE, summary


def written(items: list[object], time_ns: int = 0) -> pq.ParquetFile:
    stream = io.BytesIO()
    writer = Writer(lambda _name: stream)
    for item in items:
        writer.message(item, time_ns)
    writer.finish(summary())
    return pq.ParquetFile(io.BytesIO(stream.getvalue()))


def test_a_call_and_its_reply() -> None:
    table = written(exchange(), 1_700_000_000_123_456_789).read()
    assert table.column("time").cast(pa.int64()).to_pylist() == [1_700_000_000_123_456_789] * 2
    call, reply = table.drop_columns("time").to_pylist()
    assert (call["src_ip"], call["dst_port"], call["type"], call["uid"]) == ("192.0.2.10", 961, "call", 501)
    assert (reply["status"], reply["rtt_seconds"], reply["flavor"]) == ("NI_OK", 0.001, None)


def test_columns_are_typed() -> None:
    schema = written([]).schema_arrow
    assert schema.field("time").type == pa.timestamp("ns", tz="UTC")
    assert (schema.field("xid").type, schema.field("src_port").type) == (pa.uint32(), pa.uint16())
    assert schema.field("anomalies").type.value_type == pa.string()


def test_times_beyond_the_type_and_texts_of_any_kind() -> None:
    item = structs.replace(exchange()[0], name=HOSTILE, anomalies=[HOSTILE])
    for time in (1 << 80, -(1 << 80)):
        table = written([item], time).read()
        assert table.column("name").to_pylist() == [HOSTILE]
        assert table.column("time").cast(pa.int64()).to_pylist() == [(1 << 63) - 1 if time > 0 else -(1 << 63)]


def test_a_group_is_written_when_it_is_full() -> None:
    (item, _) = exchange()
    large = structs.replace(item, arguments={"name": "x" * (parquet._GROUP_BYTES // 4)})
    assert written([large] * 9).num_row_groups == 3
    assert written([item] * (parquet._GROUP_ROWS + 1)).num_row_groups == 2
