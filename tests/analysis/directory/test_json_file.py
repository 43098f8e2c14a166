"""JSON is read as it was printed, as READALL's objects have it, and refused with its place."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.document import Captured, make_document
from netinfo_scapy.analysis.directory.errors import DirectoryFileError
from netinfo_scapy.analysis.directory.json_file import read_json
from netinfo_scapy.analysis.directory.raw_file import read_raw
from netinfo_scapy.analysis.directory.tree import Change, Directory, Domain, Property
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.report.dumps.raw import raw
from netinfo_scapy.report.json_text import json_page
from tests.support.trees import PRINTED, START, chain, odd

CAPTURES = [Captured("a.pcap", 6), Captured("-", 9)]
TIMES = st.integers(0, 4 * 10**15).map(lambda micros: micros * 1000)
frames = st.builds(FrameRef, st.sampled_from([0, 1]), st.integers(1, 2**32), TIMES)
numbers = st.none() | st.integers(0, 2**32 - 1)
properties = st.lists(
    st.builds(Property, odd, st.none()) | st.builds(Property, odd, st.lists(odd, max_size=2), st.booleans()), max_size=2
)
endpoints = st.builds(
    Endpoint, st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16), st.integers(0, 65535)
)


def directories(children: st.SearchStrategy[list[Directory]]) -> st.SearchStrategy[Directory]:
    return st.builds(
        Directory,
        numbers,
        numbers,
        properties,
        st.booleans(),
        children,
        st.booleans(),
        st.none() | frames,
        st.booleans(),
    )


trees = st.recursive(directories(st.builds(list)), lambda below: directories(st.lists(below, max_size=2)), max_leaves=6)
changes = st.builds(
    Change,
    at=frames,
    call_at=frames,
    client=endpoints,
    server=endpoints,
    transport=st.sampled_from(Transport),
    uid=numbers,
    procedure=st.just("WRITEPROP"),
    object=numbers,
    path=st.none() | odd,
    before=st.none() | properties,
    after=st.none() | properties,
    created=st.booleans(),
    destroyed=st.booleans(),
)
domains = st.builds(
    Domain,
    address=st.none() | st.binary(min_size=4, max_size=4),
    tag=st.none() | odd,
    endpoints=st.lists(st.tuples(st.sampled_from(Transport), endpoints), max_size=2),
    root=st.none() | trees,
    loose=st.lists(trees, max_size=2),
    changes=st.lists(changes, max_size=2),
    evicted=st.integers(0, 9),
)


def printed(found: list[Domain], captures: list[Captured] = CAPTURES) -> bytes:
    every = [(each, each.root) for each in found]
    return json_page(make_document(every, version="1", source="x", captures=captures))


@settings(deadline=None)
@given(st.lists(domains, max_size=2))
def test_what_we_print_reads_as_it_was(found: list[Domain]) -> None:
    assert read_json(printed(found), "x") == (found, CAPTURES)


def test_objects_of_a_readall() -> None:
    (domain,), captures = read_json((START / "network.json").read_bytes(), "network.json")
    assert (domain.tag, domain.address, domain.loose, captures) == (b"network", None, [], [])
    assert domain.root is not None
    assert b"".join(raw(domain.root)) == (PRINTED / "nidump-r-root.txt").read_bytes()
    stored = json.loads((START / "network.json").read_text())
    by_number = {each.object: each for each in domain.directories()}
    assert len(by_number) == len(stored["objects"])
    for each in stored["objects"]:
        directory = by_number[each["object"]]
        assert directory.instance == each["instance"]
        assert [child.object for child in directory.children] == each["children"]


def test_paths_are_told() -> None:
    root = read_raw((PRINTED / "nidump-r-root.txt").read_bytes(), "x")
    document = json.loads(printed([Domain(root=root)]))
    paths = [each["path"] for each in document["domains"][0]["directories"]]
    assert paths[:5] == ["/", "/machines", "/machines/vm", "/users", "/users/root"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"domains": [\n  {"tag": nothing}]}', "x.json:2:12: "),
        ('{"domains": [', "x.json:1:14: "),
        ("{}", "domains"),
        ('{"domains": {}}', "$.domains"),
        ('{"objects": [{"object": -1, "properties": []}]}', "$.objects[0].object"),
        ('{"objects": [{"object": 1, "properties": [["a", [{"hex": "zz"}]]]}]}', "$.objects[0]"),
        ('{"objects": [{"object": 1, "properties": [["a", [{"hey": "00"}]]]}]}', "$.objects[0]"),
        ('{"objects": [{"object": 1, "properties": []}, {"object": 1, "properties": []}]}', "$.objects[1]"),
        ('{"objects": [{"object": 1, "properties": [], "children": [1]}]}', "below themselves"),
        ('{"objects": [{"object": 0, "properties": [], "children": [0]}]}', "$.objects[0]"),
        ('{"objects": ' + "[" * 100_000 + "]" * 100_000 + "}", "deeper"),
        ('{"x": ' + "[" * 100_000 + "]" * 100_000 + "}", "deeper"),
    ],
)
def test_what_is_malformed_is_told_in_one_line(text: str, says: str) -> None:
    with pytest.raises(DirectoryFileError) as caught:
        read_json(text.encode(), "x.json")
    assert str(caught.value).startswith("x.json:")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_depth_is_bounded() -> None:
    with pytest.raises(DirectoryFileError, match="within each other"):
        read_json(printed([Domain(root=chain(5_000))]), "x")
    deep = [{"object": at, "properties": [], "children": [at + 1]} for at in range(5_000)]
    with pytest.raises(DirectoryFileError, match="within each other"):
        read_json(json.dumps({"objects": deep}).encode(), "x")


DOCUMENT = json.loads(
    printed([Domain(root=Directory(learned=FrameRef(0, 1, 1000), properties=[Property(b"\xff", None)]))])
)


@settings(deadline=None)
@given(st.data())
def test_other_shapes_raise_nothing_else(data: st.DataObject) -> None:
    def changed(value: Any) -> Any:
        if data.draw(st.integers(0, 9)) == 0:
            return data.draw(st.sampled_from([None, -1, 2**40, "x", [], {}, {"hex": "0"}, True, 1.5, "\ud800"]))
        if isinstance(value, dict):
            return {key: changed(each) for key, each in value.items()}
        return [changed(each) for each in value] if isinstance(value, list) else value

    with suppress(DirectoryFileError):
        read_json(json.dumps(changed(DOCUMENT)).encode(), "x")
