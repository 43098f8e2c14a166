"""Differences and histories as text: nothing in it but lines that can be shown."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from msgspec.structs import replace

from netinfo_scapy.analysis.directory.compare import Comparison
from netinfo_scapy.analysis.directory.document import Captured
from netinfo_scapy.analysis.directory.history import State
from netinfo_scapy.analysis.directory.tree import Change, Directory, Property
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.report.dumps.difference import differing, gone_through
from tests.support.trees import trees

FIRST = State(True, 9, 0, [], True, False, None, FrameRef(0, 1, 0), FrameRef(0, 1, 0), None)


@settings(deadline=None)
@given(trees(), trees())
def test_every_difference_is_lines_that_can_be_shown(before: Directory, after: Directory) -> None:
    found = list(Comparison(before, after).differences())
    lines = b"".join(differing(found)).decode().splitlines()
    assert all(line.isprintable() for line in lines)
    properties = sum((each.before is not None) + (each.after is not None) for one in found for each in one.properties)
    assert len(lines) == len(found) + properties


def test_a_change_is_told_whole() -> None:
    def held(*values: bytes) -> list[Property]:
        return [Property(b"name", [b"x"]), *(Property(b"shell", [value]) for value in values)]

    change = Change(
        at=FrameRef(1, 7, 10**18),
        call_at=FrameRef(1, 6, 10**18),
        client=Endpoint(bytes([10, 0, 0, 1]), 1000),
        server=Endpoint(bytes([10, 0, 0, 2]), 603),
        transport=Transport.TCP,
        uid=501,
        procedure="WRITEPROP",
        object=9,
        path=b"/users/x",
        before=held(b"/bin/sh"),
        after=held(b"/bin/\x1b"),
    )
    captures = [Captured("a.pcap", 6), Captured("b\x07.pcap", 9)]

    def state(properties: list[Property], at: FrameRef, **others: Any) -> State:
        return replace(FIRST, properties=properties, first=at, last=at, **others)

    states = [
        state(held(b"/bin/sh"), FrameRef(0, 3, 0)),
        state(held(b"/bin/\x1b"), change.at, change=change),
        state(held(b"/bin/csh"), FrameRef(1, 9, 10**18 + 1), whole=False, outdated=True),
        state([], FrameRef(1, 11, 10**18 + 2), there=False),
    ]
    text = b"".join(gone_through(states, captures, ZoneInfo("Europe/Berlin"))).decode()
    assert text == (
        "1970-01-01 01:00:00.000000+01:00  frame 3 of a.pcap: seen as it is\n"
        '      "name" = ( "x" );\n'
        '      "shell" = ( "/bin/sh" );\n'
        "2001-09-09 03:46:40.000000000+02:00  frame 7 of b\\x07.pcap: WRITEPROP of directory 9, "
        "asked of 10.0.0.2 port 603/tcp by 10.0.0.1, uid 501\n"
        '-     "shell" = ( "/bin/sh" );\n'
        '      "name" = ( "x" );\n'
        '+     "shell" = ( "/bin/\\033" );\n'
        "2001-09-09 03:46:40.000000001+02:00  frame 9 of b\\x07.pcap: seen otherwise, written by somebody since\n"
        '-     "shell" = ( "/bin/\\033" );\n'
        '      "name" = ( "x" );\n'
        '+     "shell" = ( "/bin/csh" );\n'
        "      there may be more properties\n"
        "2001-09-09 03:46:40.000000002+02:00  frame 11 of b\\x07.pcap: not there any more\n"
        '-     "name" = ( "x" );\n'
        '-     "shell" = ( "/bin/csh" );\n'
    )


def test_a_state_that_reads_the_same_says_what_is_new() -> None:
    def state(properties: list[Property], **others: Any) -> State:
        return replace(FIRST, **{"properties": properties, "whole": False, **others})

    name = [Property(b"name", [b"x"], whole=False)]
    states = [
        state(name),
        state(name, children=[4, 5]),
        state(name, children=[5, 6, 7]),
        state(name, children=[7, 6, 5]),
        state(name),
        state([Property(b"name", [b"x"])], whole=True),
        state([Property(b"name", [b"x"])], whole=True, outdated=True),
        state([Property(b"name", [b"x"])], whole=True),
        state([Property(b"name", [b"x"])], whole=True, object=10),
    ]
    lines = b"".join(gone_through(states, [Captured("a.pcap", 6)], None)).decode().splitlines()
    assert [line.split(": ", 1)[1] for line in lines if line.startswith("1970")] == [
        "seen as it is",
        "seen again; it is known now which directories are in it",
        "seen again; new in it: 6 and 7, gone from it: 4",
        "seen again; the directories in it have another order",
        "seen again; it is not known any more which directories are in it",
        "seen again; all of its properties are known now; its values are known better",
        "as it was, written by somebody since",
        "seen again",
        "seen otherwise",
    ]
