"""Directories in the page: whole, in order, bounded, hashes hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.report.html import tree
from tests.support import reports
from tests.support.captures import RECORDED

NAMES = st.binary(max_size=6)
PROPERTIES = st.lists(st.builds(Property, NAMES, st.none() | st.lists(NAMES, max_size=3)), max_size=3)
DIRECTORIES = st.recursive(
    st.builds(Directory, st.none() | st.integers(0, 99), properties=PROPERTIES, whole=st.booleans()),
    lambda inner: st.builds(Directory, children=st.lists(inner, max_size=4), all_children=st.booleans()),
    max_leaves=12,
)


@given(st.none() | DIRECTORIES, st.lists(DIRECTORIES, max_size=2))
def test_entries_are_the_tree(root: Directory | None, loose: list[Directory]) -> None:
    domain = Domain(reports.SERVER, b"network", root=root, loose=loose)
    (shown,) = tree.shown([domain], reveal=True)
    everything = list(domain.directories())
    assert shown.total == len(shown.entries) == len(shown.lines) == len(everything)
    parents = {id(child): at for at, each in enumerate(everything) for child in each.children}
    for entry, each in zip(shown.entries, everything, strict=True):
        parent, _, number, _, flags, learned, properties = entry
        assert parent == parents.get(id(each), -1)
        assert number == each.object
        assert flags == each.whole + 2 * each.all_children + 4 * any(each is one for one in loose)
        assert learned is None
        assert [(name, all_) for name, _, all_ in properties] == [
            (tree.value_text(one.name), len(one.values or ())) for one in each.properties
        ]


def test_a_deep_tree_needs_no_recursion() -> None:
    root = lowest = Directory()
    for number in range(30_000):
        child = reports.directory(str(number))
        lowest.children.append(child)
        lowest = child
    (shown,) = tree.shown([Domain(reports.SERVER, b"deep", root=root)], reveal=False)
    assert [entry[0] for entry in shown.entries] == list(range(-1, 30_000))
    assert max(map(len, shown.lines)) < 200


def test_what_finds_no_room_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_DIRECTORIES", 100)
    one, other = tree.shown([reports.large_domain(90), reports.large_domain(50)], reveal=False)
    assert (len(one.entries), one.total) == (90, 90)
    assert (len(other.entries), other.total) == (10, 50)
    monkeypatch.setattr(tree, "MOST_CHARACTERS", 1_000)
    (short,) = tree.shown([reports.large_domain(90)], reveal=False)
    assert 5 < len(short.entries) < 40
    assert short.total == 90


def test_long_values_and_many_values_are_cut() -> None:
    each = reports.directory("one", long=["x" * 5_000], many=["v"] * 1_000, none=[])
    (shown,) = tree.shown([reports.domain(each)], reveal=False)
    _, long, many, none = shown.entries[1][-1]
    assert long == ["long", [["x" * tree.MOST_LENGTH, 5_000]], 1]
    assert (len(many[1]), many[2]) == (tree.MOST_VALUES, 1_000)
    assert none == ["none", [], 0]


@pytest.mark.parametrize("reveal", [False, True])
def test_hashes(reveal: bool) -> None:
    (shown,) = tree.shown([reports.ordinary()], reveal)
    told = {entry[1]: {name: values for name, values, _ in entry[-1]}.get("passwd") for entry in shown.entries}
    hashes = ["aBcDeFgHiJkLm", "$1$salt$0123456789abcdefghij"] if reveal else ["aB...", "$1..."]
    assert [told[name] for name in ("root", "steve", "guest")] == [[hashes[0]], [hashes[1]], [""]]
    table = tree.changes([reports.ordinary()], reports.summary_of(RECORDED / "04-auth.pcap"), None, reveal)
    lines = [part.text for part in table.rows[0][6].parts]
    start, end = ("oldHashValue1", "newHashValue2") if reveal else ("ol...", "ne...")
    assert lines == [f"- passwd = {start}", f"+ passwd = {end}", "+ shell = /bin/sh"]


def test_what_is_not_known_is_said() -> None:
    (shown,) = tree.shown([reports.ordinary()], reveal=False)
    assert shown.title == "network at 192.0.2.1"
    assert shown.remark == "10 directories, 3 of them only in part"
    assert any("en_address (not seen)" in line for line in shown.lines)
    (whole,) = tree.shown([reports.domain(reports.directory("one"))], reveal=False)
    assert whole.remark == "2 directories, all of it known"
    (unnamed,) = tree.shown([Domain(reports.SERVER, None, reports.domain().endpoints)], reveal=False)
    assert unnamed.title == "A domain on 907/tcp at 192.0.2.1"
