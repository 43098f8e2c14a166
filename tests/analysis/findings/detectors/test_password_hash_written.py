"""Password hashes in writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.findings.detectors.test_password_hashes import listprops
from tests.analysis.findings.making import HASH, PERM, ask, findings, read, user
from tests.analysis.findings.writing import CREATENAME, WRITE, WRITENAME, change, create, createprop, known, writeprop
from tests.support import rpc
from tests.support.conversation import Talk

ID = "password-hash-written"


def by_create(talk: Talk) -> None:
    create(talk, 1, 10, user("admin", 501, [HASH]))


def by_write(talk: Talk) -> None:
    change(talk, WRITE, 3, rpc.properties(user("admin", 501, [HASH])))


def by_createprop(talk: Talk) -> None:
    createprop(talk, 3, "passwd", [HASH])


def by_writeprop(talk: Talk) -> None:
    writeprop(talk, 3, 2, [HASH])


def by_createname(talk: Talk) -> None:
    change(talk, CREATENAME, 3, rpc.words(2) + rpc.opaque(HASH) + rpc.words(0))


def by_writename(talk: Talk) -> None:
    change(talk, WRITENAME, 3, rpc.words(2, 0) + rpc.opaque(HASH))


@pytest.mark.parametrize("way", [by_create, by_write, by_createprop, by_writeprop, by_createname, by_writename])
def test_each_way(way: Callable[[Talk], None]) -> None:
    talk = known()
    way(talk)
    (found,) = findings(talk.frames, ID)
    (row,) = found.details
    assert (found.severity, row["user"], row["scheme"], row["hash"]) == ("high", "admin", "DES crypt", "ab...")
    assert (row["done"], row["clients"]) == (True, ["192.0.2.10"])
    assert HASH not in repr(found)
    (found,) = findings(talk.frames, ID, reveal=True)
    assert found.details[0]["hash"] == HASH


def test_refused_or_unanswered() -> None:
    talk = known()
    createprop(talk, 3, "passwd", [HASH], status=PERM)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.details[0]["done"]) == ("medium", False)
    talk = Talk()
    arguments = rpc.ni_id(3, 3) + rpc.opaque("passwd") + rpc.names([HASH]) + rpc.words(0)
    ask(talk, 12, arguments, None)
    assert [each.severity for each in findings(talk.frames, ID)] == ["medium"]


def test_a_place_that_only_listprops_tells() -> None:
    talk = Talk()
    writeprop(talk, 5, 2, [HASH], instance=1)
    assert findings(talk.frames, ID) == []
    listprops(talk, "name", "uid", "passwd")
    assert len(findings(talk.frames, ID)) == 1


def test_near_misses() -> None:
    talk = known()
    read(talk, 3, user("admin", 501, [HASH]))  # read, not written
    createprop(talk, 2, "passwd", ["*"])
    createprop(talk, 2, "passwd", [""], instance=5)
    createprop(talk, 2, "realname", ["Administrator"], instance=6)
    writeprop(talk, 2, 0, ["Administrator"], instance=7)
    assert findings(talk.frames, ID) == []
