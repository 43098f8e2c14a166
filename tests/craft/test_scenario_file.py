"""Scenarios as files: what they say, and each mistake in one line with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from netinfo_scapy.craft.scenario_file import read_scenario
from netinfo_scapy.craft.transforms.document import table
from tests.support import commands
from tests.support.truth import differences_of

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "crafting.md"
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
EXAMPLES = dict(_BLOCK.findall(GUIDE.read_text(encoding="utf-8")))

HEAD = """\
hosts:
  client: {ip: 192.0.2.10}
  server: {ip: 192.0.2.1}
conversations:
  one: {transport: udp, client: client, server: server}
say:
"""

SENT = HEAD + "  - {send: a}\ntransforms:\n  - "


def _file(folder: Path, text: str, suffix: str = "yaml") -> Path:
    path = folder / f"scenario.{suffix}"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_guide_tells_every_transform() -> None:
    assert "\n".join(table()) in GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["yaml", "python"])
def test_the_examples_of_the_guide(language: str, tmp_path: Path) -> None:
    path = _file(tmp_path, EXAMPLES[language], {"yaml": "yaml", "python": "py"}[language])
    made = read_scenario(path).make()
    assert differences_of(made, tmp_path) == []
    names = {each.name for each in made.messages}
    assert names >= {"NetInfo.LOOKUP", "NetInfo.WRITE", "portmap.CALLIT"}
    out = tmp_path / "out.pcap"
    done = commands.call("craft", path, "-o", out)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"netinfo-scapy: {out}: {len(made.frames)} frames, {len(made.messages)} messages\n"
    assert out.read_bytes() == (tmp_path / "made.pcap").read_bytes()


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        HEAD
        + """\
  - {call: NetInfo.READ, arguments: {id: [13, 7]}, xid: 77, reply: {id: 13, props: {name: {hex: ff}}}}
  - {call: NetInfo.READ, arguments: {id: 13}, status: NI_NODIR}
  - {call: NetInfo.READ, arguments: {id: 13}, credential: {kind: unix, uid: 5, gids: [1, 2]}, error: AUTH_TOOWEAK}
  - {call: NetInfo.READ, error: PROG_MISMATCH, low: 1, high: 3}
  - {call: NetInfo.PING, reply: }
  - {call: NetInfo.PING}
  - {call: 100003.3.6, body: {hex: 0000002a}, reply_body: more}
  - {call: NetInfo.LOOKUP, arguments: {key: "na\\0me"}, reply: {ids: [3]}}
  - {send: plain, answer: {hex: 00ff}}
  - {wait: 2.5, dhcp: {client: client, server: server, parents: [192.0.2.9], tag: network}}
