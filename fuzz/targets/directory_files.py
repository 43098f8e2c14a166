"""Files that directories are read from, raw and JSON: one error, or a tree that can be written and read again.

Input: a byte that says which of the two, then a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fuzz import seeds
from fuzz.packing import unmarked
from fuzz.target import Target
from netinfo_scapy.analysis.directory.captures import domains_of
from netinfo_scapy.analysis.directory.document import make_document
from netinfo_scapy.analysis.directory.errors import DirectoryFileError
from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.report.dumps.raw import raw
from netinfo_scapy.report.json_text import json_page


def _shape(directory: Directory) -> list[tuple[int, list[tuple[bytes, list[bytes] | None]]]]:
    return [(len(each.children), [(one.name, one.values) for one in each.properties]) for each in directory.walk()]


def _written(domains: list[Domain], captures: Any) -> bytes:
    found = [(each, each.root) for each in domains]
    return json_page(make_document(found, version="0", source="-", captures=captures))


def run(data: bytes) -> Any:
    """Read the file."""
    choice, data = unmarked(data)
    try:
        if choice & 1:
            domains, captures = read_json(data, "file")
            text = _written(domains, captures)
            again = read_json(text, "file")
            assert _written(*again) == text
            return text
        root = read_raw(data, "file")
    except DirectoryFileError as error:
        assert str(error).isprintable(), error
        return str(error)
    assert len(_shape(root)) <= data.count(b"{")
    lines = b"".join(raw(root))
    assert lines.isascii()
    if b"\\" not in b"".join(
        text for _, each in _shape(root) for name, values in each for text in (name, *(values or ()))
    ):
        assert _shape(read_raw(lines, "file")) == _shape(root)
    return lines


def inputs() -> Iterator[bytes]:
    """Directories of the captures in both forms, and what the raw form can have besides."""
    for path in seeds.capture_paths():
        reading = Reading(str(path))
        domains = domains_of(reading)
        yield b"\1" + _written(domains, reading.captures)[:6000]
        for domain in domains:
            if domain.root is not None:
                few = [domain.root, *domain.root.children, *domain.loose][:6]
                yield b"\1" + _written([Domain(root=each) for each in few[1:2]], reading.captures)
                for each in few:
                    yield b"\0" + b"".join(raw(each))[:3000]
    read_all = {
        "object": 0,
        "instance": 1,
        "parent": 0,
        "children": [1],
        "properties": [["name", ["a", {"hex": "ff"}]]],
    }
    yield b"\1" + json.dumps({"tag": "local", "objects": [read_all, {"object": 1, "properties": []}]}).encode()
    yield b'\0{ "a\\"b" = ( "\\101\\n", "c\\" ); CHILDREN = ( { "x" = ( ); }, { CHILDREN = ( ) }, ) }'
    yield b'\0{ "na\xc3\xafve" = ( "\\37777777703", "\\\\" ); }\n'
    yield b"\0" + b"{CHILDREN=(" * 1100


_WORDS = (
    b'"',
    b'"objects":',
    b'"children":',
    b'"parent":',
    b"CHILDREN = (",
    b"= (",
    b");",
    b"\\377",
    b"},",
    b'{"hex":"',
)
TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=(
        *(f"analysis.directory.{each}" for each in ("document", "json_file", "raw_file", "tree")),
        "report.dumps.raw",
    ),
    words=_WORDS,
    longest=3000,
)
