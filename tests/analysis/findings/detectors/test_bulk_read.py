"""Users read as a whole, at once or one by one."""

from __future__ import annotations

import pytest

from netinfo_scapy.analysis.findings.detectors.bulk_read import MANY, WITHIN_NS
from tests.analysis.findings.making import LIST, LISTALL, LOOKUPREAD, NODIR, OK, ask, findings, read, user
from tests.analysis.findings.writing import HOME, OTHER, known, readall
from tests.support import rpc
from tests.support.captures import Frame
from tests.support.conversation import SERVER, START, Talk
from tests.support.packets import Address

ID = "bulk-read"
THREE = [*HOME, (10, 1, user("open", 503, [""]))]
LOCAL = Address(SERVER.ip, 700)


def read_some(count: int, *, passwd: list[str] | None = None, uid: bool = True, first: int = 20) -> list[Frame]:
    talk = Talk()
    for number in range(first, first + count):
        read(talk, number, user(f"user{number}", number if uid else None, passwd or ["*"]))
    return talk.frames


def look_up_some(count: int) -> list[Frame]:
    talk = Talk()
    for number in range(count):
        arguments = rpc.ni_id(1) + rpc.opaque("name") + rpc.opaque(f"user{number}")
        props = rpc.properties(user(f"user{number}", number, ["*"]))
        ask(talk, LOOKUPREAD, arguments, rpc.words(OK) + rpc.ni_id(1, 5) + props)
    return talk.frames


def slowly(frames: list[Frame], seconds: int) -> list[Frame]:
    """A second or more between two frames."""
    return [frame._replace(time=START + index * seconds * 10**9) for index, frame in enumerate(frames)]


def test_many_one_by_one() -> None:
    (found,) = findings(read_some(MANY), ID)
    (row,) = found.details
    assert (found.severity, found.count, row["procedure"], row["users"]) == ("medium", MANY, "NetInfo.READ", MANY)
    assert len(findings(look_up_some(4 * MANY), ID)) == 1
    assert len(findings(slowly(read_some(MANY), 10), ID)) == 1


def test_all_of_a_few() -> None:
    talk = known(THREE)
    for number, _, props in THREE:
        if number in (2, 3, 10):
            read(talk, number, props, client=OTHER)
    found = {tuple(each.clients): each for each in findings(talk.frames, ID)}
    assert found["192.0.2.66",].severity == "medium"
    assert found["192.0.2.66",].details[0]["users"] == 3
    assert found["192.0.2.20",].severity == "info"  # its READALL


def test_at_once() -> None:
    for how in (LIST, LISTALL):
        talk = known(THREE)
        users = [(number, props) for number, above, props in THREE if above == 1]
        if how == LIST:
            entries = rpc.array([rpc.words(number, 1) + rpc.names([dict(props)["name"][0]]) for number, props in users])
            ask(talk, LIST, rpc.ni_id(1) + rpc.opaque("name"), rpc.words(OK) + entries + rpc.ni_id(1, 3), client=OTHER)
        else:
            entries = rpc.array([rpc.properties(props) for _, props in users])
            ask(talk, LISTALL, rpc.ni_id(1), rpc.words(OK) + rpc.ni_id(1, 3) + entries, client=OTHER)
        found = [each for each in findings(talk.frames, ID) if each.clients == ["192.0.2.66"]]
        assert [each.details[0]["users"] for each in found] == [3]
    talk = Talk()
    readall(talk, THREE, client=OTHER)
    assert [each.details[0]["procedure"] for each in findings(talk.frames, ID)] == ["NetInfo.READALL"]


@pytest.mark.parametrize(
    "frames",
    [
        read_some(MANY - 1),
        [*read_some(1), *read_some(1)] * 4,  # the same one again
        read_some(40, uid=False),  # groups have a passwd, too
        slowly(read_some(16), WITHIN_NS // 10**9 // 4),
    ],
)
def test_near_misses(frames: list[Frame]) -> None:
    talk = Talk()
    talk.frames += frames
    assert findings(talk.frames, ID) == []


def test_what_is_no_directory_of_users() -> None:
    talk = known()  # of which the host itself reads all: but two users
    groups = rpc.array([rpc.words(number, 1) + rpc.names(["*"]) for number in range(5, 25)])
    ask(talk, LIST, rpc.ni_id(4) + rpc.opaque("passwd"), rpc.words(OK) + groups + rpc.ni_id(4, 3), client=OTHER)
    ask(talk, LISTALL, rpc.ni_id(1), rpc.words(NODIR), client=OTHER)
    assert findings(talk.frames, ID) == []
    read(talk, 2, THREE[2][2], client=LOCAL)
    read(talk, 3, THREE[3][2], client=LOCAL)
    assert findings(talk.frames, ID) == []
