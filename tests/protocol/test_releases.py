"""What a release has in STATISTICS, against what one answered, and against docs/specification.md."""

import json

import pytest

from netinfo_scapy.protocol.releases import RELEASES, release_of, statistics_of
from tests.support.captures import NAMES, truth_path


def _answered() -> list[list[str]]:
    """The names in each answer of a recorded netinfod, all of release 208, to who asked for more than the checksum."""
    found = []
    for name in NAMES:
        for line in map(json.loads, truth_path(name).read_text().splitlines()):
            if line["type"] == "reply" and line.get("name") == "NI.STATISTICS" and line["result"]:
                names = [each["nip_name"] for each in line["result"]]
                found += [names] if names != ["checksum"] else []
    return found


def test_what_release_208_answered() -> None:
    answers = _answered()
    assert len(answers) > 3
    for names in answers:
        assert names == statistics_of(208)
        assert release_of(names) == "208 to 232"


def test_what_later_releases_added() -> None:
    first = statistics_of(208)
    at = first.index("binding") + 1
    second = [*first[:at], "connections", *first[at:]]
    assert (second, release_of(second)) == (statistics_of(233), "233 to 271")
    at = second.index("hostname") + 1
    third = [*second[:at], "domain_servers", *second[at:]]
    assert (third, release_of(third)) == (statistics_of(272), "272 or later")
    assert RELEASES == (208, 233, 272)
    assert (statistics_of(300), statistics_of(232)) == (third, first)


@pytest.mark.parametrize("names", [[], ["checksum"], [*statistics_of(208), "connections"], statistics_of(208)[::-1]])
def test_what_no_release_answers(names: list[str]) -> None:
    assert release_of(names) is None
