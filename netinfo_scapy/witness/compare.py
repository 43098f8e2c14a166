"""Our RPC messages held against those of tshark: which are the same, what differs, what only one side sees.

Pure: messages in, a `Comparison` out. A pair is found by its identity (frame, flow, xid, type); what then has
no partner is tried with one part of the identity left out, so that a wrong xid is told as a wrong xid.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import CallHeader, read_credential

HIDDEN = "(hidden)"
"""What is shown of a machinename that may carry a password."""

Shown: TypeAlias = "int | str | list[int] | None"


class Credential(NamedTuple):
    """A call's credential. After the flavor stand the fields of AUTH_SYS; None where there are none or unread."""

    flavor: int
    stamp: int | None = None
    machinename: bytes | None = None
    uid: int | None = None
    gid: int | None = None
    gids: tuple[int, ...] | None = None


class Seen(NamedTuple):
    """One RPC message as one side sees it. What that side does not know is None.

    program, version, procedure: on a reply its call's. length: bytes without record marks.
    note: on ours, why tshark may not see it; on tshark's, why it is none by our rules, or empty.
    """

    frame: int
    flow: Flow
    xid: int
    type: Literal["call", "reply"]
    program: int | None
    version: int | None
    procedure: int | None
    credential: Credential | None
    length: int | None
    note: str = ""


class Look(NamedTuple):
    """What tshark sees with one set of options.

    guesses: it searched for messages where a stream has no known beginning; such a
        message witnesses one of ours, but that we do not have it says nothing.
    """

    messages: Sequence[Seen]
    guesses: bool = False


class Difference(NamedTuple):
    """What the two sides do not agree on. field: `message` where only tshark sees it.

    frame: ours, or tshark's where only it sees the message.
    """

    frame: int
    field: str
    ours: Shown
    tshark: Shown


class Comparison(NamedTuple):
    """What came of it.

    ours, tshark: messages that each side sees. agreed: messages on which both say the same.
    only_ours: what tshark does not see. left_out: what tshark shows as a message and is none by our rules.
    """

    ours: int
    tshark: int
    agreed: int
    differences: list[Difference]
    only_ours: list[Seen]
    left_out: list[Seen]

    @property
    def differing(self) -> int:
        """Messages on which the sides differ, those included that only tshark sees."""
        return self.tshark - self.agreed


_UNSEEN = (
    (Anomaly.INCOMPLETE_RECORD, "not whole in the capture"),
    (Anomaly.RPC_VERSION, "of another RPC version"),
    (Anomaly.TRUNCATED_HEADER, "ends inside its header"),
    (Anomaly.REPLY_WITHOUT_CALL, "a reply whose call is not there"),
)
"""What keeps tshark from taking a message for one, by our anomaly."""

_AGAIN = "a segment sent again"
"""What a later look may show as a message of its own; the first look puts the segments of a stream in order."""

_LOST = "tshark lost its place, ended early or takes it for another protocol"


def seen_by_us(message: Message) -> Seen:
    """One of our messages, for the comparison."""
    record, header, called = message.record, message.header, message.called
    anomalies = message.check()
    return Seen(
        frame=record.at.number,
        flow=record.flow,
        xid=message.xid,
        type="call" if message.is_call else "reply",
        program=called.program if called else None,
        version=called.version if called else None,
        procedure=called.procedure if called else None,
        credential=_credential(header) if isinstance(header, CallHeader) else None,
        # Of an incomplete one tshark tells the length it should have.
        length=None if record.incomplete else len(record.data),
        note=next((reason for anomaly, reason in _UNSEEN if anomaly in anomalies), _LOST),
    )


def _credential(header: CallHeader) -> Credential | None:
    credential = header.credential
    if credential is None:
        return None
    fields = None
    if credential.flavor == rpc.AUTH_SYS and credential.body is not None:
        fields = read_credential(credential, set())
    if fields is None:
        return Credential(credential.flavor)
    stamp, name, uid, gid, gids = (fields[key] for key in ("stamp", "machinename", "uid", "gid", "gids"))
    return Credential(credential.flavor, stamp, name, uid, gid, tuple(gids))


def server_port(seen: Seen) -> tuple[str, int]:
    """(transport, port) of the side that is called."""
    endpoint = seen.flow.target if seen.type == "call" else seen.flow.source
    return seen.flow.transport.label, endpoint.port


_Key: TypeAlias = Callable[[Seen], Any]
_IDENTITY: tuple[_Key, ...] = (
    lambda seen: (seen.frame, seen.flow, seen.xid, seen.type),
    lambda seen: (seen.flow, seen.xid, seen.type),
    lambda seen: (seen.frame, seen.flow, seen.type),
    lambda seen: (seen.frame, seen.flow, seen.xid),
    lambda seen: (seen.frame, seen.xid, seen.type),
)
"""By what a pair is found, one after the other: by all of it, then without the frame, xid, type, flow."""


