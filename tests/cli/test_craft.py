"""`netinfo-scapy craft call`: a probe as a file, sent, or shown."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.utils import rdpcap
from typer.testing import CliRunner

import netinfo_scapy
from netinfo_scapy.cli.main import app
from netinfo_scapy.layers import netinfod_am
from tests.support import rpc

runner = CliRunner()
LOOKUP = ["craft", "call", "NetInfo.LOOKUP", "--id", "0", "--key", "name", "--value", "users"]
SCENARIO = """
hosts: {client: {ip: 192.0.2.10}, server: {ip: 192.0.2.1}}
conversations: {lookup: {transport: udp, client: client, server: server}}
say: [{in: lookup, call: NetInfo.PING, reply: {}}]
"""


def test_a_probe_over_udp(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcap"
    done = runner.invoke(app, [*LOOKUP, "-o", str(path)])
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"netinfo-scapy: {path}: 1 frame\n")
    [message] = netinfo_scapy.messages(str(path))
    assert (message["name"], message["dst_port"], message["anomalies"]) == ("NetInfo.LOOKUP", 961, [])
    assert message["arguments"] == {"id": {"object": 0, "instance": 0}, "key": "name", "value": "users"}
    first = path.read_bytes()
    runner.invoke(app, [*LOOKUP, "-o", str(path)])
    assert path.read_bytes() == first


def test_a_probe_over_tcp_with_a_password(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcap"
    words = ["--tcp", "--fragment", "16", "--user", "501", "--password", "secret", "--dport", "700", "--xid", "9"]
    result = runner.invoke(app, [*LOOKUP, "-o", str(path), *words, "--src", "10.0.0.1", "--dst", "10.0.0.2"])
    assert result.exit_code == 0, result.output
    assert "secret" not in result.output
    packets = rdpcap(str(path))
    assert packets[0][TCP].flags == "S"
    assert packets[-1][TCP].flags == "A"
    [message] = netinfo_scapy.messages(str(path), netinfo_ports=700, reveal=True)
    assert (message["transport"], message["fragments"], message["xid"]) == ("tcp", 6, 9)
    assert message["credential"]["password"] == "secret"
    assert message["credential"]["uid"] == 501
    assert (message["src_ip"], message["dst_ip"]) == ("10.0.0.1", "10.0.0.2")


def test_the_port_mapper_has_its_own_port(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcap"
    words = ["craft", "call", "portmap.GETPORT", "--program", "nibind", "--version", "1", "--protocol", "udp"]
    assert runner.invoke(app, [*words, "-o", str(path)]).exit_code == 0
    assert rdpcap(str(path))[0][UDP].dport == 111


@pytest.mark.parametrize("words", [LOOKUP, [*LOOKUP, "--tcp"], ["craft", "SCENARIO"]])
def test_standard_output_takes_the_pcap(words: list[str], tmp_path: Path) -> None:
    if words[-1] == "SCENARIO":
        (tmp_path / "lookup.yaml").write_text(SCENARIO)
        words = ["craft", str(tmp_path / "lookup.yaml")]
    command = [sys.executable, "-m", "netinfo_scapy", *words, "-w"]
    subprocess.run([*command, tmp_path / "made.pcap"], check=True, capture_output=True)
    done = subprocess.run([*command, "-"], check=True, capture_output=True, cwd=tmp_path)
    assert done.stdout == (tmp_path / "made.pcap").read_bytes()
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize(
    ("words", "name", "uid"),
    [
        (["--machine", "workstation", "--user", "501"], "workstation", 501),
        (["--machine", "workstation"], "workstation", 0),
        (["--user", "501"], "", 501),
    ],
)
def test_a_credential_without_a_password(tmp_path: Path, words: list[str], name: str, uid: int) -> None:
    path = tmp_path / "probe.pcap"
    assert runner.invoke(app, [*LOOKUP, *words, "-o", str(path)]).exit_code == 0
    [message] = netinfo_scapy.messages(str(path))
    credential = message["credential"]
    assert (credential["flavor"], credential["machinename"], credential["uid"]) == ("AUTH_SYS", name, uid)
    assert credential["password_present"] is False


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "probe.pcap"
    result = runner.invoke(app, [*LOOKUP, "--password", "-", "-o", str(path)], input="secret\n")
    # Standard output is for the answer; the runner's stand-in for a terminal leaves a blank line there.
    assert (result.exit_code, result.stdout.strip()) == (0, "")
    assert "password" in result.stderr
    assert "secret" not in result.output
    [message] = netinfo_scapy.messages(str(path), reveal=True)
    assert message["credential"]["password"] == "secret"


@pytest.mark.parametrize("value", ["-foo", "-h", "--help", "--list", "-o"])
def test_a_value_is_never_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = runner.invoke(app, ["craft", "call", "NetInfo.LOOKUP", "--key", value, "--id", "3", "-o", "probe.pcap"])
    assert result.exit_code == 0, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["probe.pcap"]
    [message] = netinfo_scapy.messages("probe.pcap")
    assert (message["arguments"]["id"]["object"], message["arguments"]["key"]) == (3, value)


def test_the_command_line_starts_without_scapy() -> None:
    code = "import sys, netinfo_scapy.cli.main; sys.exit('scapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_fragments_are_shown() -> None:
    result = runner.invoke(app, ["craft", "call", "NetInfo.PING", "--tcp", "--fragment", "30"])
    assert "marks     = [30, 10 last]" in result.stdout
    assert "0000  00 00 00 1E" in result.stdout


def test_it_is_shown_else() -> None:
    result = runner.invoke(app, LOOKUP)
    assert "NetInfo LOOKUP call" in result.stdout
    assert "6E 61 6D 65" in result.stdout
    assert "NetInfo.CREATE --parent OBJECT[/INSTANCE]" in runner.invoke(app, ["craft", "call", "--list"]).stdout


@pytest.fixture
def server() -> Iterator[int]:
    for port in range(47_961, 48_961):
        try:
            serving = netinfod_am(address="127.0.0.1", port=port, verbose=False, tags={"local": (1, 2)}).bg()
        except OSError:
            continue
        break
    yield port
    serving.stop()


@pytest.mark.parametrize("words", [[], ["--tcp"], ["--tcp", "--fragment", "8"]])
def test_it_is_sent(server: int, words: list[str]) -> None:
    call = ["craft", "call", "nibind.GETREGISTER", "--tag", "local", "--send", "127.0.0.1", "--dport", str(server)]
    result = runner.invoke(app, [*call, *words])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert (answer["name"], answer["status"], answer["accept_status"]) == ("nibind.GETREGISTER", "NI_OK", "SUCCESS")
    assert answer["result"] == {"udp_port": 1, "tcp_port": 2}
    assert answer["rtt_seconds"] > 0


def test_a_refusal_is_an_answer(server: int) -> None:
    result = runner.invoke(app, [*LOOKUP, "--send", "127.0.0.1", "--dport", str(server)])
    assert json.loads(result.stdout)["auth_status"] == "AUTH_TOOWEAK"


def udp_server(answers: Callable[[bytes, int], list[bytes]], seen: list[bytes]) -> tuple[socket.socket, int]:
    """A socket whose every datagram, numbered from 1, gets the answers that a function gives."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(10)

    def serve() -> None:
        try:
            while True:
                data, client = sock.recvfrom(65_535)
                seen.append(data)
                for answer in answers(data, len(seen)):
                    sock.sendto(answer, client)
        except OSError:
            return

    Thread(target=serve, daemon=True).start()
    return sock, sock.getsockname()[1]


