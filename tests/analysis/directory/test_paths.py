"""Paths: read, printed, and gone along in a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.paths import NoSuchDirectoryError, Step, find, parse_path, print_path, step_to
from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property

PARTS = st.binary(max_size=5) | st.lists(st.sampled_from([b"\\", b"/", b"=", b"a", b"0"]), max_size=5).map(b"".join)


def named(name: bytes, *children: Directory, **others: list[bytes]) -> Directory:
    properties = [Property(b"name", [name])] + [Property(key.encode(), values) for key, values in others.items()]
    return Directory(properties=properties, children=list(children))


def only(known: Property) -> Domain:
    """A root with one child, of which one property is known."""
    return Domain(root=Directory(children=[Directory(properties=[known], whole=False)]))


ROOT = named(
    b"",
    named(b"users", named(b"root", uid=[b"0", b"00"]), named(b"toor", uid=[b"0"]), named(b"a/b")),
    named(b"machines", object=[b"x"]),
    Directory(object=7, properties=[Property(b"k", [b"v"])]),
)
DOMAIN = Domain(root=ROOT)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (b"/", ()),
        (b"", ()),
        (b"///", ()),
        (b"/users/root", (Step(b"name", b"users"), Step(b"name", b"root"))),
        (b"users//root/", (Step(b"name", b"users"), Step(b"name", b"root"))),
        (b"/name=users/uid=0", (Step(b"name", b"users"), Step(b"uid", b"0"))),
        (b"/mounts/host:\\/usr\\/local", (Step(b"name", b"mounts"), Step(b"name", b"host:/usr/local"))),
        (b"/a\\=b", (Step(b"name", b"a=b"),)),
        (b"/a=b=c", (Step(b"a", b"b=c"),)),
        (b"/name=", (Step(b"name", b""),)),
        (b"/=x", (Step(b"", b"x"),)),
        (b"/\\\\", (Step(b"name", b"\\"),)),
        (b"/12", (Step(b"name", b"12"),)),
        (b"12", 12),
        (b"0", 0),
        (b"4294967294", 4294967294),
    ],
)
def test_reading(text: bytes, steps: object) -> None:
    assert parse_path(text) == steps


@pytest.mark.parametrize("text", [b"/users\\", b"\\", b"/a\\\\\\", b"4294967295", b"9" * 5000])
def test_mistakes(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"^path "):
        parse_path(text)


@given(st.lists(st.builds(Step, PARTS, PARTS)))
def test_what_is_printed_is_read_again(path: list[Step]) -> None:
    assert parse_path(print_path(path)) == tuple(path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"/", b""),
        (b"/users/root", b"root"),
        (b"/users/uid=0", b"root"),
        (b"/users/uid=00", b"root"),
        (b"/users/a\\/b", b"a/b"),
    ],
)
def test_finding(text: bytes, name: bytes) -> None:
    assert find(DOMAIN, parse_path(text)).first(b"name") == name


def test_finding_by_number() -> None:
    assert find(DOMAIN, 7) is ROOT.children[2]


def test_the_first_property_of_a_name_counts() -> None:
    twice = Directory(properties=[Property(b"name", [b"a"]), Property(b"name", [b"b"])])
    domain = Domain(root=Directory(children=[twice]))
    assert find(domain, parse_path(b"/a")) is twice
    with pytest.raises(NoSuchDirectoryError, match="no directory below / has name=b"):
        find(domain, parse_path(b"/b"))


@pytest.mark.parametrize(
    ("domain", "text", "certain"),
    [
        (DOMAIN, b"/users/nobody", True),
        (DOMAIN, b"/users/root/x", True),
        (DOMAIN, b"99", False),  # not every directory's number is known
        (Domain(root=Directory(object=0)), b"99", True),
        (Domain(), b"/", False),
        (Domain(root=Directory(all_children=False)), b"/x", False),
        (Domain(root=Directory(children=[Directory(whole=False)])), b"/x", False),
        (
            Domain(root=Directory(children=[Directory(properties=[Property(b"name", [b"y"])], whole=False)])),
            b"/x",
            True,
        ),
        (Domain(root=Directory(children=[Directory(properties=[Property(b"name", None)], whole=False)])), b"/x", False),
    ],
)
def test_what_is_not_found(domain: Domain, text: bytes, certain: bool) -> None:
    with pytest.raises(NoSuchDirectoryError) as caught:
        find(domain, parse_path(text))
    assert caught.value.certain is certain
    assert "\n" not in str(caught.value)


def test_the_step_to_a_directory() -> None:
    assert step_to(ROOT.children[0]) == Step(b"name", b"users")
    assert step_to(ROOT.children[2]) == Step(b"k", b"v")
    assert step_to(Directory(properties=[Property(b"name", []), Property(b"x", None)])) is None
