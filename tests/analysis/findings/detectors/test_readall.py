"""A whole directory given to a host that is no clone."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

import netinfo_scapy
from netinfo_scapy.analysis.findings.known import Given, Known
from tests.analysis.findings.making import OK, READALL, ask, findings
from tests.analysis.findings.writing import OTHER, known, readall
from tests.support import rpc
from tests.support.captures import NAMES, capture_path
from tests.support.conversation import Talk
from tests.support.packets import Address

ID = "readall"
NOTMASTER = 16


def test_to_a_stranger() -> None:
    talk = known()
    readall(talk, client=OTHER)
    readall(talk, client=OTHER)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.count, found.clients) == ("high", 2, ["192.0.2.66"])


def test_to_a_machine_of_the_domain_that_serves_another() -> None:
    talk = Talk()
    readall(talk, client=Address("192.0.2.22", 700))
    assert len(findings(talk.frames, ID)) == 1


def test_near_misses() -> None:
    talk = known()
    readall(talk, client=Address("192.0.2.21", 700))  # serves ./network
    ask(talk, READALL, rpc.words(9), rpc.words(OK, 0, 0, 0), client=OTHER)  # its copy is up to date
    ask(talk, READALL, rpc.words(9), rpc.words(NOTMASTER), client=OTHER)
    ask(talk, READALL, rpc.words(9), None, client=OTHER)
    assert findings(talk.frames, ID) == []
    readall(talk, client=OTHER)
    listed = Known([Given(ip_network("192.0.2.66/32"), None)])
    assert findings(talk.frames, ID, known=listed) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_recordings_have_none(name: str) -> None:
    """All of it is between the programs of one host."""
    assert [each for each in netinfo_scapy.analyze(capture_path(name))["findings"] if each["id"] == ID] == []
