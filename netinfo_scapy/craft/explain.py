"""What a rule author wants to know of a message: each field, where it lies, and how a rule would look for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from netinfo_scapy.analysis.naming import name_of
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flow_frames import flow_key
from netinfo_scapy.capture.message import Message
from netinfo_scapy.craft.fields import MACHINENAME, Field, fields_of
from netinfo_scapy.craft.rules.render import pattern
from netinfo_scapy.craft.whereabouts import Piece, Whereabouts

MOST_MESSAGES = 1000
"""Messages that are explained at the most; of a longer capture, a frame has to be named."""

_CALL_HEAD, _REPLY_HEAD, _STATUS = "type to procedure", "type to result", "result.status"
_XID = 4
_CALL_HEAD_END = 24
_SHOWN_BYTES = 64
_MOST_STRINGS = 4
"""Strings that a draft looks for."""

_MARK_WITHIN = "a record mark lies within it: no content holds"


class Place(NamedTuple):
    """A field of a message: its bytes and the pieces in which they lie. rule: how a rule would look for it."""

    what: str
    data: bytes
    text: bool
    pieces: tuple[Piece, ...]
    rule: str | None


class Draft(NamedTuple):
    """Rules to start from, a line each: one for a call, two for a reply. why_not: where there are none, the reason."""

    rules: tuple[str, ...] = ()
    why_not: str | None = None


class Explained(NamedTuple):
    """A message and its places. marks: each record mark, and where it lies. draft: rules to start from."""

    message: Message
    marks: tuple[tuple[int, tuple[Piece, ...]], ...]
    places: tuple[Place, ...]
    draft: Draft


def explain(reading: Reading, frame: int | None) -> list[Explained]:
    """The messages of one capture of which a frame brought bytes; of all frames, if None.

    reading: of a capture that can be read again. At most `MOST_MESSAGES` come, in their order.
    Raises TooMuchError where the flows are too long.
    """
    messages = [each for each in _messages(reading) if frame is None or each.record.at.number >= frame]
    if frame is None:
        del messages[MOST_MESSAGES:]
    (capture,) = reading.captures
    whereabouts = Whereabouts({flow_key(each.record.flow) for each in messages}).feed(capture.frames())
    found = []
    for message in messages:
        whole = whereabouts.pieces(message, 0, len(message.record.data))
        marks = whereabouts.marks(message)
        frames = {piece.frame for piece in whole} | {piece.frame for pieces in marks for piece in pieces}
        if frame is None or frame in frames or not frames:
            found.append(_explained(message, whereabouts, marks))
        if len(found) >= MOST_MESSAGES:
            break
    return found


def _messages(reading: Reading) -> Iterator[Message]:
    return (event for event in reading.events() if isinstance(event, Message))


def _explained(message: Message, whereabouts: Whereabouts, marks: list[list[Piece]]) -> Explained:
    data = message.record.data
    numbers = [mark for _, mark in message.record.marks]
    places = [
        Place(
            each.what,
            data[each.start : each.end],
            each.text,
            tuple(whereabouts.pieces(message, each.start, each.end)),
            _rule(each, data, message, whereabouts),
        )
        for each in (*_head(message), *fields_of(message))
    ]
    marked = tuple(zip(numbers, map(tuple, marks), strict=False))
    return Explained(message, marked, tuple(places), _draft(message, places, whereabouts))


def _draft(message: Message, places: list[Place], whereabouts: Whereabouts) -> Draft:
    """A rule for a call: its head, then the first strings behind it. For a reply that, and a rule for its call.

    Any RPC reply begins like this one: the rule for its call sets a flowbit, for which the rule for the reply asks.
    """
    found = {place.what: place for place in places}
    head = found.get(_CALL_HEAD if message.is_call else _REPLY_HEAD)
    if head is None:
        return Draft(why_not="its header is cut short, or longer than a rule should look for")
    if head.rule is None or not _together(head.pieces):
        return Draft(why_not="a record mark lies within its header: no content holds")
    name = name_of(message)
    texts = [
        f"{each.rule} distance:0;" for each in places if each.text and each.rule and each.rule.startswith("content")
    ]
    contents = [head.rule.partition(" (")[0], *_status(found, head), *texts[:_MOST_STRINGS]]
    if message.is_call:
        return Draft((_alert(message, 1, name or "call", "to_server", *contents),))
    called = message.call
    if name is None or called is None:
        return Draft(why_not="its call was not seen, and any RPC reply begins like it")
    if not _together(whereabouts.pieces(called, _XID, _CALL_HEAD_END)):
        return Draft(why_not="a record mark lies within the header of its call: no content holds")
    bit = f"netinfo.called.{name}"
    look = _look(called.record.data[_XID:_CALL_HEAD_END], message.record.lane.is_tcp)
    noted = _alert(message, 1, f"{name}, called", "to_server", look, f"flowbits:set,{bit};", "flowbits:noalert;")
    reply = _alert(message, 2, f"reply to {name}", "to_client", f"flowbits:isset,{bit};", *contents)
    return Draft((noted, reply))


def _status(found: dict[str, Place], head: Place) -> Iterator[str]:
    """The ni_status right behind a reply's head."""
    status = found.get(_STATUS)
    if status is not None and _together((*head.pieces, *status.pieces)):
        yield f'content:"{pattern(status.data)}"; distance:0; within:4;'


