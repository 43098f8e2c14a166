"""The responder beside the real rpcbind, in a network namespace of its own (as root, or by a sudo that asks not)."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import netinfo_scapy
from netinfo_scapy.capture.flows import Transport
from netinfo_scapy.live.responder.service import Caller, answer
from tests.support import rpc
from tests.support.asking import SERVER, host_of
from tests.support.in_namespace import missing, run_inside
from tests.support.start import start_path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """What everybody in the namespace said, and the capture of it."""
    if why := missing():
        pytest.skip(why)
    capture = tmp_path_factory.mktemp("rpcbind") / "all.pcapng"
    capture.parent.chmod(0o777)
    return run_inside("tests.support.in_namespace", str(capture), str(start_path("network"))), capture


def test_rpcinfo_shows_the_registration_and_both_transports_answer(told: tuple[dict, Path]) -> None:
    said, _ = told
    found = re.findall(r"200100001 +1 +(udp|tcp) +(\d+)", said["registered"])
    listening = re.search(r"nibind: 127.0.0.1 udp (\d+) tcp (\d+)", "".join(said["listening"]))
    assert listening
    assert sorted(found) == [("tcp", listening[2]), ("udp", listening[1])]
    assert "200100000" not in said["registered"]
    assert all("program 200100001 version 1 ready and waiting" in each for each in said["answers"])


def test_a_client_finds_the_domain_the_long_way(told: tuple[dict, Path]) -> None:
    way = told[0]["long_way"]
    domain = host_of("network").domains[b"network"]

    def core(call: bytes) -> str:
        return answer({rpc.NETINFO: domain}, call, Caller(SERVER, SERVER, Transport.TCP))[0].hex()

    assert way["status"] == 0
    assert way["ports"][1] == way["ports"][0] + 1
    assert (way["root"], way["read"]) == (core(rpc.root(3)), core(rpc.read(4)))
    assert way["bind"] == rpc.accepted(5, rpc.words(way["nibind"], 0)).hex()


def test_it_unregisters_in_the_end(told: tuple[dict, Path]) -> None:
    said, _ = told
    code, errors = said["ended"]
    assert code == 0
    assert errors.count("\n") == 1
    assert "stopped" in errors
    assert "200100001" not in said["afterwards"]
    assert "100000" in said["afterwards"]


def test_the_capture_holds_what_they_say_they_did(told: tuple[dict, Path]) -> None:
    found = [each for each in netinfo_scapy.messages(told[1]) if each["type"] == "call"]
    names = Counter(each["name"] for each in found)
    assert names["portmap.SET"] == 2
    assert names["portmap.UNSET"] == 2
    assert names["nibind.GETREGISTER"] == 1
    assert (names["NetInfo.ROOT"], names["NetInfo.READ"]) == (1, 1)
    assert names["portmap.CALLIT"] == 1
    assert names["nibind.BIND"] == 1
    replies = [each for each in netinfo_scapy.messages(told[1]) if each["type"] == "reply"]
    assert len(replies) == len(found)
    assert not any("reply-without-call" in each["anomalies"] for each in replies)


def test_tshark_agrees_on_the_capture(told: tuple[dict, Path]) -> None:
    command = [sys.executable, "-m", "netinfo_scapy", "verify", str(told[1])]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
