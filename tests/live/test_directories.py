"""Paths, walks and trees against the responder, and against servers that change or lie meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from netinfo_scapy.analysis.directory.tree import Directory
from netinfo_scapy.live import errors
from netinfo_scapy.live.client import NetInfo_Client
from tests.support import rpc
from tests.support.responders import Responding, recorded_objects, responder
from tests.support.servers import HOST, Server, arguments, called


@pytest.fixture(scope="module")
def at_work() -> Iterator[Responding]:
    with responder() as made:
        yield made


@pytest.fixture
def ni(at_work: Responding) -> Iterator[NetInfo_Client]:
    with NetInfo_Client().connect(HOST, at_work.tcp()) as client:
        yield client


def as_text(data: bytes) -> str:
    return data.decode("latin-1")


def as_recorded(root: Directory) -> list[tuple[object, ...]]:
    """A tree as the recording tells it: object, instance, children, properties."""
    return sorted(
        (
            each.object,
            each.instance,
            [child.object for child in each.children],
            [
                [one.name.decode("latin-1"), [value.decode("latin-1") for value in one.values or ()]]
                for one in each.properties
            ],
        )
        for each in root.walk()
    )


RECORDED = sorted(
    (each["object"], each["instance"], each["children"], each["properties"]) for each in recorded_objects("network")
)


def test_the_whole_tree_by_readall(ni: NetInfo_Client) -> None:
    ni.ping()
    sent = ni.sent
    tree = ni.tree()
    assert as_recorded(tree) == RECORDED
    assert tree.complete
    assert ni.sent - sent == 1


def test_the_whole_tree_by_walking(ni: NetInfo_Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ni, "read_everything", lambda: None)
    tree = ni.tree()
    assert as_recorded(tree) == RECORDED
    assert tree.complete


def test_a_server_without_readall_is_walked() -> None:
    with responder(dialect="previous") as other, NetInfo_Client().connect(HOST, other.tcp()) as ni:
        assert {each.object for each in ni.tree().walk()} == {each["object"] for each in recorded_objects("network")}


def test_an_empty_checksum_is_no_empty_directory() -> None:
    """READALL answers nothing to a caller that has it already; so does a new database to one who has nothing."""
    new = {0: directory_of_one()}
    with responder(objects=new) as other, NetInfo_Client().connect(HOST, other.tcp()) as ni:
        assert [each.object for each in ni.tree().walk()] == [0]


def directory_of_one() -> object:
    from netinfo_scapy.live.responder.store import Object

    return Object(0, 0, (), ({"name": b"master", "values": [b"vm/network"]},))


def test_paths(ni: NetInfo_Client) -> None:
    assert ni.find("/") == 0
    assert ni.find("/users/root") == ni.find("/name=users/uid=0") == ni.find("users/root")
    assert ni.find(ni.find("/users")) == ni.find(b"/users")
    assert ni.directory("/users/root").first(b"uid") == b"0"
    with pytest.raises(errors.NoDirectoryError, match=r"LOOKUP of /users/nobodyhere: NI_NODIR"):
        ni.find("/users/nobodyhere")
    with pytest.raises(ValueError, match="lone backslash"):
        ni.find("/users\\")


def test_a_walk_is_lazy(ni: NetInfo_Client) -> None:
    ni.ping()
    before = ni.sent
    walk = ni.walk()
    path, root = next(walk)
    assert (path, root.object) == (b"/", 0)
    assert ni.sent - before == 1
    found = dict(walk)
    assert {b"/users", b"/users/root", b"/machines/vm"} <= found.keys()
    assert len(found) + 1 == len(recorded_objects("network"))
    assert [path for path, _ in ni.walk("/users", depth=0)] == [b"/users"]
    assert {path for path, _ in ni.walk("/", depth=1)} == {path for path in [b"/", *found] if path.count(b"/") == 1}


def test_few_calls(ni: NetInfo_Client) -> None:
    def calls(action: object) -> int:
        before = ni.sent
        action()
        return ni.sent - before

    ni.ping()
    assert calls(lambda: ni.tree("/users", depth=1, key=b"name")) == 3  # LOOKUP, READ, LIST
    assert calls(lambda: ni.tree("/users/root", depth=0)) == 3
    assert calls(lambda: ni.tree("/", depth=0)) == 1


def test_a_list_tells_that_it_is_not_all(ni: NetInfo_Client) -> None:
    tree = ni.tree("/users", depth=1, key=b"uid")
    assert [each.first(b"uid") for each in tree.children] == [b"0", b"501", b"502", b"503"]
    assert tree.whole and tree.all_children
    assert not any(each.whole or each.all_children for each in tree.children)


def test_what_vanishes_meanwhile_is_left_out() -> None:
    """Two of the children are gone when they are read; one has become another's in the meantime."""

    def answer(message: bytes, _: str) -> list[bytes]:
        xid, _, _, procedure = called(message)
        number = int.from_bytes(arguments(message)[:4], "big")
        if procedure == 9:
            children = [1, 2, 3, 4] if number == 0 else [1] if number == 1 else []
            return [rpc.accepted(xid, rpc.words(0, len(children), *children, number, 1))]
        if procedure == 7 and number not in (2, 4):
            return [rpc.read_reply(xid, number, [("name", [f"d{number}"])])]
        return [rpc.accepted(xid, rpc.words(5))]

    with Server(answer) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        tree = ni.tree()
        assert [each.object for each in tree.walk()] == [0, 1, 3]
        assert [path for path, _ in ni.walk()] == [b"/d0"[:1], b"/d1", b"/d3"]


