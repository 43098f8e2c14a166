from __future__ import annotations

import pytest

from netinfo_scapy.analysis.directory.moments import Moment
from netinfo_scapy.capture.sources import open_captures
from tests.support.captures import RECORDED

ONE = [RECORDED / "04-auth.pcap"]
TWO = [RECORDED / "04-auth.pcap", RECORDED / "06-tools.pcap"]


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1970-01-01T00:00:01Z", 10**9 + 999),
        ("1970-01-01T01:00:01.5+01:00", 15 * 10**8 + 999),
        ("1970-01-01", 86_400 * 10**9 - 1),
    ],
)
def test_a_time_is_its_end(text: str, time_ns: int) -> None:
    assert Moment.parse(text).until([]).time_ns == time_ns


def test_a_frame_is_one_of_the_capture_meant() -> None:
    until = Moment.parse("frame:7").until(open_captures(ONE))
    assert (until.capture, until.number, until.time_ns) == (0, 7, None)
    for name in ("06-tools.pcap", str(TWO[1])):
        until = Moment.parse(f"frame:{name}:7").until(open_captures(TWO))
        assert (until.capture, until.number) == (1, 7)


@pytest.mark.parametrize("text", ["", "frame:", "frame:0", "frame:-1", "frame:x", "frame:a:x", "frame:²", "yesterday"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"^at .*write"):
        Moment.parse(text)


def test_which_capture_must_be_clear() -> None:
    with pytest.raises(ValueError, match="may be of 2 captures; write frame:FILE:7"):
        Moment.parse("frame:7").until(open_captures(TWO))
    with pytest.raises(ValueError, match=r"no capture is called so; there is .*04-auth.pcap"):
        Moment.parse("frame:other.pcap:7").until(open_captures(ONE))
