"""Changes against the responder: what niutil would make of the directory, who may, and who comes in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netinfo_scapy.live import errors, writes
from netinfo_scapy.live.client import NetInfo_Client
from tests.support.responders import Responding, responder
from tests.support.servers import HOST


@pytest.fixture
def at_work() -> Iterator[Responding]:
    with responder() as made:
        yield made


@pytest.fixture
def ni(at_work: Responding) -> Iterator[NetInfo_Client]:
    with NetInfo_Client(uid=0, password="rootpw").connect(HOST, at_work.tcp()) as client:
        yield client


def properties(ni: NetInfo_Client, path: str) -> list[tuple[bytes, list[bytes] | None]]:
    return [(each.name, each.values) for each in ni.directory(path).properties]


def test_the_life_of_a_directory(ni: NetInfo_Client) -> None:
    number = writes.create_directory(ni, "/locations")
    assert ni.find("/locations") == number
    writes.create_directory(ni, "/locations/office=x\\/y")
    writes.set_property(ni, "/locations", b"phones", [b"1", b"2"])
    writes.append_values(ni, "/locations", b"phones", [b"3"])
    writes.append_values(ni, "/locations", b"fresh", [b"a", b"a"])
    writes.set_property(ni, "/locations", b"phones", [b"9", *ni.directory("/locations").values(b"phones")[1:]])
    writes.rename_property(ni, "/locations", b"phones", b"telephones")
    assert properties(ni, "/locations") == [
        (b"name", [b"locations"]),
        (b"telephones", [b"9", b"2", b"3"]),
        (b"fresh", [b"a", b"a"]),
    ]
    writes.destroy_property(ni, "/locations", b"fresh")
    writes.set_property(ni, "/locations", b"telephones", [])
    assert properties(ni, "/locations") == [(b"name", [b"locations"]), (b"telephones", [])]
    with pytest.raises(errors.NotEmptyError):
        writes.destroy_directory(ni, "/locations")
    assert writes.destroy_directory(ni, "/locations", recursive=True) == 2
    with pytest.raises(errors.NoDirectoryError):
        ni.find("/locations")


def test_what_is_refused(ni: NetInfo_Client) -> None:
    with pytest.raises(errors.UsageError, match="/users is there already"):
        writes.create_directory(ni, "/users")
    with pytest.raises(errors.NoDirectoryError, match="LOOKUP of /no"):
        writes.create_directory(ni, "/no/where")
    with pytest.raises(errors.NoPropertyError):
        writes.rename_property(ni, "/users", b"none", b"x")
    with pytest.raises(errors.NoPropertyError):
        writes.destroy_property(ni, "/users", b"none")
    for wrong in ("/", "0", "17"):
        with pytest.raises(ValueError, match="below the root"):
            writes.create_directory(ni, wrong)
    with pytest.raises(ValueError, match="root directory"):
        writes.destroy_directory(ni, "/", recursive=True)


def test_who_may(at_work: Responding) -> None:
    for uid, password, kind in (
        (None, None, errors.PermissionDeniedError),
        (0, "wrong", errors.BadPasswordError),
        (4711, "x", errors.NoUserError),
        (501, "adminpw", errors.PermissionDeniedError),
    ):
        with NetInfo_Client(uid=uid, password=password).connect(HOST, at_work.tcp()) as ni, pytest.raises(kind):
            writes.set_property(ni, "/users", b"x", [b"y"])


def test_a_write_that_comes_too_late_is_made_again(ni: NetInfo_Client, at_work: Responding) -> None:
    """Between looking and writing, another client writes: NI_STALE, twice."""
    interferences = 2
    plain = ni.writeprop

    def late(*given: object) -> object:
        nonlocal interferences
        if interferences:
            interferences -= 1
            with NetInfo_Client(uid=0, password="rootpw").connect(HOST, at_work.tcp()) as other:
                writes.append_values(other, "/users/root", b"shell", [b"/bin/csh"])
        return plain(*given)

    writes.set_property(ni, "/users/root", b"shell", [b"/bin/sh"])
    ni.writeprop = late
    writes.append_values(ni, "/users/root", b"shell", [b"/bin/tcsh"])
    assert ni.directory("/users/root").values(b"shell") == [b"/bin/sh", b"/bin/csh", b"/bin/csh", b"/bin/tcsh"]


def test_a_write_that_always_comes_too_late_is_given_up(ni: NetInfo_Client) -> None:
    id_ = ni.current_id("/users")

    def stale(*_: object) -> None:
        raise errors.StatusError.of(errors.Step.CALL, "x", "NetInfo.CREATEPROP", 2)

    ni.createprop = stale
    with pytest.raises(errors.StaleError):
        writes.set_property(ni, "/users", b"x", [b"y"])
    assert ni.current_id("/users") == id_
