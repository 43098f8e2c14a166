"""Directory trees to test with: made up by hypothesis, and those of the recordings."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.tree import Directory, Property

RECORDED = Path(__file__).parents[2] / "pcaps" / "recorded"
START = RECORDED / "start"
PRINTED = RECORDED / "06-tools"
"""What the servers held at the start of the recordings, and what the tools printed in one of them."""

odd = st.binary(max_size=12) | st.sampled_from(
    [b"", b'"', b"\\", b'\\"', b"a\\", b", ", b" );", b" );\n", b"\n", b"\r\n", b"\xc3\xbc", b"\xff", b"\0", b" x "]
)
"""Names and values as nobody expects them."""

plain = st.text(st.characters(codec="ascii", exclude_characters="\\"), max_size=12).map(str.encode)


def properties(texts: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[Property]]:
    return st.lists(st.builds(Property, texts, st.lists(texts, max_size=3)), max_size=3)


def trees(texts: st.SearchStrategy[bytes] = odd) -> st.SearchStrategy[Directory]:
    """Trees without numbers, as a file of nidump's has them."""
    leaf = st.builds(Directory, properties=properties(texts))
    return st.recursive(
        leaf, lambda below: st.builds(Directory, properties=properties(texts), children=st.lists(below, max_size=3))
    )


def chain(depth: int) -> Directory:
    """A tree that is nothing but deep."""
    root = Directory()
    last = root
    for _ in range(depth - 1):
        last.children.append(Directory())
        last = last.children[0]
    return root
