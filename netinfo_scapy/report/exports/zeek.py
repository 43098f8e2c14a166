r"""Zeek's logs, as `zeek-cut` reads them: a row a message, a row a conversation, a row a finding.

A value is escaped as Zeek does: what is not printable ASCII, a backslash, and what would be taken for a
separator as \xNN. So is the first character where a spreadsheet would take the value for a formula, or Zeek
for one that is not set.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any, NamedTuple

import msgspec

from netinfo_scapy.analysis.summary import ConversationSummary, Finding, Summary, Text
from netinfo_scapy.report.exports.flows import zeek_uid
from netinfo_scapy.report.exports.table import Parts
from netinfo_scapy.report.message_object import MessageObject

_UNSET, _EMPTY, _SET_SEPARATOR = "-", "(empty)", ","
_FORMULA = "=+-@("
_encode = msgspec.json.Encoder().encode


class _Column(NamedTuple):
    """A column: its name and type as Zeek has them, and what stands there."""

    name: str
    type: str
    value: Callable[[Any], Any]


def _client_ip(item: MessageObject) -> str:
    return item.src_ip if item.type == "call" else item.dst_ip


def _client_port(item: MessageObject) -> int:
    return item.src_port if item.type == "call" else item.dst_port


def _server_ip(item: MessageObject) -> str:
    return item.dst_ip if item.type == "call" else item.src_ip


def _server_port(item: MessageObject) -> int:
    return item.dst_port if item.type == "call" else item.src_port


def _credential(name: str) -> Callable[[MessageObject], Any]:
    return lambda item: getattr(item.credential, name, None)


_MESSAGES = (
    _Column("ts", "time", lambda item: _epoch(item.time)),
    _Column("uid", "string", lambda item: zeek_uid(item.community_id)),
    _Column("id.orig_h", "addr", _client_ip),
    _Column("id.orig_p", "port", _client_port),
    _Column("id.resp_h", "addr", _server_ip),
    _Column("id.resp_p", "port", _server_port),
    _Column("proto", "enum", lambda item: item.transport),
    _Column("community_id", "string", lambda item: item.community_id),
    _Column("capture", "string", lambda item: item.capture),
    _Column("frame", "count", lambda item: item.frame),
    _Column("is_orig", "bool", lambda item: item.type == "call"),
    _Column("xid", "count", lambda item: item.xid),
    _Column("program", "count", lambda item: item.program),
    _Column("version", "count", lambda item: item.version),
    _Column("procedure", "count", lambda item: item.procedure),
    _Column("name", "string", lambda item: item.name),
    _Column("reply_status", "string", lambda item: item.reply_status),
    _Column("accept_status", "string", lambda item: item.accept_status),
    _Column("reject_status", "string", lambda item: item.reject_status),
    _Column("auth_status", "string", lambda item: item.auth_status),
    _Column("status", "string", lambda item: item.status),
    _Column("call_frame", "count", lambda item: item.call_frame),
    _Column("rtt", "interval", lambda item: item.rtt_seconds),
    _Column("length", "count", lambda item: item.length),
    _Column("fragments", "count", lambda item: item.fragments),
    _Column("flavor", "string", _credential("flavor")),
    _Column("machinename", "string", _credential("machinename")),
    _Column("user", "count", _credential("uid")),
    _Column("group", "count", _credential("gid")),
    _Column("password_present", "bool", _credential("password_present")),
    _Column("password", "string", _credential("password")),
    _Column("retransmission", "bool", lambda item: item.retransmission),
    _Column("anomalies", "set[string]", lambda item: item.anomalies),
    _Column("arguments", "string", lambda item: _json(item.arguments)),
    _Column("result", "string", lambda item: _json(item.result)),
)

_CONVERSATIONS = (
    _Column("ts", "time", lambda each: _epoch(each.first_time)),
    _Column("last_ts", "time", lambda each: _epoch(each.last_time)),
    _Column("id.orig_h", "addr", lambda each: each.client_ip),
    _Column("id.resp_h", "addr", lambda each: each.server_ip),
    _Column("id.resp_p", "port", lambda each: each.server_port),
    _Column("proto", "enum", lambda each: each.transport),
    _Column("program", "count", lambda each: each.program),
    _Column("program_name", "string", lambda each: each.program_name),
    _Column("tags", "set[string]", lambda each: each.tags),
    _Column("calls", "count", lambda each: each.calls),
    _Column("replies", "count", lambda each: each.replies),
    _Column("statuses", "set[string]", lambda each: [f"{name}={count}" for name, count in each.statuses.items()]),
    _Column("users", "set[count]", lambda each: each.users),
)

_FINDINGS = (
    _Column("ts", "time", lambda each: _epoch(each.first_time)),
    _Column("last_ts", "time", lambda each: _epoch(each.last_time)),
    _Column("finding", "string", lambda each: each.id),
    _Column("severity", "enum", lambda each: each.severity),
    _Column("title", "string", lambda each: each.title),
    _Column("servers", "set[addr]", lambda each: each.servers),
    _Column("clients", "set[addr]", lambda each: each.clients),
    _Column("tags", "set[string]", lambda each: each.tags),
    _Column("users", "set[string]", lambda each: each.users),
    _Column("count", "count", lambda each: each.count),
    _Column("captures", "vector[string]", lambda each: [frame.capture for frame in each.frames]),
    _Column("frames", "vector[count]", lambda each: [frame.frame for frame in each.frames]),
    _Column("filter", "string", lambda each: each.filter),
    _Column("details", "string", lambda each: _json(each.details)),
    _Column("meaning", "string", lambda each: each.meaning),
    _Column("advice", "string", lambda each: each.advice),
    _Column("references", "vector[string]", lambda each: each.references),
)


class Writer:
    """Writes the logs."""

    def __init__(self, parts: Parts) -> None:
        self._messages = _Log(parts("netinfo.log"), "netinfo", _MESSAGES)
        self._conversations = _Log(parts("netinfo_conversations.log"), "netinfo_conversations", _CONVERSATIONS)
        self._findings = _Log(parts("netinfo_findings.log"), "netinfo_findings", _FINDINGS)

    def message(self, item: MessageObject, time_ns: int) -> None:  # noqa: ARG002 - the row has the time as text
        """Write a message."""
        self._messages.row(item)

    def finish(self, summary: Summary) -> None:
        """Write the conversations and findings."""
        for conversation in summary.conversations:
            self._conversations.row(conversation)
        for finding in summary.findings:
            self._findings.row(finding)
        for log in (self._messages, self._conversations, self._findings):
            log.close()


class _Log:
    """One log. stream: None for one that has no place."""

    def __init__(self, stream: IO[bytes] | None, path: str, columns: tuple[_Column, ...]) -> None:
        self._stream = stream
        self._columns = columns
        self._write(
            "#separator \\x09",
            f"#set_separator\t{_SET_SEPARATOR}",
            f"#empty_field\t{_EMPTY}",
            f"#unset_field\t{_UNSET}",
            f"#path\t{path}",
            f"#open\t{_now()}",
            "\t".join(("#fields", *(column.name for column in columns))),
            "\t".join(("#types", *(column.type for column in columns))),
        )

    def row(self, item: MessageObject | ConversationSummary | Finding) -> None:
        """Write a row."""
        if self._stream is not None:
            self._write("\t".join([_field(column.value(item)) for column in self._columns]))

    def close(self) -> None:
        """Write the last line."""
        self._write(f"#close\t{_now()}")

    def _write(self, *lines: str) -> None:
        if self._stream is not None:
            self._stream.write("".join(f"{line}\n" for line in lines).encode("ascii"))


def _field(value: Any) -> str:
    """A value as a row has it."""
    if value is None or value is msgspec.UNSET:
        return _UNSET
    if isinstance(value, list):
        return _SET_SEPARATOR.join(map(_member, value)) if value else _EMPTY
    if isinstance(value, str | dict):
        return _escaped(value) or _EMPTY
    return _number(value)


def _member(value: Any) -> str:
    """A value as a set has it."""
    if isinstance(value, str | dict):
        return _escaped(value).replace(_SET_SEPARATOR, "\\x2c") or _EMPTY
    return _number(value)


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    return f"{value:.9f}" if isinstance(value, float) else str(value)


def _escaped(text: Text) -> str:
    r"""A text in printable ASCII: every other byte as \xNN, and its first character where that means something."""
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else bytes.fromhex(text["hex"])
    plain = "".join(map(_ESCAPES.__getitem__, data))
    return f"\\x{data[0]:02x}{plain[1:]}" if plain[:1] and plain[0] in _FORMULA else plain


_ESCAPES = [chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}" for byte in range(256)]


def _json(value: Any) -> str | None:
    return None if value is None else _encode(value).decode()


def _epoch(time: str | None) -> Decimal | None:
    """A time as `rfc3339` writes it, as Zeek does: seconds since 1970."""
    if time is None:
        return None
    seconds, _, rest = time[:-1].partition(".")
    whole = int((datetime.fromisoformat(seconds).replace(tzinfo=UTC) - _EPOCH).total_seconds())
    return whole + Decimal(f"0.{rest}")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d-%H-%M-%S}"
