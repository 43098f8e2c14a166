"""Scenario files in YAML: one error with file and place, or a scenario that can be made, or that says why it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fuzz.target import Target
from netinfo_scapy.craft.scenario_file import read_scenario
from netinfo_scapy.craft.transforms import TRANSFORMS

_FOLDER = TemporaryDirectory(prefix="netinfo-fuzz-")
_PATH = Path(_FOLDER.name) / "scenario.yaml"
_TRANSFORMS = dict.fromkeys(TRANSFORMS, "") | {
    "credential": "kind: password, password: secret",
    "port": "port: 804",
    "program-version": "version: 9",
    "record-fragments": "sizes: [1, 0, 7]",
    "record-mark": "mark: 0",
    "segments": "sizes: [50]",
    "ip-fragments": "sizes: [24], order: reversed, overlap: 8",
    "overlap": "conflict: true",
}
"""Each transform, and what it must be given, or can be."""

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
        "say:\n- {call: NetInfo.WRITE, arguments: {id: [13, 2], props: {name: [a, {hex: 0f}]}}, reply: {id: 3}}\n",
        "say:\n- {call: portmap.GETPORT, arguments: {program: 17, version: 1, protocol: 6}, reply: {port: 700}}\n",
        "say:\n- {call: NetInfo.READALL, reply: {checksum: 1, highest_id: 2}}\n"
        "- {call: 200100002.1.3, credential: {kind: unix, uid: 0}, body: 00ff}\n- {call: bootparam.GETFILE}\n",
        "say:\n- {dhcp: {client: a, server: b, parents: [192.0.2.2], tag: network}}\n",
    )
    for say in says:
        for talk in (tcp, udp):
            yield f"{hosts}{talk}{say}".encode()
            yield f"seed: 3\n{hosts}{talk}{say}transforms:\n- {{name: segments, sizes: [60]}}\n".encode()
    for name, given in _TRANSFORMS.items():
        way = f"transforms:\n- {{name: {name}{given and ', '}{given}}}\n"
        yield f"{hosts}{tcp if len(name) % 2 else udp}{says[0]}{way}".encode()
        yield f"{hosts}{tcp}{says[1]}{way}".encode()
    yield b"&a [*a]"
    yield b"hosts: {a: &x {ip: 1.2.3.4}, b: *x}\n"


_PARTS = (
    *("assembly", "credentials", "dhcp", "encoding", "messages", "observer", "packets", "said"),
    *("scenario", "scenario_file", "seeded", "transforms", "yaml_file"),
)
_WORDS = (b"hosts:", b"say:", b"- {", b"call:", b"ip:", b"transforms:", b"&a", b"*a")
TARGET = Target(run=run, seeds=inputs, rooms=tuple(f"craft.{each}" for each in _PARTS), words=_WORDS, longest=1500)
