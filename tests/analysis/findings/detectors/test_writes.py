"""Who wrote what, before and after."""

from __future__ import annotations

import json

import pytest

import netinfo_scapy
from tests.analysis.findings.making import HASH, PERM, findings, password, read, user
from tests.analysis.findings.writing import (
    ADMIN,
    CREATENAME,
    DESTROY,
    DESTROYNAME,
    DESTROYPROP,
    OTHER,
    RENAMEPROP,
    WRITE,
    WRITENAME,
    change,
    create,
    createprop,
    known,
    writeprop,
)
from tests.support import rpc
from tests.support.captures import NAMES, capture_path, truth_path
from tests.support.conversation import SERVER, Talk
from tests.support.packets import Address

ID = "writes"
PROCEDURES = {"CREATE", "CREATEPROP", "CREATENAME", "DESTROY", "DESTROYNAME", "DESTROYPROP", "RENAMEPROP"} | {
    "WRITE",
    "WRITEPROP",
    "WRITENAME",
}


def told(talk: Talk) -> list[tuple[object, ...]]:
    (found,) = findings(talk.frames, ID)
    return [(row["path"], row["property"], row["what"], row["before"], row["after"]) for row in found.details]


def test_each_way_to_write() -> None:
    talk = known()
    createprop(talk, 3, "shell", ["/bin/sh"], instance=4)
    writeprop(talk, 3, 3, ["/bin/csh"], instance=5)
    change(talk, CREATENAME, 3, rpc.words(3) + rpc.opaque("x") + rpc.words(0), instance=6)
    change(talk, WRITENAME, 3, rpc.words(3, 1) + rpc.opaque("y"), instance=7)
    change(talk, DESTROYNAME, 3, rpc.words(3, 0), instance=8)
    change(talk, RENAMEPROP, 3, rpc.words(3) + rpc.opaque("sh"), instance=9)
    change(talk, DESTROYPROP, 3, rpc.words(3), instance=10)
    change(talk, WRITE, 3, rpc.properties([("name", ["adm"]), ("uid", ["501"])]), instance=11)
    create(talk, 1, 12, user("new", 12, None))
    change(talk, DESTROY, 1, rpc.ni_id(12, 0), instance=5)
    path = "/users/admin"
    assert told(talk) == [
        (path, "shell", "added", None, ["/bin/sh"]),
        (path, "shell", "changed", ["/bin/sh"], ["/bin/csh"]),
        (path, "shell", "changed", ["/bin/csh"], ["x", "/bin/csh"]),
        (path, "shell", "changed", ["x", "/bin/csh"], ["x", "y"]),
        (path, "shell", "changed", ["x", "y"], ["y"]),
        (path, "shell", "removed", ["y"], None),
        (path, "sh", "added", None, ["y"]),
        (path, "sh", "removed", ["y"], None),
        (path, "name", "changed", ["admin"], ["adm"]),
        (path, "passwd", "removed", ["*"], None),
        ("/users/new", "name", "added", None, ["new"]),
        ("/users/new", "uid", "added", None, ["12"]),
        ("/users/new", "name", "removed", ["new"], None),
        ("/users/new", "uid", "removed", ["12"], None),
    ]


def test_by_whom() -> None:
    talk = known()
    createprop(talk, 3, "a", ["1"], instance=4, credential=password("s3cret", 501))
    createprop(talk, 3, "b", ["1"], instance=5, client=OTHER)
    createprop(talk, 3, "c", ["1"], instance=6, client=Address(SERVER.ip, 700))
    found = findings(talk.frames, ID)
    assert [(each.severity, each.users, each.clients) for each in found] == [
        ("low", ["admin"], ["192.0.2.10"]),
        ("low", [], ["192.0.2.66"]),
        ("info", [], ["192.0.2.20"]),
    ]
    assert [each.count for each in found] == [1, 1, 1]
    assert "s3cret" not in repr(found)


def test_a_name_that_is_told_later() -> None:
    """A write by place, of a directory that is read only after it; and one in which something else was done."""
    talk = Talk()
    writeprop(talk, 3, 2, [HASH], instance=4)
    createprop(talk, 3, "shell", ["x"], instance=5)
    writeprop(talk, 3, 3, ["y"], instance=6)
    read(talk, 3, [*ADMIN, ("shell", ["y"])])  # which tells instance 3: these are not the same
    assert [row[1] for row in told(talk)] == [None, "shell", None]
    talk = Talk()
    writeprop(talk, 3, 2, [HASH], instance=1)
    createprop(talk, 3, "shell", ["x"], instance=2)
    writeprop(talk, 3, 3, ["y"], instance=3)
    read(talk, 3, [*ADMIN, ("shell", ["y"])])
    assert [row[1] for row in told(talk)] == ["passwd", "shell", "shell"]


def test_hashes_stay_hidden() -> None:
    talk = known()
    writeprop(talk, 3, 2, [HASH], instance=4)
    change(talk, RENAMEPROP, 3, rpc.words(2) + rpc.opaque("note"), instance=5)
    writeprop(talk, 77, 2, [HASH])  # nobody told what this is
    create(talk, 1, 12, [("passwd", [HASH])])  # its path is /users/passwd=...
    (found,) = findings(talk.frames, ID)
    assert HASH not in repr(found)
    assert found.details[-1]["path"] == "/users/passwd=ab..."
    (found,) = findings(talk.frames, ID, reveal=True)
    assert repr(found).count(HASH) == 6


def test_what_is_shown_is_bounded() -> None:
    talk = known()
    createprop(talk, 3, "many", [f"value{number}" for number in range(500)])
    createprop(talk, 3, "long", ["x" * 8_000], instance=5)
    (found,) = findings(talk.frames, ID)
    assert found.details[0]["after"][-1] == "... and 484 more"
    assert len(repr(found.details)) < 2_000


def test_near_misses() -> None:
    talk = known()
    createprop(talk, 3, "shell", ["x"], status=PERM)
    rest = rpc.opaque("shell") + rpc.names(["x"]) + rpc.words(0)
    talk.ask(rpc.call(70, rpc.NETINFO, 2, 12, rpc.ni_id(3, 3) + rest))  # no answer
    read(talk, 3, ADMIN)
    assert findings(talk.frames, ID) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_write_of_the_recordings(name: str) -> None:
    """By the ground truth; of the clone's in 11, only those count that its master did not make."""
    messages = [json.loads(line) for line in truth_path(name).read_text().splitlines()]
    calls = {(each["src"], each["dst"], each["xid"]): each["frame"] for each in messages if each["type"] == "call"}
    expected = set()
    for each in messages:
        program, _, procedure = each.get("name", "").partition(".")
        if each["type"] == "reply" and program == "NI" and procedure in PROCEDURES and "result" in each:
            clone = name == "11-clone" and each["src"].endswith((":655", ":956"))
            if each["result"]["status"] == 0 and not clone:
                expected.add((procedure, calls[each["dst"], each["src"], each["xid"]]))
    shown = [each for each in netinfo_scapy.analyze(capture_path(name))["findings"] if each["id"] == ID]
    assert {(row["procedure"], row["first"]["frame"]) for each in shown for row in each["details"]} == expected
    assert sum(each["count"] for each in shown) == len(expected)
