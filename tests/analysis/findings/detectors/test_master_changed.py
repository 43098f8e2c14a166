"""The domain was given another master."""

from __future__ import annotations

from tests.analysis.findings.making import PERM, findings
from tests.analysis.findings.writing import DESTROYPROP, OTHER, WRITENAME, change, createprop, known, writeprop
from tests.support import rpc
from tests.support.conversation import Talk

ID = "master-changed"


def test_each_way() -> None:
    talk = known()
    writeprop(talk, 0, 0, ["elm/network"], client=OTHER)
    (found,) = findings(talk.frames, ID)
    (row,) = found.details
    assert (found.severity, row["before"], row["after"]) == ("high", ["oak/network"], ["elm/network"])
    assert found.clients == ["192.0.2.66"]
    talk = known()
    change(talk, WRITENAME, 0, rpc.words(0, 0) + rpc.opaque("elm/network"))
    assert len(findings(talk.frames, ID)) == 1
    talk = known()
    change(talk, DESTROYPROP, 0, rpc.words(0))
    assert len(findings(talk.frames, ID)) == 1
    talk = Talk()
    createprop(talk, 0, "master", ["elm/network"])  # nothing is known of the root
    assert len(findings(talk.frames, ID)) == 1


def test_near_misses() -> None:
    talk = known()
    createprop(talk, 3, "master", ["elm/network"])
    writeprop(talk, 0, 0, ["oak/network"])
    writeprop(talk, 0, 0, ["elm/network"], instance=5, status=PERM)
    createprop(talk, 0, "masters", ["elm/network"], instance=5)
    assert findings(talk.frames, ID) == []
