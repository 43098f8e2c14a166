"""Words that the reports share."""

from __future__ import annotations

import pytest

from netinfo_scapy.report.words import duration, grouped, tag_name, talk_of
from tests.support import reports


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 us"), (1.5e-5, "15 us"), (0.00123456, "1.23 ms"), (2.0, "2 s"), (-0.5, "-500 ms")],
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_tags() -> None:
    assert [tag_name("local"), tag_name(""), tag_name({"hex": "ff"}), tag_name("a\u202eb")] == [
        "local",
        '""',
        "0xff",
        r"a\u202eb",
    ]


def test_groups_with_the_most_calls_come_first() -> None:
    rows = [reports.talked("192.0.2.1", "192.0.2.9", 3), reports.talked("192.0.2.2", "192.0.2.9", 4)]
    rows.append(reports.talked("192.0.2.1", "192.0.2.9", 2))
    assert [(key[0], len(each)) for key, each in grouped(rows, talk_of)] == [("192.0.2.1", 2), ("192.0.2.2", 1)]
