"""Moments in captures."""

from __future__ import annotations

from pathlib import Path

import pytest

from netinfo_scapy.analysis.directory.captures import domains_at, domains_of, histories_of, parse_until
from netinfo_scapy.analysis.directory.paths import parse_path
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.frames import FrameRef
from tests.support.captures import SMALL, capture_path

TOOLS = capture_path("06-tools")


@pytest.mark.parametrize(
    ("text", "covered", "late"),
    [
        ("frame:796", FrameRef(0, 796, 0), FrameRef(0, 797, 0)),
        ("frame:06-tools.pcap:1", FrameRef(0, 1, 10**18), FrameRef(0, 2, 0)),
        ("2003-05-01", FrameRef(5, 1, 1_051_833_599_999_999_999), FrameRef(0, 1, 1_051_833_600 * 10**9)),
        ("1970-01-01T00:00:01Z", FrameRef(0, 9, 10**9), FrameRef(0, 1, 10**9 + 1000)),
    ],
)
def test_moments(text: str, covered: FrameRef, late: FrameRef) -> None:
    until = parse_until(text, Reading(TOOLS).captures)
    assert until.covers(covered)
    assert not until.covers(late)


@pytest.mark.parametrize("text", ["frame:", "frame:x", "frame:0", "frame:-1", "yesterday", "", "frame:other.pcap:3"])
def test_mistakes(text: str) -> None:
    with pytest.raises(ValueError, match="--at"):
        parse_until(text, Reading(TOOLS).captures)


def test_a_frame_of_several_captures_needs_a_file() -> None:
    captures = Reading([capture_path(name) for name in SMALL]).captures
    with pytest.raises(ValueError, match=r"write frame:FILE:7, or a time"):
        parse_until("frame:7", captures)
    until = parse_until(f"frame:{Path(captures[1].name).name}:7", captures)
    assert (until.capture, until.number) == (1, 7)


def test_several_moments_of_one_reading() -> None:
    moments = [Until(number=100), None, Until(number=600), Until(time_ns=0)]
    together = domains_at(Reading(TOOLS), moments)
    assert together == [domains_of(Reading(TOOLS), each) for each in moments]
    assert [len(domains[-1].changes) if domains else 0 for domains in together] == [2, 20, 11, 0]


def test_a_history() -> None:
    """niutil made /locations/office, wrote to it nine times, and destroyed it."""
    ((source, states),) = histories_of(Reading(TOOLS), parse_path(b"/locations/office"))
    assert source.tag == b"network"
    assert [state.change and state.change.procedure for state in states] == [
        "CREATE",
        "CREATEPROP",
        *["WRITEPROP"] * 4,
        "RENAMEPROP",
        "DESTROYPROP",
        "DESTROY",
    ]
    assert [state.first.number for state in states] == [87, 115, 145, 175, 205, 235, 263, 516, 548]
    assert [state.there for state in states] == [True] * 8 + [False]
    assert states[2].properties[1].values == [b"1", b"2", b"3", b"4"]
    assert states[6].properties[1].name == b"telephones"
    assert (states[2].last.number, states[2].whole, states[2].object) == (173, True, 17)


def test_the_history_of_a_number_that_was_given_out_again() -> None:
    ((_, states),) = histories_of(Reading(TOOLS), 17)
    names = [state.properties[0].values if state.there else None for state in states]
    assert names == [[b"office"]] * 8 + [None, [b"niclmade"]]
