"""Scenario files in YAML: one error with file and place, or a scenario that can be made, or that says why it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fuzz.target import Target
from netinfo_scapy.craft.scenario_file import read_scenario

_FOLDER = TemporaryDirectory(prefix="netinfo-fuzz-")
_PATH = Path(_FOLDER.name) / "scenario.yaml"
_MOST_TURNS = 8
"""More are read and not made: they take long and show nothing new."""


def run(data: bytes) -> Any:
    """Read the file, and make what it says."""
    _PATH.write_bytes(data)
    try:
        scenario = read_scenario(_PATH)
    except ValueError as error:
        assert str(error).startswith(str(_PATH))
        return str(error).removeprefix(str(_PATH))
    if len(scenario._turns) > _MOST_TURNS:
        return None
    try:
        made = scenario.make()
    except ValueError as error:
        return str(error)
    return [repr(each) for each in made.frames]


def inputs() -> Iterator[bytes]:
    """Scenarios of each kind of conversation."""
    hosts = "hosts:\n  a: {ip: 192.0.2.1}\n  b: {ip: 192.0.2.2, port: 961}\n"
    tcp = "conversations:\n  t: {client: a, server: b, transport: tcp}\n"
    udp = tcp.replace("tcp", "udp")
    says = (
        "say:\n- {call: NetInfo.ROOT, status: NI_OK, reply: {id: {object: 0, instance: 1}}}\n",
        "say:\n- {call: NetInfo.READ, arguments: {id: {object: 1, instance: 0}}, status: NI_BADID}\n- {wait: 1.5}\n",
        "say:\n- {call: nibind.LISTREG, error: PROG_UNAVAIL}\n- {send: hi}\n",
        "say:\n- {dhcp: {client: a, server: b, parents: [192.0.2.2], tag: network}}\n",
    )
    for say in says:
        for talk in (tcp, udp):
            yield f"{hosts}{talk}{say}".encode()
            yield f"seed: 3\n{hosts}{talk}{say}transforms:\n- {{name: segments, size: 7}}\n".encode()
    yield b"&a [*a]"
    yield b"hosts: {a: &x {ip: 1.2.3.4}, b: *x}\n"


_WORDS = (b"hosts:", b"say:", b"- {", b"call:", b"ip:", b"transforms:", b"&a", b"*a")
TARGET = Target(run=run, seeds=inputs, rooms=("craft",), words=_WORDS, longest=1500)
