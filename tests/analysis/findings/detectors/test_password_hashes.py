"""Password hashes given out, by each way of reading them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.findings.making import (
    HASH,
    LIST,
    LISTALL,
    LISTPROPS,
    LOOKUPREAD,
    OK,
    OTHER_HASH,
    READALL,
    READPROP,
    STATISTICS,
    ask,
    findings,
    read,
    user,
)
from tests.support import rpc
from tests.support.conversation import Talk
from tests.support.packets import Address

ID = "password-hashes"
ADMIN = user("admin", 501, [HASH])
READNAME = 20


def by_read(talk: Talk) -> None:
    read(talk, 5, ADMIN)


def by_lookupread(talk: Talk) -> None:
    arguments = rpc.ni_id(3) + rpc.opaque("name") + rpc.opaque("admin")
    ask(talk, LOOKUPREAD, arguments, rpc.words(OK) + rpc.ni_id(3, 5) + rpc.properties(ADMIN))


def by_listall(talk: Talk) -> None:
    entries = rpc.array([rpc.properties(user("open", 503, None)), rpc.properties(ADMIN)])
    ask(talk, LISTALL, rpc.ni_id(3), rpc.words(OK) + rpc.ni_id(3, 5) + entries)


def by_readall(talk: Talk) -> None:
    objects = b"".join(
        rpc.words(1) + rpc.ni_id(number, 1) + rpc.properties(props) + rpc.words(0, 0)
        for number, props in ((0, [("master", ["oak/network"])]), (5, ADMIN))
    )
    ask(talk, READALL, rpc.words(0), rpc.words(OK, 6, 5) + objects + rpc.words(0))


def by_list(talk: Talk, key: str = "passwd") -> None:
    entries = rpc.array([rpc.words(4, 0), rpc.words(5, 1) + rpc.names([HASH])])
    ask(talk, LIST, rpc.ni_id(3) + rpc.opaque(key), rpc.words(OK) + entries + rpc.ni_id(3, 5))


def listprops(talk: Talk, *names: str) -> None:
    ask(talk, LISTPROPS, rpc.ni_id(5), rpc.words(OK) + rpc.names(names) + rpc.ni_id(5, 1))


def readprop(talk: Talk, place: int, *values: str) -> None:
    ask(talk, READPROP, rpc.ni_id(5) + rpc.words(place), rpc.words(OK) + rpc.names(values) + rpc.ni_id(5, 1))


def by_readprop(talk: Talk) -> None:
    listprops(talk, "name", "uid", "passwd")
    readprop(talk, 2, HASH)


def by_readname(talk: Talk) -> None:
    ask(talk, READNAME, rpc.ni_id(5) + rpc.words(2, 0), rpc.words(OK) + rpc.ni_id(5, 1) + rpc.opaque(HASH))
    listprops(talk, "name", "uid", "passwd")


WAYS = (by_read, by_lookupread, by_listall, by_readall, by_list, by_readprop, by_readname)


@pytest.mark.parametrize("way", WAYS)
def test_each_way(way: Callable[[Talk], None]) -> None:
    talk = Talk()
    way(talk)
    (found,) = findings(talk.frames, ID)
    (row,) = found.details
    named = way not in (by_list, by_readprop, by_readname)
    assert (row["user"], row["scheme"], row["hash"]) == ("admin" if named else "directory 5", "DES crypt", "ab...")
    assert (row["uid"], found.count, found.severity) == ("501" if named else None, 1, "high")
    assert HASH not in repr(found)
    (revealed,) = findings(talk.frames, ID, reveal=True)
    assert revealed.details[0]["hash"] == HASH


def test_all_ways_are_one_account() -> None:
    talk = Talk()
    for way in WAYS:
        way(talk)
    (found,) = findings(talk.frames, ID)
    assert [row["user"] for row in found.details] == ["admin"]
    assert found.count == len(WAYS)


def test_who_was_given_them() -> None:
    talk = Talk()
    for host in (10, 11):
        read(talk, 5, ADMIN, client=Address(f"192.0.2.{host}", 40000))
    read(talk, 4, user("root", 0, [OTHER_HASH]))
    (found,) = findings(talk.frames, ID)
    assert found.title.startswith("2 password hashes of the server at 192.0.2.20:961/udp given to 2 hosts")
    assert [row["clients"] for row in found.details] == [["192.0.2.10", "192.0.2.11"], ["192.0.2.10"]]
    assert found.clients == ["192.0.2.10", "192.0.2.11"]
    assert found.count == 3


@pytest.mark.parametrize("value", ["*", "!", "", "********", "*LK*", "Administrato", "AdministratorX", "$1$", "_short"])
def test_what_is_no_hash(value: str) -> None:
    talk = Talk()
    read(talk, 5, user("admin", 501, [value]))
    assert findings(talk.frames, ID) == []


def test_near_misses() -> None:
    talk = Talk()
    read(talk, 5, [("name", ["admin"]), ("realname", ["Administrator"]), ("comment", ["passwd"])])
    read(talk, 6, [("name", ["passwd"]), ("note", [HASH])])  # `passwd` is not the property's name
    by_list(talk, "realname")
    readprop(talk, 3, "Administrator")  # no LISTPROPS tells what it is
    listprops(talk, "name", "passwd", "realname")
    readprop(talk, 2, "Administrator")  # and here it is another
    ask(talk, STATISTICS, b"", rpc.properties([("passwd", [HASH])]))
    ask(talk, 7, rpc.ni_id(5), rpc.words(5))
    assert findings(talk.frames, ID) == []


def test_a_modular_hash_needs_no_name() -> None:
    talk = Talk()
    readprop(talk, 2, "$1$abcdefgh$0123456789abcdefghijkl")
    (found,) = findings(talk.frames, ID)
    assert (found.details[0]["scheme"], found.details[0]["hash"]) == ("MD5 crypt", "$1...")
