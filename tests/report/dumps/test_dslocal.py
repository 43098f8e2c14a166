"""The property lists are what Python's own reader and the file system make of them, and leave the folder never."""

from __future__ import annotations

import plistlib
from pathlib import Path, PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.depth import TooDeepError
from netinfo_scapy.report.dumps.dslocal import DEEPEST, dslocal
from tests.support.trees import PRINTED, chain, odd, trees

ROOT = read_raw((PRINTED / "nidump-r-root.txt").read_bytes(), "x")


def named(name: bytes, *children: Directory) -> Directory:
    return Directory(properties=[Property(b"name", [name])], children=list(children))


def test_the_recorded_domain() -> None:
    files = {str(each.path): plistlib.loads(each.content) for each in dslocal(ROOT)}
    assert list(files) == [
        "domain.plist",
        "machines/vm.plist",
        "users/root.plist",
        "users/admin.plist",
        "users/nopass.plist",
        "users/open.plist",
        "groups/wheel.plist",
        "groups/staff.plist",
        "aliases/postmaster.plist",
    ]
    assert files["users/admin.plist"] == {"name": ["admin"], "uid": ["501"], "passwd": ["cdtYoGu9od9mI"], "gid": ["20"]}
    assert files["groups/staff.plist"]["users"] == ["admin", "nopass"]


def test_they_are_xml_of_apples_kind() -> None:
    content = next(dslocal(ROOT)).content
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple')


NAMES = [
    b"..",
    b".",
    b"",
    b"/etc/passwd",
    b"a\0b",
    b"a\nb",
    b"x" * 300,
    b"A",
    b"a",
    b"a.plist",
    b"\xff",
    b"~",
    b"C:\\x",
]


def test_names_are_safe() -> None:
    paths = [each.path for each in dslocal(Directory(children=[named(b"users", *map(named, NAMES))]))]
    assert len({str(path).casefold() for path in paths}) == len(NAMES)
    assert all(path.parent == PurePath("users") and len(path.name.encode()) <= 255 for path in paths)
    assert [path.name for path in paths[:4]] == ["%2E..plist", "%2E.plist", "unnamed.plist", "%2Fetc%2Fpasswd.plist"]
    assert [path.name for path in paths[7:10]] == ["A.plist", "a (2).plist", "a%2Eplist.plist"]


@settings(deadline=None)
@given(trees())
def test_all_files_lie_inside_and_can_be_written(tree: Directory) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        written = 0
        for record in dslocal(tree):
            path = Path(folder) / record.path
            assert not record.path.is_absolute()
            assert ".." not in record.path.parts
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(record.content)
            written += 1
        assert written == sum(path.is_file() for path in Path(folder).rglob("*"))


@settings(deadline=None)
@given(st.lists(odd, unique=True, max_size=4), st.lists(odd | st.text(max_size=5).map(str.encode), max_size=4))
def test_every_value_comes_back(keys: list[bytes], values: list[bytes]) -> None:
    user = Directory(properties=[Property(key, values) for key in [*keys, *keys]])
    (record,) = dslocal(Directory(children=[named(b"users", user)]))
    found = plistlib.loads(record.content)
    assert len(found) == 2 * len(keys)
    for each in found.values():
        assert [value if isinstance(value, bytes) else value.encode() for value in each] == values


def test_folders_do_not_go_too_deep() -> None:
    assert len(list(dslocal(chain(DEEPEST + 1)))) == DEEPEST - 1
    with pytest.raises(TooDeepError):
        list(dslocal(chain(DEEPEST + 2)))


def test_many_of_one_name_take_no_longer() -> None:
    many = Directory(children=[named(b"same") for _ in range(20_000)])
    assert len({child.path for child in dslocal(Directory(children=[many]))}) == 20_000
