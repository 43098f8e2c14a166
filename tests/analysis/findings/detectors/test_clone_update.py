"""Updates to a clone by somebody else than its master."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

import netinfo_scapy
from netinfo_scapy.analysis.findings.known import Given, Known
from tests.analysis.findings.making import OK, PERM, RDONLY, STATISTICS, ask, findings, password
from tests.analysis.findings.writing import OTHER, OTHER_RESERVED, create, createprop, known, writeprop
from tests.support import rpc
from tests.support.captures import NAMES, capture_path
from tests.support.conversation import Talk
from tests.support.packets import Address

ID = "clone-update"
CLONE = Address("192.0.2.21", 961)
MASTER = Address("192.0.2.20", 700)
LISTED = Known([Given(ip_network("192.0.2.20/32"), None), Given(ip_network("192.0.2.21/32"), None)])


@pytest.mark.parametrize(("status", "severity"), [(OK, "high"), (RDONLY, "medium"), (PERM, "medium")])
def test_from_another_host(status: int, severity: str) -> None:
    talk = known(server=CLONE)
    createprop(talk, 3, "a", ["1"], client=OTHER_RESERVED, server=CLONE, status=status)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.clients, found.servers) == (severity, ["192.0.2.66"], ["192.0.2.21"])
    assert found.details[0]["procedure"] == "CREATEPROP"


def refused(talk: Talk) -> None:
    """Only a clone answers so."""
    createprop(talk, 3, "a", ["1"], server=CLONE, status=RDONLY)


def statistics(talk: Talk) -> None:
    ask(talk, STATISTICS, b"", rpc.properties([("tag", ["network", "clone"])]), server=CLONE)


@pytest.mark.parametrize("sign", [refused, statistics])
def test_a_clone_that_only_its_answers_tell(sign: object) -> None:
    """Who is its master is not known, but who serves NetInfo is."""
    talk = Talk()
    sign(talk)
    createprop(talk, 3, "b", ["1"], client=OTHER_RESERVED, server=CLONE)
    createprop(talk, 3, "c", ["1"], instance=5, client=MASTER, server=CLONE)
    assert findings(talk.frames, ID) == []
    (found,) = findings(talk.frames, ID, known=LISTED)
    assert found.clients == ["192.0.2.66"]


def test_who_became_master_by_its_own_update() -> None:
    talk = known(server=CLONE)
    create(talk, 6, 10, [("name", ["evil"]), ("ip_address", ["192.0.2.66"])], client=OTHER_RESERVED, server=CLONE)
    writeprop(talk, 0, 0, ["evil/network"], client=OTHER_RESERVED, server=CLONE)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.count) == ("high", 2)


def test_near_misses() -> None:
    talk = known(server=CLONE)
    writeprop(talk, 3, 1, ["1"], client=MASTER, server=CLONE)
    writeprop(talk, 3, 1, ["2"], instance=5, client=OTHER, server=CLONE)
    writeprop(talk, 3, 1, ["3"], instance=6, client=OTHER_RESERVED, server=CLONE, credential=password("s3cret"))
    writeprop(talk, 3, 1, ["4"], instance=7, client=Address(CLONE.ip, 700), server=CLONE)
    ask(talk, 7, rpc.ni_id(3), rpc.words(5), client=OTHER_RESERVED, server=CLONE)
    assert findings(talk.frames, ID) == []
    talk = known()  # the master
    writeprop(talk, 3, 1, ["1"], client=OTHER_RESERVED, status=PERM)
    assert findings(talk.frames, ID) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_recordings_have_none(name: str) -> None:
    assert [each for each in netinfo_scapy.analyze(capture_path(name))["findings"] if each["id"] == ID] == []
