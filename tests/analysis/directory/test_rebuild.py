"""What is rebuilt of a server's answers and writes, beside the server itself."""

from __future__ import annotations

import io
import os
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from netinfo_scapy.analysis import lots
from netinfo_scapy.analysis.directory.captures import domains_at, domains_of, histories_of
from netinfo_scapy.analysis.directory.rebuild import Replay, domain_of, sources
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.frames import FrameRef
from tests.analysis.looks import AtOnce
from tests.analysis.test_shares import cut
from tests.support.captures import NAMES, Frame, pcap_bytes, recording, write_pcap
from tests.support.conversation import Talk
from tests.support.directory_server import Object, Script, call_of, lived, sweep
from tests.support.packets import Address
from tests.support.rpc import accepted, record

COUNT = int(os.environ.get("NETINFO_CAPTURES", "40"))
SEEDS = st.integers(0, 2**64)

Moments = list[tuple[int, dict[int, Object]]]
"""After which frame the server was how."""


def converse(
    seed: int, steps: int, *, writes: float = 0.5, to_the_end: bool = False, clients: int = 1
) -> tuple[list[Frame], Moments]:
    """Clients and a server, over TCP; some calls are pipelined."""
    script, server, talk = Script(seed, writes=writes), lived(seed, 40), Talk()
    chance = random.Random(seed)
    connections = [talk.tcp(Address("192.0.2.10", 40_000 + each)) for each in range(clients)]
    moments: Moments = []
    asked = answered = b""
    for xid in range(steps):
        procedure, arguments = script.step(server)
        asked += record(call_of(xid, procedure, server.asked(procedure, *arguments)))
        answered += record(accepted(xid, server.answer(procedure, *arguments)))
        if chance.random() < 0.3 and xid + 1 < steps:
            continue
        connection = chance.choice(connections)
        connection.call(asked)
        connection.reply(answered)
        asked = answered = b""
        moments.append((len(talk.frames), server.snapshot()))
    if to_the_end:
        for xid, (procedure, arguments) in enumerate(sweep(server)):
            connections[0].call(record(call_of(xid, procedure, server.asked(procedure, *arguments))))
            connections[0].reply(record(accepted(xid, server.answer(procedure, *arguments))))
        moments.append((len(talk.frames), server.snapshot()))
    return talk.frames, moments


def reading(frames: Sequence[Frame], **how: Any) -> Reading:
    return Reading(io.BytesIO(pcap_bytes(frames)), **how)


def contradictions(domain: Domain, objects: dict[int, Object]) -> list[str]:
    """Whatever is said to be known and is not so."""
    wrong = []
    if domain.root is not None and domain.root.object != 0:
        wrong.append("the root is another one")
    for directory in domain.directories():
        number = directory.object
        if number is None:
            continue
        if number not in objects:
            wrong.append(f"{number} is not there")
            continue
        each = objects[number]
        if directory.instance not in (None, each.instance):
            wrong.append(f"{number} has instance {each.instance}")
        wrong += [f"{number}: {text}" for text in of_properties(directory, each)]
        wrong += [f"{number}: {text}" for text in of_children(directory, each, objects)]
    return wrong


def of_properties(directory: Directory, each: Object) -> list[str]:
    known = [(prop.name, prop.values) for prop in directory.properties]
    if directory.whole:
        return [] if known == each.props else [f"{known} is {each.props}"]
    if directory.outdated:
        return []
    wrong = []
    for prop in directory.properties:
        values = [values for name, values in each.props if name == prop.name]
        if not values:
            wrong.append(f"no {prop.name!r}")
        elif prop.values is not None and prop.whole and prop.values not in values:
            wrong.append(f"{prop.name!r} is {values}, not {prop.values}")
        elif prop.values is not None and not any(set(prop.values) <= set(each) for each in values):
            wrong.append(f"{prop.name!r} is {values}, without {prop.values}")
    return wrong


def of_children(directory: Directory, each: Object, objects: dict[int, Object]) -> list[str]:
    numbers = [child.object for child in directory.children if child.object is not None]
    wrong = [f"{number} is no child" for number in numbers if number not in each.children]
    if directory.all_children:
        if len(directory.children) != len(each.children):
            wrong.append(f"children are {each.children}, not {[child.object for child in directory.children]}")
        for child, number in zip(directory.children, each.children, strict=False):
            if child.object not in (None, number):
                wrong.append(f"{child.object} stands where {number} is")
    if not directory.outdated:
        theirs = [objects[number].props for number in each.children]
        for child in directory.children:
            props = [(prop.name, prop.values) for prop in child.properties]
            if child.object is None and child.whole and props not in theirs:
                wrong.append(f"no child has {props}")
    return wrong


