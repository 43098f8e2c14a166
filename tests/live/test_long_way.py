"""The clients and commands beside the real rpcbind, in a network namespace of its own (as root)."""

import json
from collections import Counter
from pathlib import Path

import pytest

import netinfo_scapy
from tests.support.client_in_namespace import COMMANDS
from tests.support.in_namespace import missing, run_inside
from tests.support.start import start_path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Path]:
    """What everybody in the namespace said, and the capture of the first part."""
    if why := missing():
        pytest.skip(why)
    capture = tmp_path_factory.mktemp("long_way") / "all.pcapng"
    capture.parent.chmod(0o777)
    return run_inside("tests.support.client_in_namespace", str(capture), str(start_path("network"))), capture


def said(told: tuple[dict, Path], command: str, at: int = 0) -> tuple[int, str, str]:
    found = [each for words, each in zip(COMMANDS, told[0]["commands"], strict=True) if words[0] == command]
    return found[at]


def test_the_domain_is_found(told: tuple[dict, Path]) -> None:
    by_hand = told[0]["by_hand"]
    assert by_hand["port"] == by_hand["found"]
    assert by_hand["users"] == ["/users", "/users/root", "/users/admin", "/users/nopass", "/users/open"]
    assert said(told, "read") == [0, "name: root\nuid: 0\npasswd: abz3GtcEvEtv6\n", ""]
    code, out, _ = said(told, "tags")
    assert code == 0
    assert out.startswith("tag=network udp=")
    assert f"tcp={by_hand['port']}" in out


def test_the_capture_holds_what_the_client_says_it_sent(told: tuple[dict, Path]) -> None:
    messages = list(netinfo_scapy.messages(told[1]))
    programs = ("NetInfo.", "nibind.", "portmap.GETPORT")
    calls = [each for each in messages if each["type"] == "call" and str(each["name"]).startswith(programs)]
    # rpcinfo, rpcbind and the responder's registration speak other procedures, and versions of rpcbind.
    names = Counter(each["name"] for each in calls)
    assert names["portmap.GETPORT"] == names["nibind.GETREGISTER"] == 2
    assert sum(names.values()) == told[0]["by_hand"]["sent"]
    answered = [each for each in messages if each["type"] == "reply" and str(each["name"]).startswith(programs)]
    assert len(answered) == len(calls)


def test_a_probe_finds_all_of_it(told: tuple[dict, Path]) -> None:
    code, out, err = said(told, "probe")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["verdict"] == "netinfo"
    assert {(port["port"], port["transport"]): port["verdict"] for port in found["ports"]}[111, "udp"] == "rpc"
    assert [tag["tag"] for tag in found["tags"]] == ["network"]
    (domain,) = found["domains"]
    assert (domain["implementation"], domain["release"], domain["impostor"]) == ("netinfod", "208", False)
    checks = {check["id"]: check["agrees"] for check in domain["checks"]}
    assert checks["registered"] and checks["ports"]
    assert all(checks.values())


def test_a_host_that_drops_everything_is_filtered(told: tuple[dict, Path]) -> None:
    code, out, _ = said(told, "probe", 1)
    assert code == 0
    assert {port["verdict"] for port in json.loads(out)["ports"]} == {"filtered"}


def test_who_holds_the_port_mappers(told: tuple[dict, Path]) -> None:
    _, out, _ = said(told, "listening")
    assert {json.loads(line)["process"] for line in out.splitlines()} == {"rpcbind"}


def test_errors_say_which_step(told: tuple[dict, Path]) -> None:
    code, _, err = said(told, "stats")
    assert code == 3
    assert "nibind: nibind.GETREGISTER: NI_NOTAG" in err
    code, _, err = told[0]["afterwards"]
    assert code == 3
    assert "portmap: nibind is not registered over udp; nor is the domain on port 961/tcp" in err