def compare(ours: Iterable[Seen], looks: Iterable[Look]) -> Comparison:
    """Hold our messages of one capture against tshark's.

    looks: tshark's, the most trustworthy first. A later one adds what the earlier ones did not see.
    """
    left = list(ours)
    count = len(left)
    known: list[Seen] = []
    pairs: list[tuple[Seen, Seen]] = []
    only_theirs: list[Seen] = []
    left_out: list[Seen] = []
    for look in looks:
        new = _without(look.messages, known)
        theirs = [each for each in new if not each.note]
        for key in _IDENTITY[:1] if look.guesses else _IDENTITY:
            found, left, theirs = _paired(left, theirs, key)
            pairs += found
        if not look.guesses:
            again = set(map(_IDENTITY[1], known and known + [its for _, its in pairs]))
            only_theirs += (each for each in theirs if _IDENTITY[1](each) not in again)
            left_out += (each._replace(note=_AGAIN) for each in theirs if _IDENTITY[1](each) in again)
            left_out += (each for each in new if each.note)
        known += new
    differences = [Difference(each.frame, "message", None, _described(each)) for each in only_theirs]
    agreed = 0
    for mine, its in pairs:
        found_here = list(_differences(mine, its))
        agreed += not found_here
        differences += found_here
    differences.sort(key=lambda each: each.frame)
    return Comparison(count, len(pairs) + len(only_theirs), agreed, differences, left, left_out)


def _without(messages: Iterable[Seen], known: Iterable[Seen]) -> list[Seen]:
    """The messages that are not known yet; the same one may be known in another frame."""
    new = list(messages)
    for key in _IDENTITY[:2]:
        _, known, new = _paired(known, new, key)
    return new


def _paired(
    ours: Iterable[Seen], theirs: Iterable[Seen], key: _Key
) -> tuple[list[tuple[Seen, Seen]], list[Seen], list[Seen]]:
    """Pairs of equal key, in order, and what is left of both sides."""
    waiting: defaultdict[Any, deque[Seen]] = defaultdict(deque)
    for each in theirs:
        waiting[key(each)].append(each)
    pairs, left = [], []
    for mine in ours:
        queue = waiting.get(key(mine))
        if queue:
            pairs.append((mine, queue.popleft()))
        else:
            left.append(mine)
    return pairs, left, [each for queue in waiting.values() for each in queue]


_FIELDS = ("frame", "xid", "type", "program", "version", "procedure", "length")


def _differences(mine: Seen, its: Seen) -> Iterator[Difference]:
    """What the sides of a pair do not agree on.

    What tshark does not tell is not compared, nor what a reply takes from a call that we did not see.
    """
    for field in _FIELDS:
        ours, theirs = getattr(mine, field), getattr(its, field)
        unknown = ours is None and (mine.type == "reply" or field == "length")
        if ours != theirs and theirs is not None and not unknown:
            yield Difference(mine.frame, field, ours, theirs)
    if mine.flow != its.flow:
        yield Difference(mine.frame, "flow", _flow(mine.flow), _flow(its.flow))
    if its.credential is not None and mine.type == its.type:
        yield from _credential_differences(mine.frame, mine.credential, its.credential)


def _credential_differences(frame: int, mine: Credential | None, its: Credential) -> Iterator[Difference]:
    # A body that does not keep to its limits is no value to us, but tshark shows it.
    unread = mine is not None and mine.flavor == its.flavor and mine.stamp is None
    for field in Credential._fields[:1] if unread else Credential._fields:
        ours, theirs = getattr(mine, field, None), getattr(its, field)
        if ours != theirs and theirs is not None:
            yield Difference(frame, f"credential.{field}", *_shown(field, ours, theirs))


def _shown(field: str, ours: Any, theirs: Any) -> tuple[Shown, Shown]:
    if field == "machinename":
        # A password's bytes are 0x80 and more. Should one side have cut it wrongly, the other's still tell.
        if any(byte >= 0x80 for name in (ours, theirs) for byte in name or b""):
            return HIDDEN, HIDDEN
        return None if ours is None else ours.decode("ascii"), theirs.decode("ascii")
    if field == "flavor":
        return None if ours is None else rpc.FLAVOR.label(ours), rpc.FLAVOR.label(theirs)
    if field == "gids":
        return None if ours is None else list(ours), list(theirs)
    return ours, theirs


def _flow(flow: Flow) -> str:
    source, target = flow.source, flow.target
    return f"{flow.transport.label} {source.ip} {source.port} > {target.ip} {target.port}"


def _described(seen: Seen) -> str:
    numbers = (seen.program, seen.version, seen.procedure)
    called = "" if None in numbers else " of " + ".".join(map(str, numbers))
    return f"{seen.type}{called}, xid {seen.xid}, {_flow(seen.flow)}"
