"""`netinfo-scapy extract --finding`: the whole flows of what made a finding, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import netinfo_scapy
from tests.analysis.findings.detectors.test_netinfo_sweep import SILENT, sweep
from tests.analysis.findings.making import HASH, OK, password, read, user, write
from tests.cli.test_commands import one_line, run
from tests.support import rpc
from tests.support.captures import RECORDED, write_pcap
from tests.support.conversation import CLIENT, SERVER, Talk
from tests.support.extraction import MOVED, extract, stored
from tests.support.packets import Address

PASSWORD, HASHES = "password-in-credential", "password-hashes"
CASES = [
    ("01-nibind-portmap", PASSWORD),
    ("01-nibind-portmap", "clients-shut-out"),
    ("02-ni-read-tcp", HASHES),
    ("04-auth", PASSWORD),
    ("04-auth", "password-guessing"),
    ("06-tools", "account-without-password"),
    ("11-clone", HASHES),
]


def messages(path: Path) -> list[dict[str, Any]]:
    return [{key: value for key, value in each.items() if key not in MOVED} for each in netinfo_scapy.messages(path)]


def flow(message: dict[str, Any]) -> tuple[object, ...]:
    ends = sorted([(message["src_ip"], message["src_port"]), (message["dst_ip"], message["dst_port"])])
    return (message["transport"], *ends)


def of(path: Path, id_: str) -> list[dict[str, Any]]:
    """The findings of one detector, less where they are."""
    findings = [each for each in netinfo_scapy.analyze(path)["findings"] if each["id"] == id_]
    return [{key: each[key] for key in ("title", "severity", "count", "first_time", "last_time")} for each in findings]


def comments(path: Path) -> list[str]:
    command = [shutil.which("tshark") or pytest.skip("no tshark"), "-r", str(path), "-T", "fields"]
    command += ["-e", "frame.comment", "-Y", "frame.comment"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize(("name", "id_"), CASES)
def test_the_extract_has_the_finding_and_whole_flows(name: str, id_: str, tmp_path: Path) -> None:
    source, out = RECORDED / f"{name}.pcap", tmp_path / "out.pcapng"
    assert extract(source, out, "--finding", id_) == 0
    assert of(out, id_) == of(source, id_) != []
    found = messages(out)
    flows = {flow(each) for each in found}
    assert found == [each for each in messages(source) if flow(each) in flows]
    whole = len(stored(source)[str(source)])
    assert 0 < len(stored(out)[str(out)]) < whole
    assert any(f"finding {id_}: " in line for line in comments(out))


def test_all_flows_not_only_those_of_the_frames_named(tmp_path: Path) -> None:
    talk = Talk()
    for number in range(60):
        client = Address(CLIENT.ip, 40000 + number)
        write(talk, password("s3cret", 501), OK, client=client)
        talk.ask(rpc.read(9), client=Address(CLIENT.ip, 50000 + number))
        read(talk, 5, [("name", ["oak"])], client=Address("192.0.2.11", 40000 + number))
    path, out = write_pcap(tmp_path / "a.pcap", talk.frames), tmp_path / "out.pcapng"
    assert extract(path, out, "--finding", PASSWORD) == 0
    ports = {each["src_port"] for each in netinfo_scapy.messages(out) if each["type"] == "call"}
    assert ports == {40000 + number for number in range(60)}
    assert len(comments(out)) == 120
    assert not any("s3cret" in line for line in comments(out))
    assert len(netinfo_scapy.analyze(out)["findings"][0]["frames"]) == 20


def test_several_findings_and_filters(tmp_path: Path) -> None:
    talk = Talk()
    write(talk, password("s3cret"), OK, client=Address(CLIENT.ip, 40001))
    read(talk, 5, user("admin", 501, [HASH]), client=Address(CLIENT.ip, 40002))
    read(talk, 6, user("open", 502, [""]), client=Address(CLIENT.ip, 40003))
    path, out = write_pcap(tmp_path / "a.pcap", talk.frames), tmp_path / "out.pcapng"

    def ports(*words: object) -> set[int]:
        assert extract(path, out, *words) == 0
        return {each["src_port"] for each in netinfo_scapy.messages(out) if each["type"] == "call"}

    assert ports("--finding", PASSWORD, "--finding", HASHES) == {40001, 40002}
    assert ports("--finding", PASSWORD, "--finding", HASHES, "--procedure", "READ") == {40002}
    assert HASH not in " ".join(comments(out))


def test_connections_without_a_message(tmp_path: Path) -> None:
    frames = sweep([SILENT] * 30).frames
    path, out = write_pcap(tmp_path / "a.pcap", frames), tmp_path / "out.pcapng"
    assert extract(path, out, "--finding", "netinfo-sweep") == 0
    assert len(stored(out)[str(out)]) == 30
    assert of(out, "netinfo-sweep") == of(path, "netinfo-sweep") != []


def test_a_known_server_is_no_finding(tmp_path: Path) -> None:
    known = tmp_path / "known.txt"
    known.write_text(f"{SERVER.ip}\n192.0.2.1\n192.0.2.2\n")
    source, out = RECORDED.parent / "crafted" / "nibind-udp.pcap", tmp_path / "out.pcapng"
    assert extract(source, out, "--finding", "bind-by-unknown-server") == 0
    assert len(stored(out)[str(out)]) > 0
    assert extract(source, out, "--finding", "bind-by-unknown-server", "--known", known) == 0
    assert stored(out)[str(out)] == []


def test_a_hostile_name_is_escaped_in_the_comment(tmp_path: Path) -> None:
    talk = Talk()
    call = rpc.call(1, rpc.NIBIND, 1, 8, rpc.words(1) + rpc.opaque("me") + rpc.opaque("a\x1b[31m\n\u202e<b>"))
    talk.ask(call, rpc.accepted(1))
    path, out = write_pcap(tmp_path / "a.pcap", talk.frames), tmp_path / "out.pcapng"
    assert extract(path, out, "--finding", "bind-by-unknown-server") == 0
    raw = out.read_bytes()
    assert b"a\\x1b[31m\\n\\u202e<b>" in raw
    assert raw.count(b"\x1b[31m") == 1  # in the message itself


@pytest.mark.parametrize(
    ("words", "says"),
    [(("password-hash",), "did you mean password-hashes"), (("xyzzy",), "netinfo-scapy findings --explain")],
)
def test_an_unknown_id_is_one_line(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    done = run("extract", RECORDED / "04-auth.pcap", "-o", out, "--finding", *words)
    assert (done.returncode, done.stdout, one_line(done.stderr)) == (2, "", True)
    assert says in done.stderr
    assert not out.exists()


def test_nothing_found_is_said(tmp_path: Path) -> None:
    done = run("extract", RECORDED / "02-ni-read-tcp.pcap", "-o", tmp_path / "out.pcapng", "--finding", "netinfo-sweep")
    assert (done.returncode, one_line(done.stderr)) == (0, True)
    assert "nothing found of netinfo-sweep" in done.stderr
    assert json.loads(run("findings", tmp_path / "out.pcapng", "--format", "json").stdout) == []
