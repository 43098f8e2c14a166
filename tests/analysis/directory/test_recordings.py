"""The recordings, rebuilt: equal to what nidump printed of them."""

from __future__ import annotations

import re

from netinfo_scapy.analysis.directory.captures import domains_of
from netinfo_scapy.analysis.directory.sightings import Until
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.reading import Reading
from tests.support.captures import RECORDED, capture_path


def domain(name: str, tag: bytes, at: Until | None = None) -> Domain:
    return next(each for each in domains_of(Reading(capture_path(name)), at) if each.tag == tag)


def printed(directory: Directory, indent: str = "") -> str:
    """nidump's raw form of release 208."""

    def quoted(value: bytes) -> str:
        text = value.replace(b'"', b'\\"').decode("latin-1")
        return '"' + re.sub("[\x80-\xff]", lambda found: f"\\037777777{ord(found.group()):o}", text) + '"'

    lines = [indent + "{"]
    for each in directory.properties:
        values = ", ".join(quoted(value) for value in each.values or ())
        lines.append(f"{indent}  {quoted(each.name)} = ( {values + ' ' if values else ''});")
    if directory.children:
        lines.append(f"{indent}  CHILDREN = (")
        lines.append(",\n".join(printed(child, indent + "    ") for child in directory.children))
        lines.append(f"{indent}  )")
    return "\n".join([*lines, indent + "}"])


def test_the_tree_is_what_nidump_printed() -> None:
    """Frame 796 is the last reply of its first `nidump -r /`."""
    found = domain("06-tools", b"network", Until(number=796))
    assert found.root is not None
    assert found.root.complete
    assert not found.loose
    assert printed(found.root) + "\n" == (RECORDED / "06-tools" / "nidump-r-root.txt").read_text("latin-1")


def test_before_the_last_reply_something_is_missing() -> None:
    found = domain("06-tools", b"network", Until(number=795))
    assert found.root is not None
    assert not found.root.complete