def tcp_server(answer: bytes, seen: list[bytes]) -> int:
    """A server for one connection: reads a record of one fragment, answers, closes."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(10)

    def serve() -> None:
        with listening, listening.accept()[0] as sock:
            sock.settimeout(10)
            stream = sock.makefile("rb")
            mark = int.from_bytes(stream.read(4), "big")
            seen.append(stream.read(mark & 0x7FFFFFFF))
            sock.sendall(answer)

    Thread(target=serve, daemon=True).start()
    return int(listening.getsockname()[1])


PROBE = ["craft", "call", "NetInfo.READ", "--id", "0", "--xid", "7", "--send", "127.0.0.1", "--dport"]
ANSWER = {
    "name": "NetInfo.READ",
    "xid": 7,
    "reply_status": "MSG_ACCEPTED",
    "accept_status": "SUCCESS",
    "reject_status": None,
    "auth_status": None,
    "status": "NI_OK",
    "result": {"id": {"object": 0, "instance": 1}, "props": [{"name": "name", "values": ["root"]}]},
    "anomalies": [],
}


def test_an_answer_to_the_third_transmission() -> None:
    """What is no reply, or another's, is passed over; the transmissions are the same bytes."""
    seen: list[bytes] = []
    sock, port = udp_server(lambda _, n: [b"noise", rpc.read_reply(8), rpc.read_reply(7)] if n == 3 else [], seen)
    with sock:
        result = runner.invoke(app, [*PROBE, str(port)])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert 2 <= answer.pop("rtt_seconds") < 3
    assert answer == ANSWER
    assert seen == [rpc.read(7)] * 3


