"""Who may connect was changed."""

from __future__ import annotations

from tests.analysis.findings.making import PERM, findings
from tests.analysis.findings.writing import DESTROYPROP, HOME, change, createprop, known, writeprop
from tests.support import rpc

ID = "trusted-networks-changed"
TRUSTING = [(0, 0, [("master", ["oak/network"]), ("trusted_networks", ["192.0.2"])]), *HOME[1:]]


def test_more_are_trusted() -> None:
    talk = known(TRUSTING)
    writeprop(talk, 0, 1, ["192.0.2", "10"])
    (found,) = findings(talk.frames, ID)
    (row,) = found.details
    assert (found.severity, row["path"], row["before"], row["after"]) == ("high", "/", ["192.0.2"], ["192.0.2", "10"])
    talk = known(TRUSTING)
    change(talk, DESTROYPROP, 0, rpc.words(1))  # now everyone is
    assert [each.severity for each in findings(talk.frames, ID)] == ["high"]


def test_fewer_are_trusted() -> None:
    talk = known(TRUSTING)
    writeprop(talk, 0, 1, [])
    assert [each.severity for each in findings(talk.frames, ID)] == ["medium"]
    talk = known()
    createprop(talk, 0, "trusted_networks", ["10"])
    assert [each.severity for each in findings(talk.frames, ID)] == ["medium"]


def test_near_misses() -> None:
    talk = known(TRUSTING)
    createprop(talk, 3, "trusted_networks", ["10"])  # not the root
    writeprop(talk, 0, 1, ["192.0.2"])  # as it was
    writeprop(talk, 0, 1, ["10"], instance=5, status=PERM)
    createprop(talk, 0, "networks", ["10"], instance=5)
    assert findings(talk.frames, ID) == []
