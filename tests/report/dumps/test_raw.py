"""The raw form is nidump's own, but for bytes over 127; test_raw_file.py reads it back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.raw import raw, raw_property
from tests.support.trees import PRINTED, START, chain, trees


def test_a_readall_prints_as_nidump_did() -> None:
    (domain,), _ = read_json((START / "network.json").read_bytes(), "x")
    assert domain.root is not None
    assert b"".join(raw(domain.root)) == (PRINTED / "nidump-r-root.txt").read_bytes()
    (users,) = [each for each in domain.root.children if each.first(b"name") == b"users"]
    assert b"".join(raw(users)) == (PRINTED / "nidump-r-users.txt").read_bytes()


@pytest.mark.parametrize(
    ("value", "ascii_form", "text_form"),
    [
        (b"\a\b\f\n\r\t\v", rb"\a\b\f\n\r\t\v", rb"\a\b\f\n\r\t\v"),
        (b"\0\x01\x1b\x1f\x7f", rb"\000\001\033\037\177", rb"\000\001\033\037\177"),
        (b' ~"\\x', rb" ~\"\x", rb" ~\"\x"),
        (b"J\xc3\xb6rg", rb"J\303\266rg", b"J\xc3\xb6rg"),
        (b"J\xf6rg", rb"J\366rg", rb"J\366rg"),
        (b"\xed\xa0\x80\xff", rb"\355\240\200\377", rb"\355\240\200\377"),
        (b"\xf0\x9f\x98\x80", rb"\360\237\230\200", b"\xf0\x9f\x98\x80"),
    ],
)
def test_escapes(value: bytes, ascii_form: bytes, text_form: bytes) -> None:
    each = Property(value, [value, b""])
    assert raw_property(each) == b'"%b" = ( "%b", "" );' % (ascii_form, ascii_form)
    assert raw_property(each, utf8=True) == b'"%b" = ( "%b", "" );' % (text_form, text_form)


def test_what_is_not_there_and_what_is_not_known() -> None:
    tree = Directory(properties=[Property(b"empty", []), Property(b"unknown", None)], children=[Directory(whole=False)])
    assert b"".join(raw(tree)) == b'{\n  "empty" = ( );\n  CHILDREN = (\n    {\n    }\n  )\n}\n'


@settings(deadline=None)
@given(trees())
def test_it_is_ascii_and_a_property_is_a_line(tree: Directory) -> None:
    lines = b"".join(raw(tree)).decode("ascii").splitlines()
    assert all(line.isprintable() for line in lines)
    assert sum(line.endswith(" );") for line in lines) == sum(len(each.properties) for each in tree.walk())
    assert sum(line.strip() == "{" for line in lines) == len(list(tree.walk()))


def test_depth_is_no_recursion() -> None:
    assert sum(1 for _ in raw(chain(3_000))) == 4 * 3_000 - 2


def test_a_deep_tree_is_not_all_spaces_and_reads_back() -> None:
    """Twice as deep is twice as long, not four times."""
    some, more = (sum(map(len, raw(chain(depth)))) for depth in (2_000, 4_000))
    assert more < 2.2 * some
    deep = chain(900)
    assert list(raw(read_raw(b"".join(raw(deep)), "x"))) == list(raw(deep))
