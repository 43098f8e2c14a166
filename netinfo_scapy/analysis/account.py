"""Events -> facts."""

from __future__ import annotations

from collections.abc import Iterable

from netinfo_scapy.analysis.facts import (
    MOST_MEMBERS,
    MOST_STATUSES,
    ConversationFacts,
    ConversationKey,
    Facts,
    ProcedureFacts,
    ServerFacts,
    row_of,
)
from netinfo_scapy.analysis.naming import name_of, named_tags, status_of, user_of
from netinfo_scapy.capture.message import Connection, Event, Gap, Message, NotRpc


def account(events: Iterable[Event]) -> Facts:
    """Count what happened."""
    facts = Facts()
    for event in events:
        match event:
            case Message():
                _message(facts, event)
            case Gap():
                facts.totals.missed_bytes += event.missed_bytes
                facts.totals.incomplete_records += event.incomplete_records
            case NotRpc():
                facts.totals.not_rpc += 1
            case Connection():
                _connection(facts, event)
    return facts


def _connection(facts: Facts, connection: Connection) -> None:
    if not connection.opened:
        return
    flow = connection.flow
    server = row_of(facts.servers, (flow.transport, flow.target), ServerFacts, facts.totals)
    server.attempted += 1
    server.refused += connection.refused
    server.closed_without_a_byte += connection.accepted and connection.closed and not connection.server_bytes


def _message(facts: Facts, message: Message) -> None:
    totals = facts.totals
    for anomaly in message.check():
        facts.anomalies[anomaly] += 1
    if message.record.incomplete:
        totals.incomplete_records += 1
        return
    totals.messages += 1
    if message.is_call:
        totals.calls += 1
        message.counted = True
        totals.retransmissions += message.first is not None
    else:
        totals.replies += 1
        totals.duplicate_replies += message.duplicate
        totals.replies_without_call += message.call is None
        totals.answered += message.call is not None and message.call.counted and not message.duplicate
    _rows(facts, message)


def _rows(facts: Facts, message: Message) -> None:
    """Add the message to its procedure, its conversation and its server."""
    called, flow = message.called, message.record.flow
    program = called.program if called else None
    server_end = message.asked_server
    key = ConversationKey(message.client.address, server_end, flow.transport, program)
    rows: list[ProcedureFacts | ConversationFacts] = []
    name = name_of(message)
    if name is not None:
        procedure = row_of(facts.procedures, name, ProcedureFacts, facts.totals)
        if message.rtt_ns is not None and not message.duplicate:
            procedure.durations.add(message.rtt_ns)
        rows.append(procedure)
    conversation = row_of(facts.conversations, key, ConversationFacts, facts.totals)
    conversation.span.add(message.record.at.time_ns)
    rows.append(conversation)
    server = row_of(facts.servers, (flow.transport, server_end), ServerFacts, facts.totals)
    server.span.add(message.record.at.time_ns)
    if program is not None and len(server.programs) < MOST_MEMBERS:
        server.programs.add(program)
    if len(server.clients) < MOST_MEMBERS:
        server.clients.add(message.client.address)
    status = status_of(message)
    for row in (*rows, server):
        row.calls += message.is_call
        row.replies += not message.is_call
    for each in rows:
        if status is not None:
            known = status in each.statuses or len(each.statuses) < MOST_STATUSES
            each.statuses[status if known else "other"] += 1
    user = user_of(message)
    if user is not None and len(conversation.users) < MOST_MEMBERS:
        conversation.users.add(user)
    if len(conversation.tags) < MOST_MEMBERS:
        conversation.tags |= named_tags(message)
