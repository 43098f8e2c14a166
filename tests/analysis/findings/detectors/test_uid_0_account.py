"""A new superuser: written in each way, or found by comparing what was read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.findings.making import LISTALL, LOOKUPREAD, OK, PERM, ask, findings, read, user
from tests.analysis.findings.writing import (
    ADMIN,
    CREATENAME,
    DESTROY,
    HOME,
    RENAMEPROP,
    ROOT_USER,
    WRITE,
    WRITENAME,
    change,
    create,
    createprop,
    known,
    readall,
    writeprop,
)
from tests.support import rpc
from tests.support.conversation import Talk

ID = "uid-0-account"
TOOR = user("toor", 0, ["*"])


def at_once(talk: Talk) -> None:
    create(talk, 1, 10, TOOR)


def as_niutil_does(talk: Talk) -> None:
    create(talk, 1, 10, [("name", ["toor"])])
    createprop(talk, 10, "uid", ["0"], instance=1)


def by_write(talk: Talk) -> None:
    change(talk, WRITE, 3, rpc.properties(user("toor", 0, None)))


def by_writeprop(talk: Talk) -> None:
    writeprop(talk, 3, 1, ["0"])


def by_writename(talk: Talk) -> None:
    change(talk, WRITENAME, 3, rpc.words(1, 0) + rpc.opaque("0"))


def by_createname(talk: Talk) -> None:
    change(talk, CREATENAME, 3, rpc.words(1) + rpc.opaque("0") + rpc.words(0xFFFFFFFF))


def by_renameprop(talk: Talk) -> None:
    createprop(talk, 3, "spare", ["0"])
    writeprop(talk, 3, 1, ["501"], instance=5)
    change(talk, WRITE, 3, rpc.properties([("name", ["admin"]), ("spare", ["0"])]), instance=6)
    change(talk, RENAMEPROP, 3, rpc.words(1) + rpc.opaque("uid"), instance=7)


def by_renaming_root(talk: Talk) -> None:
    writeprop(talk, 2, 0, ["toor"])


def a_second_root(talk: Talk) -> None:
    create(talk, 1, 10, ROOT_USER)


WAYS = (
    at_once,
    as_niutil_does,
    by_write,
    by_writeprop,
    by_writename,
    by_createname,
    by_renameprop,
    by_renaming_root,
    a_second_root,
)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_write_one(way: Callable[[Talk], None]) -> None:
    talk = known()
    way(talk)
    (found,) = findings(talk.frames, ID)
    (row,) = found.details
    assert (found.severity, row["new"], row["seen"]) == ("high", True, "written")
    named = {by_writeprop: "admin", by_writename: "admin", by_createname: "admin", by_renameprop: "admin"}
    assert row["user"] == named.get(way, "root" if way is a_second_root else "toor")
    assert found.clients == ["192.0.2.10"]


@pytest.mark.parametrize("uid", ["0", "00", "+0", "-0", " 0", "0x1f", "none", "", "4294967296"])
def test_spellings(uid: str) -> None:
    talk = known()
    create(talk, 1, 10, [("name", ["toor"]), ("uid", [uid])])
    (found,) = findings(talk.frames, ID)
    assert found.details[0]["uid"] == uid


def test_it_is_found_after_it_was_removed() -> None:
    talk = known()
    at_once(talk)
    change(talk, DESTROY, 1, rpc.ni_id(10, 0), instance=5)
    assert len(findings(talk.frames, ID)) == 1


def test_where_nothing_is_known_of_the_domain() -> None:
    talk = Talk()
    at_once(talk)
    (found,) = findings(talk.frames, ID)
    assert found.users == ["toor"]


def test_two_reads_without_a_write() -> None:
    talk = known()
    readall(talk, [*HOME, (10, 1, TOOR)], instance=4)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.details[0]["new"], found.details[0]["seen"]) == ("high", True, "read")
    assert found.frames[0].frame == 4
    talk = known()
    read(talk, 3, user("admin", 0, ["*"]))  # it had uid 501
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.users) == ("high", ["admin"])
    talk = known()
    arguments = rpc.ni_id(1) + rpc.opaque("name") + rpc.opaque("toor")
    ask(talk, LOOKUPREAD, arguments, rpc.words(OK) + rpc.ni_id(1, 4) + rpc.properties(TOOR))
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.users) == ("high", ["toor"])


def test_it_was_there_before() -> None:
    talk = known([*HOME, (10, 1, TOOR)])
    read(talk, 10, TOOR)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.details[0]["new"]) == ("medium", False)
    talk = Talk()
    entries = rpc.array([rpc.properties(ROOT_USER), rpc.properties(TOOR)])
    ask(talk, LISTALL, rpc.ni_id(1), rpc.words(OK) + rpc.ni_id(1, 5) + entries)
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.users) == ("medium", ["toor"])


def test_near_misses() -> None:
    talk = known()
    create(talk, 1, 10, user("new", 502, ["*"]))
    create(talk, 4, 11, [("name", ["toor"]), ("uid", ["0"])])  # a group
    create(talk, 4, 12, [("name", ["zero"]), ("gid", ["0"])], instance=5)
    writeprop(talk, 2, 2, ["x"])  # root's password
    writeprop(talk, 3, 1, ["10"])
    writeprop(talk, 3, 1, ["502", "503"], instance=5)
    writeprop(talk, 3, 1, ["0"], instance=6, status=PERM)
    change(talk, DESTROY, 1, rpc.ni_id(2, 4), instance=5)
    create(talk, 1, 2, ROOT_USER, instance=6)  # root, made again
    read(talk, 3, ADMIN)
    read(talk, 11, [("name", ["toor"]), ("uid", ["0"])])
    assert findings(talk.frames, ID) == []
