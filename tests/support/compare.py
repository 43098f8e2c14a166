"""Running the public API, and saying where two lists of messages differ first."""

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import msgspec

import netinfo_scapy
from tests.support.captures import Frame, capture_path, pcap_bytes

Message = dict[str, object]
# What may differ between two captures of the same traffic.
CAPTURE_KEYS = frozenset({"capture", "frame", "call_frame", "time", "rtt_seconds"})
ADDRESS_KEYS = frozenset({"src_ip", "dst_ip", "community_id"})
UNDECODED_KEYS = ("program", "version", "procedure", "name", "result", "status", "call_frame", "rtt_seconds")

_JSON = msgspec.json.Encoder()


def run(source: object, **kwargs: object) -> list[Message]:
    return list(netinfo_scapy.messages(source, **kwargs))


def run_frames(frames: Iterable[Frame], **kwargs: object) -> list[Message]:
    return run(io.BytesIO(pcap_bytes(frames)), **kwargs)


def totals_of(frames: Iterable[Frame], **kwargs: object) -> dict[str, int]:
    return netinfo_scapy.analyze(io.BytesIO(pcap_bytes(frames)), **kwargs)["totals"]


@cache
def baseline(name: str) -> tuple[Message, ...]:
    """What the product says of a recording as it is; test_ground_truth.py holds it against the truth."""
    return tuple(run(capture_path(name)))


def undecoded(reply: Message) -> Message:
    """The same reply as it must look if its call was not seen."""
    return reply | dict.fromkeys(UNDECODED_KEYS) | {"anomalies": ["reply-without-call"]}


def stream_key(message: Message) -> tuple[object, ...]:
    return tuple(message[key] for key in ("transport", "src_ip", "src_port", "dst_ip", "dst_port"))


def by_stream(messages: Iterable[Message]) -> dict[tuple[object, ...], list[Message]]:
    found = defaultdict(list)
    for message in messages:
        found[stream_key(message)].append(message)
    return found


def without(message: Message, keys: frozenset[str]) -> Message:
    """The message less some keys; a key that is null counts as one that is not there."""
    return {key: value for key, value in message.items() if key not in keys and value is not None}


def first_difference(expected: object, found: object, where: str = "") -> str | None:
    """Where two JSON values differ first, in words; None if they do not."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        if list(expected) != list(found) and set(expected) != set(found):
            missing, over = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
            return f"{where}: missing keys {missing}, keys over {over}"
        pairs = ((expected[key], found[key], f"{where}.{key}") for key in expected)
    elif isinstance(expected, list | tuple) and isinstance(found, list | tuple):
        if len(expected) != len(found):
            return f"{where}: {len(expected)} expected, {len(found)} found"
        pairs = ((a, b, f"{where}[{at}]") for at, (a, b) in enumerate(zip(expected, found, strict=True)))
    else:
        same = expected == found and isinstance(expected, bool) == isinstance(found, bool)
        return None if same else f"{where}: expected {expected!r:.300}, found {found!r:.300}"
    return next((difference for difference in (first_difference(*pair) for pair in pairs) if difference), None)


def _difference(a: Message, b: Message) -> str | None:
    """The first difference; what is written the same in JSON has none, and to see that is quicker than to walk."""
    return None if _JSON.encode(a) == _JSON.encode(b) else first_difference(a, b)


def _brief(message: Message) -> str:
    shown = {key: message.get(key) for key in ("frame", "type", "xid", "name", "length", "anomalies")}
    return json.dumps(shown)


def assert_same_streams(
    expected: Sequence[Message], found: Sequence[Message], ignore: frozenset[str] = CAPTURE_KEYS
) -> None:
    """The same messages, stream by stream and in order in each; so the same as a whole, too."""
    wanted, got = by_stream(expected), by_stream(found)
    for key in wanted.keys() | got.keys():
        ours, theirs = wanted.get(key, []), got.get(key, [])
        for at, (a, b) in enumerate(zip(ours, theirs, strict=False)):
            difference = _difference(without(a, ignore), without(b, ignore))
            if difference:
                raise AssertionError(
                    f"stream {key}, message {at}: {difference}\nexpected {_brief(a)}\nfound    {_brief(b)}"
                )
        if len(ours) != len(theirs):
            extra = max(ours, theirs, key=len)[min(len(ours), len(theirs))]
            counts = f"{len(ours)} messages expected, {len(theirs)} found"
            raise AssertionError(f"stream {key}: {counts}; the first without partner: {_brief(extra)}")


def one(messages: Sequence[Message], test: Callable[[Message], bool] = bool) -> Message:
    """The only message that passes a test."""
    (found,) = [message for message in messages if test(message)]
    return found