def _alert(message: Message, number: int, says: str, direction: str, *options: str) -> str:
    """A rule. number: of its sid."""
    flow = f"flow:{direction}; " if message.record.lane.is_tcp else ""
    transport = message.record.flow.transport.name.lower()
    all_options = f'msg:"{says}"; {flow}{" ".join(options)} sid:{1_000_000 + number}; rev:1;'
    return f"alert {transport} any any -> any any ({all_options})"


def _together(pieces: Iterable[Piece]) -> bool:
    """Whether there are pieces, and they lie in the stream one behind the other: no record mark between them."""
    found = sorted(pieces, key=lambda piece: piece.stream)
    return bool(found) and all(one.stream + one.length == two.stream for one, two in pairwise(found))


def _head(message: Message) -> Iterator[Field]:
    """What a rule looks for first: of a call from the type to the procedure, of a reply all up to its result."""
    end = _CALL_HEAD_END if message.is_call else message.header.end
    if _XID < end <= min(len(message.record.data), _XID + _SHOWN_BYTES):
        yield Field(_CALL_HEAD if message.is_call else _REPLY_HEAD, _XID, end)


def _look(head: bytes, tcp: bool) -> str:
    """How a rule finds a header: where it must be, over TCP anywhere behind the first record mark and xid."""
    content = f'content:"{pattern(head)}"'
    return f"{content}; offset:{4 + _XID};" if tcp else f"{content}; offset:{_XID}; depth:{len(head)};"


def _rule(field: Field, data: bytes, message: Message, whereabouts: Whereabouts) -> str | None:
    """How a rule would look for it, in the words of Suricata and Snort 2."""
    if field.what in (_CALL_HEAD, _REPLY_HEAD):
        look = _look(data[field.start : field.end], message.record.lane.is_tcp)
        if not message.record.lane.is_tcp:
            return look
        pieces = whereabouts.pieces(message, field.start, field.end)
        if not _together(pieces):
            return _MARK_WITHIN
        return f"{look} (over the stream: it is split among packets)" if len(pieces) > 1 else look
    if field.what == MACHINENAME:
        return None if field.start == field.end else "byte_test:1,>,127,16,relative; (behind the procedure)"
    if not field.text or field.start == field.end:
        return None
    # With its length before it, a string is found whole, and no longer one that begins or ends like it.
    start, end = field.start - 4, field.end + (-(field.end - field.start) & 3)
    whole = data[start:end]
    if not _together(whereabouts.pieces(message, start, min(end, len(data)))):
        return _MARK_WITHIN
    return f'content:"{pattern(whole)}";' if len(whole) <= _SHOWN_BYTES else None
