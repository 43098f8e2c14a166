"""What a server is, by how it answers."""

from __future__ import annotations

import pytest

import netinfo_scapy
from tests.analysis.findings.making import CREATEPROP, LISTALL, READ, STATISTICS, ask, findings, password
from tests.support import rpc
from tests.support.captures import capture_path
from tests.support.conversation import Talk

ID = "server-dialect"
PROC_UNAVAIL = 3
RELEASE_208 = ["checksum", "server_version", "tag", "ip_address", "hostname", "cleanup_wait", "binding", "ping"]


def statistics(talk: Talk, names: list[str], version: str = "208", **how: object) -> None:
    values = {"server_version": [version]}
    ask(talk, STATISTICS, b"", rpc.properties([(name, values.get(name, ["1"])) for name in names]), **how)


@pytest.mark.parametrize(
    ("more", "version", "server"),
    [
        ([], "208", "Apple, release 208 to 232"),
        (["connections"], "233", "Apple, release 233 to 271"),
        (["connections", "domain_servers"], "272", "Apple, release 272 or later"),
    ],
)
def test_releases(more: list[str], version: str, server: str) -> None:
    talk = Talk()
    statistics(talk, RELEASE_208 + more, version)
    (found,) = findings(talk.frames, ID)
    (row,) = found.details
    assert (found.severity, row["server"], row["release"]) == ("info", server, version)


def listreg(talk: Talk, linked: bool) -> None:
    entry = rpc.opaque("network") + rpc.words(700, 701)
    entries = rpc.words(1) + entry + (rpc.words(0) if linked else b"")
    talk.ask(rpc.listreg(1), rpc.accepted(1, rpc.words(0) + entries))


def test_the_previous_emulator() -> None:
    talk = Talk()
    listreg(talk, linked=True)
    statistics(talk, ["checksum"])
    call = rpc.call(9, rpc.NETINFO, 2, CREATEPROP, rpc.ni_id(3) + rpc.opaque("a") + rpc.names([]) + rpc.words(0))
    talk.ask(call, rpc.accepted(9, status=PROC_UNAVAIL))
    talk.ask(rpc.call(10, rpc.NETINFO, 2, LISTALL, rpc.ni_id(3)), rpc.accepted(10, status=PROC_UNAVAIL))
    (found,) = findings(talk.frames, ID)
    assert found.title.endswith("most likely the Previous emulator")
    assert {row["sign"] for row in found.details} == {
        "the form of nibind.LISTREG",
        "STATISTICS of a checksum alone",
        "no NetInfo.CREATEPROP",
        "no NetInfo.LISTALL",
    }


def test_near_misses() -> None:
    talk = Talk()
    listreg(talk, linked=False)
    statistics(talk, ["checksum"], credential=password("checksum"))  # no more was asked for
    talk.ask(rpc.call(9, rpc.NETINFO, 2, 99), rpc.accepted(9, status=PROC_UNAVAIL))
    talk.ask(rpc.call(10, rpc.NETINFO, 2, READ, rpc.ni_id(3)), rpc.accepted(10, status=PROC_UNAVAIL))
    assert findings(talk.frames, ID) == []


@pytest.mark.parametrize(("name", "servers"), [("02-ni-read-tcp", 1), ("11-clone", 4), ("01-nibind-portmap", 0)])
def test_the_recordings(name: str, servers: int) -> None:
    found = [each for each in netinfo_scapy.analyze(capture_path(name))["findings"] if each["id"] == ID]
    assert len(found) == servers
    assert {row["release"] for each in found for row in each["details"]} <= {"208"}
