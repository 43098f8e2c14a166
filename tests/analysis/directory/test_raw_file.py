"""nidump's raw form is read as whichever release wrote it, and what is no such form is refused with its place."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.errors import DirectoryFileError
from netinfo_scapy.analysis.directory.raw_file import DEEPEST, read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.report.dumps.raw import raw
from tests.support.trees import PRINTED, chain, odd, trees

LOOKS_ESCAPED = re.compile(rb'\\([abfnrtv"]|[0-3][0-7][0-7])')
"""A backslash before what an escape has behind it: the form cannot tell the two apart."""


def texts(tree: Directory) -> list[bytes]:
    return [text for each in tree.walk() for one in each.properties for text in (one.name, *(one.values or []))]


def is_told_apart(tree: Directory) -> bool:
    """Whether nothing in the tree is what the form leaves open."""
    lists = [one.values or [] for each in tree.walk() for one in each.properties]
    return not any(map(LOOKS_ESCAPED.search, texts(tree))) and not any(
        first.endswith(b"\\") and second == b", " for values in lists for first, second in pairwise(values)
    )


def shown(directory: Directory) -> dict[bytes, list[bytes] | None]:
    return {each.name: each.values for each in directory.properties}


@settings(deadline=None)
@given(trees(), st.booleans())
def test_what_we_write_reads_as_it_was(tree: Directory, utf8: bool) -> None:
    assume(is_told_apart(tree))
    assert read_raw(b"".join(raw(tree, utf8)), "x") == tree


@settings(deadline=None)
@given(odd, odd)
def test_each_byte_reads_as_it_was(name: bytes, value: bytes) -> None:
    tree = Directory(properties=[Property(name, [value, bytes(range(256)).replace(b"\\", b""), value])])
    assume(is_told_apart(tree))
    for utf8 in (False, True):
        assert read_raw(b"".join(raw(tree, utf8)), "x") == tree


@pytest.mark.parametrize("utf8", [False, True])
@pytest.mark.parametrize("byte", [b"\xff", b"\x1f", b"\xfe", b"\x07"])
@pytest.mark.parametrize("digits", [b"7" * 4, b"7" * 5 + b"600", b"7" * 6 + b"600", b"7" * 40, b"77777x" * 2])
def test_a_byte_before_digits_is_not_taken_for_an_extended_one(byte: bytes, digits: bytes, utf8: bool) -> None:
    tree = Directory(object=0, properties=[Property(byte + digits, [2 * (byte + digits), b"a" + byte + digits])])
    lines = b"".join(raw(tree, utf8))
    assert texts(read_raw(lines, "-")) == texts(tree)


def test_a_backslash_before_digits_is_written_as_nidump_does() -> None:
    tree = Directory(object=0, properties=[Property(b"name", [rb"\37777777"])])
    assert rb'"name" = ( "\37777777" );' in b"".join(raw(tree))


def test_nidumps_own_output_is_read_whole() -> None:
    for file in PRINTED.glob("nidump-r-*.txt"):
        tree = read_raw(file.read_bytes(), file.name)
        assert b"".join(raw(tree)) == file.read_bytes()
    assert len(list(read_raw((PRINTED / "nidump-r-root.txt").read_bytes(), "x").walk())) == 16


def test_release_208s_escapes() -> None:
    text = rb"""{
  "name" = ( "a\a\b\f\n\r\t\vz", "caf\37777777703\37777777651", "\037777777703", "say \"x\"", "C:\dir\" );
  "none" = ( );
}
"""
    assert shown(read_raw(text, "x")) == {
        b"name": [b"a\a\b\f\n\r\t\vz", b"caf\xc3\xa9", b"\xc3", b'say "x"', b"C:\\dir\\"],
        b"none": [],
    }


def test_release_272_escapes_nothing_but_the_mark() -> None:
    text = b'{\n  "name" = ( "line\n\tnext", "C:\\new", "\\303", "say \\"x\\"" );\n  "n\xff" = ( "\x01" );\n}\n'
    assert shown(read_raw(text, "x")) == {
        b"name": [b"line\n\tnext", b"C:\\new", b"\\303", b'say "x"'],
        b"n\xff": [b"\x01"],
    }


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"\n {\r\n}\r\n",
        b"{ CHILDREN = ( ) }",
        b'{"a"=("b","c");CHILDREN=({},{"a"=();});}',
        b'{ CHILDREN = ( { }, { }, ); "after" = ( "children" ); }',
    ],
)
def test_space_and_what_is_left_out_do_not_matter(text: bytes) -> None:
    again = read_raw(text, "x")
    assert read_raw(b"".join(raw(again)), "x") == again


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (b"", "1:1", "ends"),
        (b"hello", "1:1", "{ is expected"),
        (b'{\n  "name" = ( "a" ;\n}', "2:18", ", is expected"),
        (b'{\n  "name" = "a";\n}', "2:9", "= ("),
        (b'{\n  "name" = ( a );\n}', "2:14", "value"),
        (b'{\n  "name" = ( "a );\n}', "2:14", "never ends"),
        (b'{\n  "name" = ( "a" );\n', "3:1", "ends"),
        (b"{\n  CHILDREN = (\n    {\n    } {", "4:7", ") is expected"),
        (b"{\n  CHILDREN = ( name )", "2:16", "{ is expected"),
        (b"{\n}\n{\n}\n", "3:1", "more follows"),
        (b"{ name = ( ) }", "1:3", "property"),
    ],
)
def test_what_is_malformed_is_told_with_its_place(text: bytes, place: str, says: str) -> None:
    with pytest.raises(DirectoryFileError) as caught:
        read_raw(text, "some.raw")
    assert str(caught.value).startswith(f"some.raw:{place}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text('{}()=;," \n\\aCHILDREN').map(str.encode))
def test_nothing_else_is_raised(text: bytes) -> None:
    with suppress(DirectoryFileError):
        read_raw(text, "x")


def test_depth_is_bounded_and_nothing_recurses() -> None:
    deepest = chain(DEEPEST)
    assert len(list(read_raw(b"".join(line.lstrip() for line in raw(deepest)), "x").walk())) == DEEPEST
    with pytest.raises(DirectoryFileError, match="1,000 directories within each other"):
        read_raw(b"{ CHILDREN = ( " * 100_000 + b"{ }" + b") }" * 100_000, "x")


def test_time_grows_with_the_size_alone() -> None:
    marks = b'{ "a" = ( "' + b'\\", "' * 200_000
    with pytest.raises(DirectoryFileError):
        read_raw(marks, "x")
    assert len(read_raw(b'{ "a" = ( "' + b'\\"' * 500_000 + b'" ); }', "x").first(b"a") or b"") == 500_000
