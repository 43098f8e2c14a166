"""One password after the other, from one host and from many."""

from __future__ import annotations

from collections.abc import Iterable

from netinfo_scapy.analysis.findings.detectors.password_guessing import FROM_MANY, FROM_ONE, IN_ALL, MANY_HOSTS
from tests.analysis.findings.making import AUTHERROR, NOUSER, OK, PERM, findings, password, write
from tests.support import rpc
from tests.support.captures import Frame
from tests.support.conversation import SERVER, Talk
from tests.support.packets import Address

ID = "password-guessing"


def client(number: int) -> Address:
    return Address(f"192.0.2.{100 + number}", 40000)


def over(frames: Iterable[Frame], hours: float) -> list[Frame]:
    """The same frames, each exchange some hours after the one before."""
    return [frame._replace(time=frame.time + int(at // 2 * hours * 3600e9)) for at, frame in enumerate(frames)]


def tries(count: int, hosts: int = 1, servers: int = 1, uids: int = 1) -> Talk:
    talk = Talk()
    for number in range(count):
        server = SERVER._replace(ip=f"192.0.2.{20 + number % servers}")
        credential = password(f"pw{number}", number % uids)
        write(talk, credential, (AUTHERROR, NOUSER)[number % 2], client=client(number % hosts), server=server)
    return talk


def test_from_one_host() -> None:
    (found,) = findings(tries(FROM_ONE).frames, ID)
    assert (found.clients, found.servers, found.count, found.severity) == (["192.0.2.100"], ["192.0.2.20"], 5, "medium")
    assert found.details[0]["different"] == FROM_ONE
    assert findings(tries(FROM_ONE - 1).frames, ID) == []


def test_one_password_for_many_users() -> None:
    talk = Talk()
    for uid in range(FROM_ONE):
        write(talk, password("summer", uid), AUTHERROR)
    assert len(findings(talk.frames, ID)) == 1


def test_a_hit_makes_it_grave() -> None:
    talk = tries(FROM_ONE)
    write(talk, password("right"), OK, client=client(0))
    (found,) = findings(talk.frames, ID)
    assert (found.severity, found.details[0]["accepted"]) == ("high", 1)
    assert found.title.endswith("5 tries, 1 password accepted")


def test_from_many_hosts_against_one_server() -> None:
    (found,) = findings(tries(FROM_MANY, MANY_HOSTS, uids=FROM_MANY).frames, ID)
    assert found.title.startswith("3 hosts guessed passwords at 192.0.2.20")
    assert len(found.details) == MANY_HOSTS
    assert findings(tries(FROM_MANY - 1, MANY_HOSTS).frames, ID) == []
    # Two hosts are not many, and each tries less than one that guesses alone.
    assert findings(tries(2 * FROM_ONE - 2, 2).frames, ID) == []


def test_from_many_hosts_against_one_user_of_many_servers() -> None:
    (found,) = findings(tries(12, 6, servers=4).frames, ID)
    assert found.title.startswith("6 hosts guessed the password of uid 0")
    assert found.servers == [f"192.0.2.{20 + number}" for number in range(4)]
    assert findings(tries(12, 6, servers=4, uids=12).frames, ID) == []


def test_only_what_comes_close_together() -> None:
    assert findings(over(tries(FROM_ONE).frames, 0.4), ID)
    assert findings(over(tries(FROM_ONE).frames, 24), ID) == []
    (slow,) = findings(over(tries(IN_ALL).frames, 24), ID)
    assert slow.count == IN_ALL


def test_near_misses() -> None:
    talk = Talk()
    write(talk, password("tpyo", 501), AUTHERROR)  # a typing error, then the right one
    write(talk, password("typo", 501), OK)
    for _ in range(40):
        write(talk, password("old", 0), AUTHERROR)  # a program that was not told of the new password
        write(talk, rpc.auth_sys("oak", 501), AUTHERROR)  # an ordinary credential
    for number in range(40):
        write(talk, password("right", number), PERM)  # accepted, but without the right to write
    assert findings(talk.frames, ID) == []
