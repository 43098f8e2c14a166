"""What each capture of pcaps/ must show, and no more; told by hand from what is known to be in it."""

from __future__ import annotations

import json

import pytest

import netinfo_scapy
from netinfo_scapy.analysis.summary import Finding
from tests.support.captures import NAMES, RECORDED, capture_path

HASHES, EMPTY, PASSWORD = "password-hashes", "account-without-password", "password-in-credential"
GUESSING, NIBIND = "password-guessing", "nibind-administration"

EXPECTED = {
    # A wrong root password on UNREGISTER (frame 362); all administration is done on the host itself.
    "01-nibind-portmap": {(PASSWORD, "root")},
    # /users by LOOKUPREAD, LIST, LISTALL and READALL.
    "02-ni-read-tcp": {(HASHES, "admin root"), (EMPTY, "nopass")},
    # Eight pairs of user and password, five of them wrong; `passwd` of /users by LIST (frame 109).
    "04-auth": {(PASSWORD, "uid 0"), (PASSWORD, "uid 501"), (PASSWORD, "uid 502"), (PASSWORD, "uid 503")}
    | {(PASSWORD, "uid 4242"), (HASHES, "directory 4 directory 5"), (GUESSING, "uid 0 uid 4242 uid 503")},
    # nidump reads each user.
    "06-tools": {(HASHES, "admin root"), (EMPTY, "nopass")},
    # READALL (frame 859).
    "07-large-tcp": {(HASHES, "admin root"), (EMPTY, "nopass")},
    # READ of each user.
    "10-rparent-bind": {(HASHES, "admin root"), (EMPTY, "nopass")},
    # READALL of the master by its clone, and of the clone.
    "11-clone": {(HASHES, "admin root"), (EMPTY, "nopass")},
}
CRAFTED = {
    # Every procedure, from another host.
    "nibind-udp": {(NIBIND, "")},
    "nibind-tcp": {(NIBIND, "")},
    # One credential has a password.
    "credentials": {(PASSWORD, "uid 0")},
}


def found(path: object) -> set[tuple[str, str]]:
    return {(each["id"], " ".join(sorted(map(str, each["users"])))) for each in netinfo_scapy.analyze(path)["findings"]}


@pytest.mark.parametrize("name", NAMES)
def test_the_recordings(name: str) -> None:
    assert found(capture_path(name)) == EXPECTED[name]


@pytest.mark.parametrize("path", sorted((RECORDED.parent / "crafted").glob("*.pcap")), ids=lambda path: path.stem)
def test_the_crafted_captures(path: object) -> None:
    assert found(path) == CRAFTED.get(path.stem, set())


@pytest.mark.parametrize("name", NAMES)
def test_a_finding_holds_together(name: str) -> None:
    """Its filter names its frames; the gravest stand first."""
    findings = netinfo_scapy.analyze(capture_path(name))["findings"]
    grave = ["high", "medium", "low", "info"]
    assert [grave.index(each["severity"]) for each in findings] == sorted(
        grave.index(each["severity"]) for each in findings
    )
    for each in findings:
        assert set(each) == set(Finding.__struct_fields__)
        assert each["filter"] == " || ".join(f"frame.number == {frame['frame']}" for frame in each["frames"])
        assert each["count"] >= 1
        assert each["first_time"] <= each["last_time"]
        assert json.dumps(each)
