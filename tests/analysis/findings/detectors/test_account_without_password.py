"""Accounts whose `passwd` is there and empty."""

from __future__ import annotations

import pytest

from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.analysis.findings.detectors.account_without_password import DETECTOR
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.reading import Reading
from tests.analysis.findings.making import HASH, LISTALL, OK, ask, findings, read, user
from tests.support import rpc
from tests.support.captures import capture_path
from tests.support.conversation import Talk

ID = "account-without-password"


@pytest.mark.parametrize("passwd", [[""], [], ["", HASH]])
def test_an_empty_password(passwd: list[str]) -> None:
    talk = Talk()
    read(talk, 6, user("nopass", 502, passwd))
    entries = rpc.array([rpc.properties(user("nopass", 502, passwd)), rpc.properties(user("admin", 501, [HASH]))])
    ask(talk, LISTALL, rpc.ni_id(3), rpc.words(OK) + rpc.ni_id(3, 5) + entries)
    (found,) = findings(talk.frames, ID)
    assert found.users == ["nopass"]
    assert found.title == "nopass of the server at 192.0.2.20:961/udp has no password"
    assert found.count == 2
    assert found.details[0]["uid"] == "502"


def test_near_misses() -> None:
    talk = Talk()
    read(talk, 7, user("open", 503, None))  # no passwd: nobody can log in
    read(talk, 8, user("daemon", 1, ["*"]))
    read(talk, 9, user("wheel", None, [""]))  # a group
    read(talk, 10, [("name", ["odd"]), ("uid", ["7"]), ("passwd", [HASH]), ("passwd", [""])])  # the first counts
    assert findings(talk.frames, ID) == []


def test_what_a_list_leaves_open_the_directory_tells() -> None:
    """In 04-auth `passwd` is read by LIST only, which tells no uid."""
    reading = Reading(capture_path("04-auth"))
    facts = reading.facts()
    ends = [key for key in facts.servers if key[1].port == 666 and key[0].label == "tcp"]
    nopass = Directory(object=6, properties=[Property(b"name", [b"nopass"]), Property(b"uid", [b"502"])])
    domain = Domain(tag=b"network", endpoints=ends, root=Directory(object=0, children=[nopass]))
    view = View(facts, reading.captures, reading.interest, domains=[domain])
    (draft,) = DETECTOR.conclude(view.evidence(ID), view)
    found = draft.finding()
    assert (found.users, [frame.frame for frame in found.frames]) == (["nopass"], [109])
    nothing = View(facts, reading.captures, reading.interest)
    assert list(DETECTOR.conclude(nothing.evidence(ID), nothing)) == []