def test_silence_over_udp_is_bounded() -> None:
    seen: list[bytes] = []
    sock, port = udp_server(lambda *_: [], seen)
    with sock:
        result = runner.invoke(app, [*PROBE, str(port)])
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.count("\n") == 1
    assert "no answer" in result.stderr
    assert len(seen) == 3


def test_an_answer_in_fragments_over_tcp() -> None:
    seen: list[bytes] = []
    port = tcp_server(rpc.record(rpc.read_reply(7), 10, 4), seen)
    result = runner.invoke(app, [*PROBE, str(port), "--tcp"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert 0 < answer.pop("rtt_seconds") < 5
    assert answer == ANSWER
    assert seen == [rpc.read(7)]


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"\x80\0\0\x40cut short", b"\xff\xff\xff\xff" + bytes(64)])
def test_no_answer_over_tcp(answer: bytes) -> None:
    """Closed at once, another protocol, a record cut short, a record of 2 GB."""
    result = runner.invoke(app, [*PROBE, str(tcp_server(answer, [])), "--tcp"])
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["--tcp"]])
def test_no_name_service(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for no longer than for an answer."""
    given_up = Event()
    numeric = socket.getaddrinfo

    def hang(*given: Any, flags: int = 0, **named: Any) -> Any:
        return numeric(*given, flags=flags, **named) if flags else given_up.wait(30)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr("netinfo_scapy.craft.sending._WAIT", 0.1)
    monkeypatch.setattr("netinfo_scapy.craft.sending._TCP_TIMEOUT", 0.3)
    start = time.monotonic()
    result = runner.invoke(app, [*LOOKUP, "--send", "slow.invalid", *words])
    given_up.set()
    assert (result.exit_code, result.stdout) == (3, "")
    assert "slow.invalid: port 961: the name service did not answer in time" in result.stderr
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("words", [[], ["--tcp"]])
def test_nobody_there(words: list[str]) -> None:
    result = runner.invoke(app, [*LOOKUP, "--send", "127.0.0.1", "--dport", "1", *words])
    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["craft", "call"], "name a procedure"),
        (["craft", "call", "NetInfo.LOKUP"], "did you mean"),
        ([*LOOKUP, "--fragment", "4"], "--tcp"),
        ([*LOOKUP, "--machine", "m", "--password", "p"], "one of the two"),
        (["craft", "call", "NetInfo.SELF", "--id", "-1"], "not a number"),
        (["craft", "call", "NetInfo.SELF", "--idd", "1"], "its options: --id"),
        (["craft", "call", "NetInfo.SELF", "--id"], "needs a value"),
        ([*LOOKUP, "-o", "/nowhere/probe.pcap"], "cannot be written"),
        ([*LOOKUP, "-o", "probe.pcap", "--src", "x"], "not an IPv4 address"),
        (["craft", "call", "NetInfo.LOOKUP", "--key", "k" * 66_000, "-o", "probe.pcap"], "into a datagram"),
    ],
)
def test_mistakes(words: list[str], said: str) -> None:

    result = subprocess.run(
        [sys.executable, "-m", "netinfo_scapy", *words], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
