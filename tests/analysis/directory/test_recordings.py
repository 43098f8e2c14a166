"""The recordings, rebuilt: equal to what nidump printed of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from netinfo_scapy.analysis.conclude import domains_in
from netinfo_scapy.analysis.directory.captures import domains_at, domains_of
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Kind
from tests.analysis.directory.test_rebuild import contradictions
from tests.support.captures import RECORDED, capture_path, truth_path
from tests.support.directory_server import Object, Server

WRITES = {row.name for row in NETINFO.procedures if row.kind is Kind.WRITE}


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


def loaded(tag: str) -> Server:
    """A server that holds what the real one held when each recording began."""
    server = Server([])
    for each in json.loads((RECORDED / "start" / f"{tag}.json").read_text())["objects"]:
        props = [
            (name.encode("latin-1"), [text.encode("latin-1") for text in values]) for name, values in each["properties"]
        ]
        server.objects[each["object"]] = Object(each["instance"], props, each["parent"], each["children"])
    return server


def text(value: str) -> bytes:
    return value.encode("latin-1")


def plain(value: Any) -> Any:
    """A value of the ground truth as the little server takes it."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict) and "nip_name" in value:
        return text(value["nip_name"]), plain(value["nip_val"])
    return value


def arguments(said: dict[str, Any]) -> Iterator[Any]:
    """What a call says, in wire order; of an id the object alone."""
    for key, value in said.items():
        if key in ("id", "parent_id", "self_id"):
            yield value["nii_object"]
        elif key == "prop":
            yield from plain(value)
        elif key != "target_id":
            yield plain(value)


def writes(name: str, ports: set[int]) -> Iterator[tuple[int, str, Any, Any]]:
    """The successful writes to some ports, as the ground truth has them: reply's frame, procedure, what was said."""
    calls = {}
    for line in map(json.loads, truth_path(name).read_text().splitlines()):
        procedure = (line.get("name") or "").removeprefix("NI.")
        if procedure not in WRITES:
            continue
        if line["type"] == "call":
            calls[line["src"], line["dst"], line["xid"]] = line.get("args")
        elif (
            line.get("accept_stat") == 0
            and line["result"]["status"] == 0
            and int(line["src"].rpartition(":")[2]) in ports
        ):
            yield line["frame"], procedure, calls[line["dst"], line["src"], line["xid"]], line["result"]


@pytest.mark.parametrize(
    ("name", "tag", "changes"),
    [
        ("02-ni-read-tcp", "network", 0),
        ("04-auth", "local", 1),
        ("06-tools", "network", 20),
        ("06-tools", "local", 0),
        ("07-large-tcp", "network", 66),
        ("10-rparent-bind", "network", 0),
        ("10-rparent-bind", "local", 0),
        ("11-clone", "network", 15),
        ("11-clone", "local", 0),
    ],
)
def test_a_server_that_was_written_to_likewise(name: str, tag: str, changes: int) -> None:
    """It began as the real one did, and was told the writes of the ground truth: at each of them it is as rebuilt.

    07 began where 06 had ended. What 04's `network` began with has two directories more than start/ has.
    """
    server, whole = loaded(tag), domain(name, tag.encode())
    if name == "07-large-tcp":
        for _, procedure, said, _ in writes("06-tools", {907}):
            server.answer(procedure, *arguments(said))
    told = list(writes(name, {endpoint.port for _, endpoint in whole.endpoints}))
    assert len(told) == len(whole.changes) == changes
    states = domains_at(Reading(capture_path(name)), [*(Until(number=frame) for frame, *_ in told), None])
    for (frame, procedure, said, answer), domains, change in zip(told, states, whole.changes, strict=False):
        result = server.answer(procedure, *arguments(said))
        changed = answer.get("id") or answer["stuff"]["id"]
        assert int.from_bytes(result[4:8], "big") == changed["nii_object"]
        assert (change.at.number, change.procedure) == (frame, procedure)
        (rebuilt,) = (each for each in domains if each.tag == tag.encode())
        assert contradictions(rebuilt, server.objects) == []
        if change.after is not None and change.object is not None:
            for prop, (key, values) in zip(change.after, server.objects[change.object].props, strict=True):
                assert (prop.name, prop.values or values) == (key, values)
    assert contradictions(whole, server.objects) == []


def test_a_clone_is_what_its_master_is() -> None:
    master, clone = domain("11-clone", b"network"), domain("11-clone", b"netclone")
    assert master.root is not None
    assert clone.root is not None
    assert master.root.complete
    assert clone.root.complete
    assert printed(clone.root) == printed(master.root)


def test_large_answers() -> None:
    """A name of 65,535 bytes, sixty children, a list of properties in 176 fragments."""
    found = domain("07-large-tcp", b"network")
    assert found.root is not None
    assert found.root.complete
    assert (
        max(len(value) for each in found.root.walk() for prop in each.properties for value in prop.values or ())
        == 65535
    )


@pytest.mark.parametrize("name", ["06-tools", "11-clone"])
def test_a_change_keeps_what_was_before_and_after_it(name: str) -> None:
    """The same as the directory's properties where the capture ends with the frame before, or with it."""
    reading = Reading(capture_path(name))
    changes = [each for found in domains_of(reading) for each in found.changes if each.before and each.after]
    assert changes
    for each in changes[:: len(changes) // 12 + 1]:
        for number, kept in ((each.at.number - 1, each.before), (each.at.number, each.after)):
            then = domains_of(Reading(capture_path(name)), Until(number=number))
            here = (one for one in then if (each.transport, each.server) in one.endpoints)
            (there,) = [one for found in here for one in found.directories() if one.object == each.object]
            assert there.properties == kept


@pytest.mark.parametrize("name", ["06-tools", "11-clone"])
def test_no_change_is_passed_over_that_concerns_a_property(name: str) -> None:
    reading = Reading(capture_path(name))
    facts = reading.facts()
    domains = domains_in(facts, reading.interest)
    seen = 0
    view = View(facts, reading.captures, reading.interest, domains=domains)
    for each in view.changes:
        for touched in {one.name for one in each.differences if one.name is not None}:
            assert each in view.changes_of(touched)
            seen += 1
    assert seen
    assert all(each.names is not None for each in view.changes_of(b"no such name anywhere"))