def equal(directory: Directory, number: int, objects: dict[int, Object]) -> bool:
    each = objects[number]
    return (
        directory.object == number
        and directory.instance == each.instance
        and [(prop.name, prop.values) for prop in directory.properties] == each.props
        and [child.object for child in directory.children] == each.children
        and all(equal(child, child.object or 0, objects) for child in directory.children)
    )


@given(SEEDS, st.sampled_from([0.1, 0.5, 0.8]))
@example(236983558, 0.1)  # of two properties of one name the second is known, and another directory has it as the first
@example(4298233, 0.5)  # what a LOOKUPREAD found is written at once, and another directory has the value, too
@example(46_899_851_916, 0.5)  # a property is created where none is known, behind one of its name
@settings(max_examples=COUNT, deadline=None)
def test_nothing_known_is_wrong_at_any_moment(seed: int, writes: float) -> None:
    frames, moments = converse(seed, 60, writes=writes)
    states = domains_at(reading(frames), [Until(number=number) for number, _ in moments])
    for (number, objects), domains in zip(moments, states, strict=True):
        assert len(domains) <= 1
        for domain in domains:
            assert contradictions(domain, objects) == [], number


@given(SEEDS, st.sampled_from([0.3, 0.7]))
@settings(max_examples=COUNT, deadline=None)
def test_what_is_read_as_a_whole_is_known_as_a_whole(seed: int, writes: float) -> None:
    frames, moments = converse(seed, 50, writes=writes, to_the_end=True)
    (domain,) = domains_of(reading(frames))
    assert domain.root is not None
    assert domain.root.complete
    assert domain.loose == []
    assert equal(domain.root, 0, moments[-1][1])


def placed(value: Any, before: list[int]) -> Any:
    """The same, with every frame told by its place in all of the files."""
    if isinstance(value, FrameRef):
        return before[value.capture] + value.number, value.time_ns
    if isinstance(value, Struct):
        return {name: placed(getattr(value, name), before) for name in value.__struct_fields__}
    if isinstance(value, list | tuple):
        return [placed(each, before) for each in value]
    return value


def told(paths: Sequence[Path], executor: Executor | None, jobs: int) -> Any:
    """All that is rebuilt, and the history of one directory."""
    looks = Reading(paths), Reading(paths)
    domains = domains_of(looks[0], None, executor, jobs)
    histories = histories_of(looks[1], 3, None, executor, jobs)
    before = [0]
    for capture in looks[0].captures:
        before.append(before[-1] + capture.frames_read)
    return placed(domains, before), placed([states for _, states in histories], before)


@given(SEEDS, st.sampled_from([0.01, 0.05]))
@settings(max_examples=COUNT // 3, deadline=None)
def test_what_a_readall_tells_anew_can_be_passed_over(seed: int, writes: float) -> None:
    """The same as when one event after the other is gone through."""
    found = reading(converse(seed, 500, writes=writes)[0])
    for source in sources(found.facts().sightings, found.interest):
        each = Replay(source)
        assert list(each.events())
        assert domain_of(Replay(source).run()) == domain_of(each)


@given(SEEDS, st.lists(st.floats(0, 1), max_size=4), st.integers(2, 4))
@settings(max_examples=COUNT // 3, deadline=None)
def test_any_cut_and_any_number_of_jobs(seed: int, cuts: list[float], jobs: int) -> None:
    frames, _ = converse(seed, 60, clients=5)
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        whole = told([write_pcap(Path(name) / "whole.pcap", frames)], None, 1)
        paths = cut(Path(name), frames, [int(each * len(frames)) for each in cuts])
        assert told(paths, None, 1) == whole
        for sparse in (False, True):
            patch.setattr(lots, "is_sparse", lambda captures, interest, sparse=sparse: sparse)
            assert told(paths, AtOnce(), jobs) == whole


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_in_parts(name: str, tmp_path: Path) -> None:
    frames = recording(name)
    paths = cut(tmp_path, frames, [len(frames) // 3, len(frames) // 2])
    assert told(paths, AtOnce(), 3) == told([write_pcap(tmp_path / "whole.pcap", frames)], None, 1)
