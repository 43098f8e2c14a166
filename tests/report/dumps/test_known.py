"""What is missing of a tree is said, and a terminal is not written to by it."""

from __future__ import annotations

from hypothesis import given, settings

from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.report.dumps.known import beside, not_known, not_listed, shown_tree
from tests.support.trees import chain, trees


@settings(deadline=None)
@given(trees())
def test_of_a_whole_tree_nothing_is_said(tree: Directory) -> None:
    assert not_known(tree) is None
    assert not_listed(tree, [b"name"]) is None
    assert beside(Domain(root=tree)) == []


def test_what_is_missing_is_counted() -> None:
    tree = Directory(
        properties=[Property(b"name", None)],
        whole=False,
        children=[Directory(all_children=False), Directory(whole=False)],
    )
    assert not_known(tree) == (
        "not all is known: of 3 directories 2 may have more properties, 1 may have more children; "
        "of 1 property 1 known by name only, and left out"
    )
    assert not_listed(tree, [b"uid"]) == "not all is known: of 2 directories 1 may have what is missing here"
    said = beside(Domain(root=tree, loose=[chain(3)], evicted=7))
    assert [each.split()[0] for each in said] == ["3", "7"]


def test_a_terminal_gets_no_controls() -> None:
    odd = b"\x1b]0;title\x07\x9b\xe2\x80\xae \xc3\xbc\n"
    tree = Directory(children=[Directory(object=3, properties=[Property(odd, [odd]), Property(b"a", None)])])
    child = shown_tree(tree).children[0]
    assert child.object == 3
    assert child.properties[1].values is None
    text = child.properties[0].name.decode()
    assert text == "\\x1b]0;title\\x07\\x9b\\u202e ü\\n"
    assert child.properties[0].values == [text.encode()]


def test_depth_is_no_recursion() -> None:
    assert sum(1 for _ in shown_tree(chain(20_000)).walk()) == 20_000
