"""Every password in a credential, whose it is, and whether the server took it."""

from __future__ import annotations

import json

import pytest

import netinfo_scapy
from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.analysis.findings.detectors.password_in_credential import DETECTOR
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.reading import Reading
from tests.analysis.findings.making import (
    AUTHERROR,
    MASTERBUSY,
    NODIR,
    NOUSER,
    OK,
    PERM,
    RDONLY,
    STATISTICS,
    ask,
    findings,
    password,
    read,
    write,
)
from tests.support import rpc
from tests.support.captures import NAMES, capture_path, truth_path
from tests.support.conversation import SERVER, Talk
from tests.support.packets import Address

ID = "password-in-credential"
WRITES = {"CREATE", "CREATEPROP", "CREATENAME", "DESTROY", "DESTROYNAME", "DESTROYPROP", "RENAMEPROP", "WRITE"} | {
    "WRITEPROP",
    "WRITENAME",
}
USERS = {0: "root", 501: "admin", 502: "nopass", 503: "open"}
"""Who the uids are, by pcaps/recorded/start/network.json."""

NUMBERS = {name: uid for uid, name in USERS.items()}


def told(name: str) -> set[tuple[int, int, str, bool | None]]:
    """(server's port, uid, password, whether it was accepted), by the ground truth alone."""
    messages = [json.loads(line) for line in truth_path(name).read_text().splitlines()]
    statuses = {
        (each["dst"], each["src"], each["xid"]): each.get("result") for each in messages if each["type"] == "reply"
    }
    found: dict[tuple[int, int, str], bool | None] = {}
    for call in messages:
        carried = call.get("auth_unix", {}).get("machine_inverted")
        if carried is None or (call["name"] == "NI.STATISTICS" and carried == "checksum"):
            continue
        key = (int(call["dst"].rpartition(":")[2]), call["auth_unix"]["uid"], carried)
        found.setdefault(key, None)
        result = statuses.get((call["src"], call["dst"], call["xid"]))
        program, _, procedure = call["name"].partition(".")
        if program == "NI" and procedure in WRITES:
            found[key] = result["status"] not in (AUTHERROR, NOUSER) or bool(found[key])
        elif program == "NIBIND":
            found[key] = result != PERM
    return {(*key, accepted) for key, accepted in found.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_password_of_the_recordings(name: str) -> None:
    shown = [each for each in netinfo_scapy.analyze(capture_path(name), reveal=True)["findings"] if each["id"] == ID]
    found = set()
    for each in shown:
        port = int(each["title"].partition(each["servers"][0] + ":")[2].partition("/")[0])
        (who,) = each["users"]
        uid = NUMBERS[who] if who in NUMBERS else int(str(who).removeprefix("uid "))
        found |= {(port, uid, row["password"], row["accepted"]) for row in each["details"]}
    assert found == told(name)
    assert len(found) == {"01-nibind-portmap": 1, "04-auth": 9}.get(name, 0)


def test_the_user_is_named_where_the_directory_tells() -> None:
    reading = Reading(capture_path("04-auth"))
    facts = reading.facts()
    ends = [key for key in facts.servers if key[1].port == 666 and key[0].label == "tcp"]
    users = [
        Directory(object=number, properties=[Property(b"name", [name.encode()]), Property(b"uid", [b"%d" % uid])])
        for number, (uid, name) in enumerate(USERS.items(), 4)
    ]
    domain = Domain(tag=b"network", endpoints=ends, root=Directory(object=0, children=users))
    view = View(facts, reading.captures, reading.interest, domains=[domain])
    found = [user for each in DETECTOR.conclude(view.evidence(ID), view) for user in each.finding().users]
    assert sorted(found) == ["admin", "nopass", "open", "root", "uid 0", "uid 4242"]  # uid 0 of the other domain


@pytest.mark.parametrize(
    ("status", "accepted"),
    [
        (OK, True),
        (PERM, True),
        (NODIR, True),
        (AUTHERROR, False),
        (NOUSER, False),
        (RDONLY, None),
        (MASTERBUSY, None),
        (9999, None),
        (None, None),
    ],
)
def test_what_an_answer_says_of_the_password(status: int | None, accepted: bool | None) -> None:
    talk = Talk()
    write(talk, password("s3cret", 501), status)
    (found,) = findings(talk.frames, ID, reveal=True)
    (row,) = found.details
    assert (row["password"], row["accepted"], row["calls"]) == ("s3cret", accepted, 1)
    assert found.severity == ("medium" if accepted is False else "high")
    assert found.users == ["uid 501"]


def test_reads_and_the_hosts_own_calls_say_nothing_of_it() -> None:
    talk = Talk()
    read(talk, 4, [("name", ["root"])], credential=password("s3cret"))
    (found,) = findings(talk.frames, ID)
    assert [row["accepted"] for row in found.details] == [None]
    talk = Talk()
    write(talk, password("s3cret"), OK, client=Address(SERVER.ip, 700))
    (found,) = findings(talk.frames, ID)
    assert [row["accepted"] for row in found.details] == [None]


def test_calls_are_counted_once_each() -> None:
    talk = Talk()
    call = rpc.call(7, rpc.NETINFO, 2, 7, rpc.ni_id(), credential=password("s3cret"))
    talk.ask(call)
    talk.ask(call, rpc.read_reply(7))
    (found,) = findings(talk.frames, ID)
    assert (found.count, found.details[0]["calls"]) == (1, 1)


def test_hidden_unless_asked() -> None:
    talk = Talk()
    write(talk, password("s3cret"), OK)
    (hidden,) = findings(talk.frames, ID)
    assert "s3cret" not in repr(hidden)
    assert "password" not in hidden.details[0]


def test_near_misses() -> None:
    talk = Talk()
    write(talk, rpc.auth_sys("oak"), AUTHERROR)  # an ordinary host name
    write(talk, rpc.auth_sys(b""), OK)
    write(talk, rpc.auth_sys("h\xf4te"), AUTHERROR)  # a host name that is not all ASCII
    write(talk, rpc.auth_sys(b"\xff\xfe\x7f"), AUTHERROR)  # one byte of it is ASCII
    write(talk, rpc.auth_sys("oak", uid=0x80000001), AUTHERROR)
    write(talk, rpc.auth_sys(b"", uid=0x80000001), AUTHERROR)
    ask(talk, STATISTICS, b"", rpc.properties([("checksum", ["1"])]), credential=password("checksum"))
    assert findings(talk.frames, ID) == []
    ask(talk, READ_CHECKSUM, rpc.ni_id(), None, credential=password("checksum"))
    assert len(findings(talk.frames, ID)) == 1


READ_CHECKSUM = 7
"""The word is a password on any other call."""
