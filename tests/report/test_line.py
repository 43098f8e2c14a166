from __future__ import annotations

from zoneinfo import ZoneInfo

from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.message import Message
from netinfo_scapy.report.line import MOST_CHARACTERS, message_line
from netinfo_scapy.report.message_object import message_object
from tests.support.captures import capture_path


def lines(name: str, *, full: bool = False, reveal: bool = False, zone: str | None = None) -> list[str]:
    reading = Reading(capture_path(name))
    return [
        message_line(message_object(event, reading.captures, reveal), ZoneInfo(zone) if zone else None, full)
        for event in reading.events()
        if isinstance(event, Message)
    ]


def test_a_call_and_its_reply() -> None:
    """Frames 90 and 91 of the recording, as its ground truth has them."""
    call, reply = (line for line in lines("04-auth") if line.split()[0] in ("90", "91"))
    assert "127.0.0.1:45283 -> 127.0.0.1:666  NetInfo.WRITEPROP (uid 502, with a password)  id=7/10" in call
    assert "127.0.0.1:45283 <- 127.0.0.1:666  NetInfo.WRITEPROP NI_OK 0.228 ms  id=7/11" in reply


def test_a_password_is_named_only_when_asked() -> None:
    assert not any("adminpw" in line for line in lines("04-auth"))
    assert any("(uid 501, password adminpw)" in line for line in lines("04-auth", reveal=True))


def test_long_values_are_cut_unless_all_is_asked_for() -> None:
    short, long = lines("07-large-tcp"), lines("07-large-tcp", full=True)
    assert max(map(len, short)) < MOST_CHARACTERS + 250
    assert max(map(len, long)) > 100_000


def test_remarks() -> None:
    found = lines("10-rparent-bind")
    assert sum("[retransmission" in line for line in found) == 15
    assert any(line.endswith("[bytes-left-over]") for line in found)


def test_the_end_of_a_list_is_called_so() -> None:
    assert any("where=end" in line for line in lines("04-auth"))
    assert not any("4294967295" in line for line in lines("04-auth"))
