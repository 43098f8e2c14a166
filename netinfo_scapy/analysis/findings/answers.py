"""Answers that may come through a port mapper: what was called in the end, and what was answered."""

from __future__ import annotations

from typing import Any, NamedTuple

from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.programs import PROGRAMS, procedure_name

FORWARDS = frozenset(
    procedure_name(program.number, program.version, row.number)
    for program in PROGRAMS
    for row in program.procedures
    if row.forwards
)
"""The procedures that call another program's (CALLIT)."""


class Answer(NamedTuple):
    """A procedure with its arguments and its result, {} where void or not decoded."""

    procedure: str
    arguments: dict[str, Any]
    result: dict[str, Any]


def answer_of(reply: Message) -> Answer | None:
    """What a successful reply answers, forwarded or not; None where it is none, or its call is not known."""
    call, walks = reply.call, reply.walks
    if call is None or walks is None or not reply.readable or reply.status:
        return None
    arguments, result = call.value() or {}, reply.value() or {}
    if not walks.forwards:
        return Answer(walks.name, arguments, result)
    if not arguments:
        return None
    name = procedure_name(arguments["program"], arguments["version"], arguments["procedure"])
    return Answer(name, arguments["arguments"] or {}, result.get("result") or {})
