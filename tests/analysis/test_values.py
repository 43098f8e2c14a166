"""Times and bytes as outputs have them, and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.values import bytes_of, local_time, nanoseconds, rfc3339, text_of


@given(st.integers(0, 4 * 10**18), st.sampled_from([6, 9]))
def test_times_are_rfc_3339(time_ns: int, digits: int) -> None:
    text = rfc3339(time_ns, digits)
    assert text.endswith("Z")
    assert len(text) == 21 + digits
    assert datetime.fromisoformat(text[:19]).replace(tzinfo=UTC).timestamp() == time_ns // 10**9
    assert text[20:-1] == f"{time_ns % 10**9:09d}"[:digits]


@pytest.mark.parametrize("time_ns", [-(10**21), -1, 10**30, 2**64 * 10**9])
def test_absurd_times_are_shown(time_ns: int) -> None:
    assert rfc3339(time_ns, 9).endswith("Z")
    local_time(rfc3339(time_ns, 6), ZoneInfo("Pacific/Kiritimati"))


def test_a_zone_shows_its_offset() -> None:
    assert local_time("2003-05-01T22:30:00.000001Z", ZoneInfo("Europe/Berlin")) == "2003-05-02 00:30:00.000001+02:00"


def test_bytes_are_text_or_hex() -> None:
    assert text_of("Jörg\0".encode()) == "Jörg\0"
    assert text_of(b"J\xf6rg") == {"hex": "4af67267"}


@given(st.binary())
def test_bytes_read_as_they_were(data: bytes) -> None:
    assert bytes_of(text_of(data)) == data


@pytest.mark.parametrize("text", [{}, {"hex": "0"}, {"hex": "xx"}, {"hex": "00", "x": ""}, "\ud800"])
def test_what_no_bytes_are_printed_as(text: dict[str, str] | str) -> None:
    with pytest.raises(ValueError):
        bytes_of(text)


@given(st.integers(-62 * 10**18, 253 * 10**18))
def test_times_read_as_they_were(time_ns: int) -> None:
    assert nanoseconds(rfc3339(time_ns, 9)) == time_ns
    assert nanoseconds(rfc3339(time_ns, 6)) == time_ns // 1000 * 1000


@pytest.mark.parametrize(
    "text", ["", "2003-05-01T12:00:00Z", "2003-05-01T12:00:00.000000", "2003-13-01T12:00:00.000000Z"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        nanoseconds(text)
