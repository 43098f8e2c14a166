"""What differs is all that differs, and nothing that one side does not know."""

from __future__ import annotations

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.compare import Comparison
from netinfo_scapy.analysis.directory.paths import step_to
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Change, Directory, Property
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


@settings(deadline=None)
@given(trees())
def test_a_tree_does_not_differ_from_itself(tree: Directory) -> None:
    comparison = Comparison(tree, copy.deepcopy(tree))
    assert list(comparison.differences()) == []
    assert comparison.unknown == 0


@settings(deadline=None)
@given(trees(), trees())
def test_both_ways_tell_of_the_same(one: Directory, other: Directory) -> None:
    forth, back = list(Comparison(one, other).differences()), list(Comparison(other, one).differences())
    assert len(forth) == len(back)
    assert sum(each.before is None for each in forth) == sum(each.after is None for each in back)
    changed = sum(len(each.properties) for each in forth)
    assert changed == sum(len(each.properties) for each in back)


@settings(deadline=None)
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
