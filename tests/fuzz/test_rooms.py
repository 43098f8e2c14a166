"""Rooms: which modules guide a target."""

from __future__ import annotations

import pytest

from fuzz.rooms import PACKAGE, modules, outside
from fuzz.target import NAMES, target

_READ_OTHERWISE = {"lines", "limits", "errors", "remote", "following", "sources", "flow_frames", "pcapng_writer"}
"""Modules of capture/ that are given no bytes of a capture, and those whose bytes are read by what guides a target."""


def test_outside_is_what_is_in_none_of_the_rooms() -> None:
    every = list(modules())
    assert "netinfo_scapy" in every
    assert "netinfo_scapy.protocol.codec" in every
    left = outside(("protocol", "capture.ip"))
    assert set(every) - set(left) == {each for each in every if each.startswith("netinfo_scapy.protocol")} | {
        "netinfo_scapy.capture.ip"
    }
    assert outside(()) == []


@pytest.mark.parametrize("room", ["capture.i", "no", "protocol.codec.py"])
def test_a_room_that_is_not_there(room: str) -> None:
    with pytest.raises(ValueError, match="no such room"):
        outside(("protocol", room))


def test_all_that_reads_a_capture_guides_some_target() -> None:
    inside = {each for name in NAMES for each in set(modules()) - set(outside(target(name).rooms))}
    readers = {
        each
        for path in (PACKAGE / "capture").glob("[!_]*.py")
        if path.stem not in _READ_OTHERWISE
        for each in (f"netinfo_scapy.capture.{path.stem}",)
    }
    assert readers - inside == set()