def test_what_is_written_meanwhile_is_read_again() -> None:
    instances = itertools.count(1)

    def answer(message: bytes, _: str) -> list[bytes]:
        xid, _, _, procedure = called(message)
        if procedure == 9:
            return [rpc.accepted(xid, rpc.words(0, 0, 0, 2))]
        if procedure == 7:
            instance = min(next(instances), 2)
            return [rpc.accepted(xid, rpc.words(0, 0, instance) + rpc.properties([("at", [str(instance)])]))]
        return [rpc.accepted(xid, b"", 3)]

    with Server(answer) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        tree = ni.tree()
    assert (tree.instance, tree.first(b"at")) == (2, b"2")


def test_a_tree_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from netinfo_scapy.live import directories

    monkeypatch.setattr(directories, "MOST_DIRECTORIES", 50)

    def answer(message: bytes, _: str) -> list[bytes]:
        xid, _, _, procedure = called(message)
        number = int.from_bytes(arguments(message)[:4], "big")
        if procedure == 9:
            return [rpc.accepted(xid, rpc.words(0, 2, 2 * number + 1, 2 * number + 2, number, 1))]
        return [rpc.read_reply(xid, number)] if procedure == 7 else [rpc.accepted(xid, b"", 3)]

    with Server(answer) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        with pytest.raises(errors.BadAnswerError, match="more than 50 directories"):
            ni.tree()
        with pytest.raises(errors.BadAnswerError, match="more than 50 directories"):
            list(ni.walk())


@pytest.mark.parametrize(
    "objects",
    [
        [(0, [1, 1, 0, 7]), (1, [0, 1])],  # a ring, a child twice, one that is not there
        [(0, [1]), (1, [2]), (2, [1])],
        [(1, [0])],  # no root
    ],
)
def test_a_database_that_is_no_tree(objects: list[tuple[int, list[int]]]) -> None:
    def answer(message: bytes, _: str) -> list[bytes]:
        xid, _, _, procedure = called(message)
        if procedure != 25:
            return [rpc.accepted(xid, b"", 3)]
        chain = b"".join(
            rpc.words(1, number, 1, 0, 0) + rpc.array([rpc.words(each) for each in children])
            for number, children in objects
        )
        return [rpc.accepted(xid, rpc.words(0, 5, 9) + chain + rpc.words(0))]

    with Server(answer) as server, NetInfo_Client().connect(HOST, server.port) as ni:
        if objects[0][0]:
            assert ni.read_everything() is None
        else:
            numbers = [each.object for each in ni.tree().walk()]
            assert sorted(numbers) == sorted(set(numbers))
            assert numbers[0] == 0


def test_statistics_as_facts(ni: NetInfo_Client) -> None:
    facts = ni.facts()
    assert facts["tag"] == ["network", "master", "0"]
    assert len(facts) == 42
