"""Who may write was changed."""

from __future__ import annotations

import pytest

from tests.analysis.findings.making import PERM, findings, read, user
from tests.analysis.findings.writing import DESTROYPROP, HOME, RENAMEPROP, change, create, createprop, known, writeprop
from tests.support import rpc

ID = "writers-changed"
OPEN = [*HOME, (10, 1, [("name", ["open"]), ("_writers", ["admin", "open"])])]


@pytest.mark.parametrize(
    ("name", "values", "severity"),
    [
        ("_writers", ["*"], "high"),
        ("_writers", ["admin"], "high"),
        ("_writers_passwd", ["*"], "high"),
        ("_writers_passwd", ["root"], "high"),
        ("_writers_passwd", ["admin"], "low"),  # may change the own password
        ("_writers_passwd", ["admin", "root"], "high"),
        ("_writers", [], "low"),
    ],
)
def test_names_that_come_in(name: str, values: list[str], severity: str) -> None:
    talk = known()
    createprop(talk, 3, name, values)
    (found,) = findings(talk.frames, ID)
    assert found.severity == severity
    (row,) = found.details
    assert (row["path"], row["property"], row["before"], row["after"]) == ("/users/admin", name, None, values)


def test_other_ways() -> None:
    talk = known(OPEN)
    writeprop(talk, 10, 1, ["admin"], instance=4)  # one is taken out
    assert [each.severity for each in findings(talk.frames, ID)] == ["low"]
    change(talk, RENAMEPROP, 3, rpc.words(2) + rpc.opaque("_writers"))
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.count) == ("high", 2)
    assert found.title.startswith("192.0.2.10 (anonymous) changed _writers of 2 directories")
    talk = known(OPEN)
    change(talk, DESTROYPROP, 10, rpc.words(1))
    assert [each.severity for each in findings(talk.frames, ID)] == ["low"]
    talk = known()
    create(talk, 0, 10, [("name", ["tmp"]), ("_writers", ["*"])])
    assert [each.severity for each in findings(talk.frames, ID)] == ["high"]


def test_near_misses() -> None:
    talk = known(OPEN)
    createprop(talk, 3, "writers", ["*"])
    createprop(talk, 3, "_writersx", ["*"], instance=5)
    createprop(talk, 3, "x_writers", ["*"], instance=6)
    createprop(talk, 3, "_writers", ["*"], status=PERM)
    writeprop(talk, 10, 1, ["admin", "open"])  # as it was
    create(talk, 1, 11, user("new", 502, ["*"]))
    read(talk, 10, [("name", ["open"]), ("_writers", ["admin", "open"])])
    assert findings(talk.frames, ID) == []
