"""What differs is all that differs, and nothing that one side does not know."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.compare import Comparison, history
from netinfo_scapy.analysis.directory.paths import NoSuchDirectoryError, parse_path, step_to
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Change, Directory, Domain, Property
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from tests.support.trees import PRINTED, chain, trees


def recorded() -> Directory:
    return read_raw((PRINTED / "nidump-r-root.txt").read_bytes(), "x")


def compared(before: Directory, after: Directory, between: list[Change] | None = None) -> list[tuple[str, bytes]]:
    """Each difference: + or - where one side lacks the directory, and its path."""
    comparison = Comparison(before, after, between=between)
    return [
        ("-" if each.after is None else "+" if each.before is None else " ", each.path)
        for each in comparison.differences()
    ]


def at(root: Directory, *names: str) -> Directory:
    for name in names:
        (root,) = [each for each in root.children if each.first(b"name") == name.encode()]
    return root


@given(trees())
def test_a_tree_does_not_differ_from_itself(tree: Directory) -> None:
    comparison = Comparison(tree, copy.deepcopy(tree))
    assert list(comparison.differences()) == []
    assert comparison.unknown == 0


@given(trees(), trees())
def test_both_ways_tell_of_the_same(one: Directory, other: Directory) -> None:
    forth, back = list(Comparison(one, other).differences()), list(Comparison(other, one).differences())
    assert len(forth) == len(back)
    assert sum(each.before is None for each in forth) == sum(each.after is None for each in back)
    changed = sum(len(each.properties) for each in forth)
    assert changed == sum(len(each.properties) for each in back)


@given(trees(), st.data())
def test_one_new_value_is_one_difference(tree: Directory, data: st.DataObject) -> None:
    after = copy.deepcopy(tree)
    # One without anything that tells it is not known again with a property more.
    told = [each for each in after.walk() if each is after or step_to(each)]
    directory = data.draw(st.sampled_from(told))
    directory.properties.append(Property(b"new", [b"value"]))
    (found,) = Comparison(tree, after).differences()
    assert [each.after for each in found.properties] == [Property(b"new", [b"value"])]
    assert found.after is directory


def test_what_changed_is_told_with_its_path() -> None:
    before, after = recorded(), recorded()
    at(after, "users", "admin").properties[3].values = [b"21"]
    at(after, "groups").children.pop()
    at(after, "machines").children.append(
        Directory(properties=[Property(b"name", [b"new"])], children=[Directory(object=77)])
    )
    assert compared(before, after) == [
        ("+", b"/machines/new"),
        ("+", b"/machines/new/?object=77"),
        (" ", b"/users/admin"),
        ("-", b"/groups/staff"),
    ]


def test_order_is_no_difference() -> None:
    before, after = recorded(), recorded()
    for each in after.walk():
        each.children.reverse()
        each.properties.reverse()
    assert compared(before, after) == []


def test_what_is_not_known_is_no_difference() -> None:
    before, after = recorded(), recorded()
    users = at(after, "users")
    users.children.pop()
    users.all_children = False
    admin = at(after, "users", "admin")
    admin.properties.pop()
    admin.whole = False
    at(after, "users", "root").properties[1].values = None
    comparison = Comparison(before, after)
    assert list(comparison.differences()) == []
    assert comparison.unknown == 3
    # What is known all the same differs.
    users.children.append(Directory(properties=[Property(b"name", [b"new"])]))
    assert compared(before, after) == [("+", b"/users/new")]


def test_a_new_name_of_the_same_number_is_no_new_directory() -> None:
    before = Directory(children=[Directory(object=5, properties=[Property(b"name", [b"old"])])])
    after = Directory(children=[Directory(object=5, properties=[Property(b"name", [b"new"])])])
    assert compared(before, after) == [("-", b"/old"), ("+", b"/new")]
    assert compared(before, after, between=[]) == [(" ", b"/new")]
    # A number is given out again: what has its name is the same one.
    after.children.append(Directory(object=6, properties=[Property(b"name", [b"old"])]))
    assert compared(before, after, between=[]) == [("+", b"/new")]


def test_properties_of_one_name_are_told_apart_by_their_order() -> None:
    before = Directory(properties=[Property(b"a", [b"1"]), Property(b"a", [b"2"])])
    after = Directory(properties=[Property(b"a", [b"1"]), Property(b"a", [b"3"])])
    (found,) = Comparison(before, after).differences()
    assert found.properties == [(Property(b"a", [b"2"]), Property(b"a", [b"3"]))]


def test_depth_is_no_recursion() -> None:
    assert compared(chain(20_000), chain(20_000)) == []


CLIENT, SERVER = Endpoint(bytes(4), 1000), Endpoint(bytes(4), 603)


def change(
    frame: int, number: int, path: bytes | None, before: list[bytes] | None, after: list[bytes] | None, **kind: bool
) -> Change:
    def held(values: list[bytes] | None) -> list[Property] | None:
        return None if values is None else [Property(b"name", values)]

    ref = FrameRef(0, frame, frame)
    return Change(ref, ref, CLIENT, SERVER, Transport.TCP, 0, "WRITE", number, path, held(before), held(after), **kind)


def test_a_history_is_that_of_the_directory_there_in_the_end() -> None:
    changes = [
        change(1, 5, b"/old", None, [b"old"], created=True),
        change(2, 5, b"/old", [b"old"], None, destroyed=True),
        change(3, 5, b"/a", None, [b"a"], created=True),
        change(4, 6, b"/b", None, [b"b"], created=True),
        change(5, 5, b"/a", [b"a"], [b"c"]),
    ]
    root = Directory(children=[Directory(object=5, properties=[Property(b"name", [b"c"])])])
    domain = Domain(root=root, changes=changes)
    for path in (b"/c", b"5"):
        states = history(domain, parse_path(path))
        assert [each.change and each.change.at.number for each in states] == [3, 5]
    # What is gone has a history, too.
    states = history(domain, parse_path(b"/old"))
    assert [each.change and each.change.at.number for each in states] == [1, 2]
    with pytest.raises(NoSuchDirectoryError):
        history(domain, parse_path(b"/never"))


def test_a_history_begins_with_what_was_there_before() -> None:
    root = Directory(children=[Directory(object=5, properties=[Property(b"name", [b"x"])])])
    (only,) = history(Domain(root=root), parse_path(b"/x"))
    assert (only.change, only.after) == (None, [Property(b"name", [b"x"])])
    domain = Domain(root=root, changes=[change(1, 5, b"/y", [b"y"], [b"x"])])
    first, second = history(domain, parse_path(b"/x"))
    assert first.after == second.before == [Property(b"name", [b"y"])]
