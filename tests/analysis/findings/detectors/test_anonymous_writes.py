"""Writes without a credential that were done."""

from __future__ import annotations

import netinfo_scapy
from tests.analysis.findings.making import PERM, findings, password
from tests.analysis.findings.writing import OTHER, OTHER_RESERVED, create, createprop, known, writeprop
from tests.support.captures import capture_path
from tests.support.conversation import SERVER, Talk
from tests.support.packets import Address

ID = "anonymous-writes"
MASTER = Address("192.0.2.20", 700)
CLONE = Address("192.0.2.21", 961)


def test_from_another_host() -> None:
    talk = known()
    createprop(talk, 3, "a", ["1"], client=OTHER)
    createprop(talk, 3, "b", ["1"], instance=5, client=OTHER_RESERVED)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.count, found.clients) == ("medium", 2, ["192.0.2.66"])
    assert [row["property"] for row in found.details] == ["a", "b"]


def test_from_the_host_itself_without_a_reserved_port() -> None:
    talk = known()
    createprop(talk, 3, "a", ["1"], client=Address(SERVER.ip, 1024))
    assert len(findings(talk.frames, ID)) == 1


def test_to_a_clone_from_an_ordinary_port() -> None:
    talk = known(server=CLONE)
    createprop(talk, 3, "a", ["1"], client=OTHER, server=CLONE)
    assert len(findings(talk.frames, ID)) == 1


def test_the_recording_of_writers() -> None:
    """Frame 68 writes `shell` of /users/open, whose `_writers_shell` is `*`; all else is refused."""
    (found,) = [each for each in netinfo_scapy.analyze(capture_path("04-auth"))["findings"] if each["id"] == ID]
    (row,) = found["details"]
    assert (row["property"], row["after"], row["first"]["frame"]) == ("shell", ["/bin/anon"], 68)


def test_near_misses() -> None:
    talk = known()
    createprop(talk, 3, "a", ["1"], client=Address(SERVER.ip, 1023))
    createprop(talk, 3, "b", ["1"], instance=5, credential=password("s3cret", 501))
    createprop(talk, 3, "c", ["1"], instance=6, status=PERM)
    assert findings(talk.frames, ID) == []


def test_updates_of_a_clone() -> None:
    talk = known(server=CLONE)
    writeprop(talk, 3, 1, ["1"], client=MASTER, server=CLONE)
    assert findings(talk.frames, ID) == []
    talk = Talk()  # nobody tells that it is a clone, but a CREATE with the number that the master took
    create(talk, 1, 10, [("name", ["new"])], target=10, client=MASTER, server=CLONE)
    createprop(talk, 10, "a", ["1"], instance=1, client=MASTER, server=CLONE)
    assert findings(talk.frames, ID) == []