""",
    )
    made = read_scenario(path).make()
    assert differences_of(made, tmp_path) == []
    replies = [each for each in made.messages if each.type == "reply"]
    assert [each.status for each in replies] == ["NI_OK", "NI_NODIR", None, None, None, None, "NI_OK"]
    assert made.messages[0].xid == 77
    assert replies[0].result == {
        "id": {"object": 13, "instance": 0},
        "props": [{"name": "name", "values": [{"hex": "ff"}]}],
    }
    assert replies[3].mismatch == {"low": 1, "high": 3}
    assert made.messages[-3].name == "100003.3.6"
    assert made.messages[-2].anomalies == ["inner-nul"]
    offered = commands.call("analyze", "--format", "json", tmp_path / "made.pcap").stdout
    assert "192.0.2.9" in offered
    assert made.frames[-4].time - made.frames[-5].time > 2


def test_a_server_of_another_dialect(tmp_path: Path) -> None:
    head = HEAD.replace("udp,", "udp, dialect: previous,")
    made = read_scenario(_file(tmp_path, head + "  - {call: nibind.BIND, reply: {}}\n")).make()
    assert made.messages[1].anomalies == ["dialect-previous"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: expected `object`, got `null`"),
        ("hosts: [", ":1: no YAML that can be read"),
        ("a: 1\na: 2\n", ":2: no YAML that can be read: 'a' stands there twice"),
        ("x: !!python/object/apply:os.system [ls]\n", ":1: no YAML that can be read"),
        (HEAD + "  - {call: NetInfo.PONG}\n", ":7: say[0]: NetInfo.PONG: no such procedure; did you mean"),
        (HEAD + "  - {call: NetInfo.PING, answer: {}}\n", ":7: say[0]: answer: neither text nor"),
        (
            HEAD + "  - {call: NetInfo.PING}\n  - {cal: x}\n",
            "field `cal`; it has in, call, arguments, body,",
        ),
        (
            HEAD.replace("udp,", "udp, prt: 7,") + "  - {}\n",
            "unknown field `prt`; it has transport, client,",
        ),
        (HEAD.replace("udp,", "udp, dialect: next,") + "  - {}\n", "dialect: invalid enum value 'next'"),
        (HEAD + "  - {send: a, credential: {user: 7}}\n", "unknown field `user`; it has kind, machinename, password,"),
        (
            HEAD + "  - {call: NetInfo.READ, arguments: {idd: 3}}\n",
            ":7: say[0]: NetInfo.READ: no 'idd' there; it has id",
        ),
        (HEAD + "  - {call: NetInfo.READ, arguments: {id: x}}\n", ":7: say[0]: NetInfo.READ: id: 'x' is no ni_id"),
        (HEAD + "  - {call: NetInfo.READ, arguments: {id: -1}}\n", ":7: say[0]: NetInfo.READ: it cannot be written"),
        (HEAD + "  - {call: NetInfo.READ, status: NI_BAD}\n", "'NI_BAD' is no ni_status; known are NI_OK"),
        (HEAD + "  - {call: NetInfo.READ, status: NI_PERM, reply: {id: 3}}\n", "no 'id' there; it has none"),
        (HEAD + "  - {call: NetInfo.READ, error: NI_PERM}\n", "NI_PERM: no error of RPC; known are"),
        (HEAD + "  - {call: NetInfo.READ, xid: 4294967296}\n", ":7: say[0].xid: expected `int` <= 4294967295"),
        (HEAD + "  - {in: two, call: NetInfo.PING}\n", ":7: say[0]: two: no such conversation; there are one"),
        (HEAD + "  - {call: NetInfo.PING, reply: , by: nobody}\n", "nobody: no such host; there are client, server"),
        (HEAD + "  - {send: {hex: xy}}\n", ":7: say[0]: "),
        (
            SENT + "{name: segment, sizes: [1]}\n",
            ":9: transforms[0]: segment: no such transform",
        ),
        (
            SENT + "{name: segments, sizes: [x]}\n",
            ":9: transforms[0]: segments: sizes[0]: expected `int`",
        ),
        (
            HEAD + "  - {call: NetInfo.PING}\ntransforms: [{name: duplicates, only: [7]}]\n",
            "duplicates: only: 7: no such call",
        ),
        (HEAD.replace("192.0.2.1}", "host}") + "  []\n", ":3: hosts.server: host: not an IPv4 address"),
        (HEAD.replace("server: server", "server: serve") + "  []\n", ":5: conversations.one: serve: no such host"),
        ("\x00", "no YAML that can be read"),
    ],
)
def test_each_mistake_is_one_line(text: str, said: str, tmp_path: Path) -> None:
    path = _file(tmp_path, text)
    done = commands.call("craft", path, "-o", tmp_path / "out.pcap")
    assert done.returncode == 2
    assert done.stderr.startswith(f"netinfo-scapy: {path}:"), done.stderr
    assert said in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.pcap").exists()


def test_a_file_of_python_without_a_scenario(tmp_path: Path) -> None:
    done = commands.call("craft", _file(tmp_path, "scenari = 1\n", "py"), "-o", tmp_path / "out.pcap")
    assert done.returncode == 2
    assert "it defines no scenario" in done.stderr


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("\nimport nothing_like_it\n", "2: ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("x = 1\nx = = 2\n", "2: invalid syntax"),
        ("def scenario():\n    return {}['x']\n", "2: KeyError: 'x'"),
        (
            "from netinfo_scapy.craft.scenario import Scenario\nscenario = Scenario()\nscenario.host('x')\n",
            "3: x: not an IPv4 address",
        ),
    ],
)
def test_a_program_that_fails_is_told_with_its_line(program: str, said: str, tmp_path: Path) -> None:
    path = _file(tmp_path, program, "py")
    done = commands.call("craft", path, "-o", tmp_path / "out.pcap")
    assert done.returncode == 2
    assert done.stderr.startswith(f"netinfo-scapy: {path}:{said}"), done.stderr
    assert done.stderr.count("\n") == 1


def test_files_that_are_not_there(tmp_path: Path) -> None:
    path = _file(tmp_path, HEAD + "  - {call: NetInfo.PING}\n")
    assert commands.call("craft", tmp_path / "none.yaml", "-o", tmp_path / "o").returncode == 2
    assert commands.call("craft", tmp_path / "none.py", "-o", tmp_path / "o").returncode == 2
    done = commands.call("craft", path, "-o", tmp_path / "none" / "o")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert commands.call("craft", path).returncode == 2
