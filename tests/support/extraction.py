"""Extracting as the command does, and holding what comes out against the source."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import netinfo_scapy
from netinfo_scapy.capture.sources import open_captures, order
from netinfo_scapy.cli.main import app
from tests.support.compare import Message, first_difference, run

MOVED = frozenset({"capture", "frame", "call_frame"})


class Stored(NamedTuple):
    """A frame as a file has it."""

    time: int
    link: int
    wire_length: int
    data: bytes


def extract(sources: Sequence[Path] | Path, out: Path, *options: object) -> int:
    """Run the command; gives the exit code."""
    given = [sources] if isinstance(sources, Path) else sources
    code = app(["extract", *map(str, given), "-o", str(out), *map(str, options)], standalone_mode=False)
    return code or 0


def stored(sources: Sequence[Path] | Path) -> dict[str, list[Stored]]:
    """Each capture's frames, the captures in the order in which they are read."""
    given = [sources] if isinstance(sources, Path) else sources
    return {
        capture.name: [Stored(f.ref.time_ns, f.link, f.wire_length, f.data) for f in capture.frames()]
        for capture in order(open_captures([str(each) for each in given]))
    }


def words_of(filters: dict[str, object]) -> list[str]:
    """The options of the command for the parameters of `Filter.of`."""
    pairs = ((name, each) for name, value in filters.items() for each in ([value] if name in _SINGLE else value))
    return [word for name, each in pairs for word in (f"--{name}", str(each))]


_SINGLE = ("since", "until")


def is_subsequence(part: Iterable[object], whole: Iterable[object]) -> bool:
    rest = iter(whole)
    return all(any(each == other for other in rest) for each in part)


def assert_extracted(
    sources: Sequence[Path] | Path, out: Path, ports: Sequence[str] = (), how: Sequence[str] = (), **filters: object
) -> list[Stored]:
    """Extract, and compare: the same messages at the same frames. Gives the frames that came out.

    how: `--as` and `--learn`, with their values.
    """
    given_ports = [word for port in ports for word in ("--netinfo-port", port)]
    assert extract(sources, out, *given_ports, *how, *words_of(filters)) == 0
    options = dict(zip(how[::2], how[1::2], strict=True))
    parameters = {
        "netinfo_ports": ports,
        "learn": options.get("--learn", "exact"),
        "wanted": netinfo_scapy.Filter.of(**filters) if filters else None,
    }
    given = [str(sources)] if isinstance(sources, Path) else [str(each) for each in sources]
    expected = run(given, as_sensors=options.get("--as", "auto"), **parameters)
    found = run(out, **parameters)
    before, (after,) = stored(sources), stored(out).values()
    difference = first_difference([_still(each) for each in expected], [_still(each) for each in found])
    assert difference is None, difference
    assert is_subsequence(after, [each for frames in before.values() for each in frames])
    for old, new in zip(expected, found, strict=True):
        source = before[str(old["capture"])]
        assert source[old["frame"] - 1] == after[new["frame"] - 1]
        if old["call_frame"] is not None and len(before) == 1:
            assert source[old["call_frame"] - 1] == after[new["call_frame"] - 1]
    return after


def _still(message: Message) -> Message:
    """The message less what an extraction changes."""
    return {key: value for key, value in message.items() if key not in MOVED}
