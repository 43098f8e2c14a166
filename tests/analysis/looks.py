"""What a reading comes to, as plain values that can be compared."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

import msgspec

from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.part import PartReading
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.captures import Capture
from netinfo_scapy.capture.frames import Frame
from netinfo_scapy.capture.message import Message
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.report.message_object import as_dict, message_object


class AtOnce(Executor):
    """Runs each task when it is submitted; tasks and results go the way they would go to another process."""

    def submit(self, task: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        copied = pickle.loads(pickle.dumps((task, args, kwargs)))
        future.set_result(pickle.loads(pickle.dumps(copied[0](*copied[1], **copied[2]))))
        return future


def everything(capture: Capture, sieve: Sieve) -> Iterator[list[Frame]]:
    """All frames, whatever a sieve would say."""
    yield from capture.batches()


class Unsieved(Reading):
    """A reading that looks at every frame."""

    def _part(self, group: list[Capture], wanted: Any, **others: Any) -> PartReading:
        return super()._part(group, wanted, **{**others, "source": everything})


def summary(reading: Reading, executor: Executor | None = None, jobs: int = 1, alone: bool = False) -> dict[str, Any]:
    """What `analyze --format json` prints; alone: without `captures`."""
    facts = reading.facts(executor, jobs)
    shown = msgspec.json.decode(msgspec.json.encode(conclude(facts, reading.captures, reading.interest, "0")))
    if alone:
        shown = placed(shown)
    # Equal as text: the order of keys counts.
    return {key: value if key in ("captures", "totals") else msgspec.json.encode(value) for key, value in shown.items()}


def placed(shown: dict[str, Any]) -> dict[str, Any]:
    """A summary without what tells of its files: a frame is its place in all of them, as one file would count it."""
    before, count = {}, 0
    for capture in shown["captures"]:
        before[capture["capture"]] = count
        count += capture["frames"]

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(each) for each in value]
        if isinstance(value, dict):
            if set(value) == {"capture", "frame"}:
                return before[value["capture"]] + value["frame"]
            return {key: told(each) for key, each in value.items() if key not in ("captures", "filter")}
        return value

    placed: dict[str, Any] = told(shown)
    return placed


def events(reading: Reading) -> list[Any]:
    """Every event, with all that is said of it."""
    return [
        (as_dict(message_object(event, reading.captures)), event.record.at, event.call and event.call.record.at)
        if isinstance(event, Message)
        else event
        for event in reading.events()
    ]


def opened(data: bytes, kind: type[Reading] = Reading, **how: Any) -> Reading:
    return kind(io.BytesIO(data), **how)
