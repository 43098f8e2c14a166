"""tshark with the script: what it shows of each message, as PDML has it; and ours, in the same form."""

import subprocess
from collections import defaultdict, deque
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import netinfo_scapy
from netinfo_scapy.wireshark.script import SCRIPT

PREFIXES = {
    "NetInfo": "netinfo",
    "nibind": "nibind",
    "portmap": "ni_portmap",
    "rpcbind": "ni_portmap",
    "bootparam": "ni_bootparam",
}
"""Program -> the protocol that shows it."""

OURS = " or ".join(sorted(set(PREFIXES.values())))
"""A filter for every frame of which the script shows something."""

ELEMENTS = {
    "values": "value",
    "names": "value",
    "children": "child",
    "ids": "id",
    "entries": "props",
    "gids": "gid",
    "procedures": "calls",
}
"""A list -> what its elements are called, as docs/wireshark.md has it."""

_HEADER = frozenset(
    """
    xid type rpc_version program version procedure credential verifier reply_status accept_status reject_status
    auth_status length fragments segment message_frame call_frame reply_frame retransmission_of time anomaly
    credential_length verifier_length low high
    """.split()  # noqa: SIM905 - a list of quoted words is longer
)


class Shown(NamedTuple):
    """A message as tshark shows it. header: field -> its values as shown; body: (field, shown, bytes) in order."""

    frame: int
    prefix: str
    header: dict[str, list[str]]
    names: dict[str, str]
    body: list[tuple[str, str, bytes]]


def run_tshark(path: Path, *options: str, script: Path = SCRIPT) -> str:
    """What tshark prints. Nothing that it says may be of an error in the script."""
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-X", f"lua_script:{script}", *options],
        capture_output=True,
        timeout=120,
        check=False,
    )
    said = (done.stdout[-2000:] + done.stderr).decode(errors="replace")
    assert done.returncode == 0, said
    assert b"Lua Error" not in done.stdout, said
    assert "ua" not in done.stderr.decode(errors="replace").lower().replace("running as user", ""), said
    return done.stdout.decode(errors="replace")


def messages_shown(path: Path, *options: str, two_passes: bool = True) -> list[Shown]:
    """The messages that tshark shows with the script, in its order."""
    passes = ["-2", "-Y", OURS] if two_passes else ["-Y", OURS]
    layers = " ".join(sorted(set(PREFIXES.values())))
    text = run_tshark(path, *passes, "-T", "pdml", "-J", layers, *options)
    return [each for packet in ElementTree.fromstring(text) for each in _messages_of(packet)]


def _messages_of(packet: ElementTree.Element) -> Iterator[Shown]:
    number = int(packet.findall("./proto/field[@name='num']")[0].get("show", ""))
    for layer in packet.findall("proto"):
        prefix = layer.get("name", "")
        if prefix in PREFIXES.values() and layer.findall(f"./field[@name='{prefix}.xid']"):
            yield _message(number, prefix, layer)


def _message(number: int, prefix: str, layer: ElementTree.Element) -> Shown:
    found = Shown(number, prefix, {}, {}, [])
    of_credential = {id(each) for each in layer.findall(f"./field[@name='{prefix}.credential']//field")}
    for field in layer.iter("field"):
        owner, _, name = field.get("name", "").partition(".")
        if field.get("hide") or owner not in PREFIXES.values() or name.startswith("expert."):
            continue
        show = field.get("show", "")
        if id(field) in of_credential or (name in _HEADER and (owner == prefix or name == "procedure")):
            found.header.setdefault(name if owner == prefix else f"inner_{name}", []).append(show)
            found.names.setdefault(name, field.get("showname", ""))
        else:
            if name == "status":
                found.names.setdefault(name, field.get("showname", ""))
            value = field.get("value") or ""
            found.body.append((name.rpartition(".")[2], show, bytes.fromhex(value) if show else b""))
    return found


def _flat(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    match value:
        case None:
            pass
        case {"object": number, "instance": instance}:
            yield name, number
            yield "instance", instance
        case {"hex": str(text)}:
            yield name, bytes.fromhex(text)
        case dict():
            for key, each in value.items():
                yield from _flat(each, key)
        case list():
            yield name, len(value)
            for each in value:
                yield from _flat(each, ELEMENTS.get(name, ""))
        case str():
            yield name, value.encode()
        case _:
            yield name, value


def _as(expected: Any, show: str, data: bytes) -> Any:
    """What is shown, as the kind of thing that is expected."""
    if isinstance(expected, bytes):
        return data
    if "." in show:
        return int(IPv4Address(show))
    return bool(int(show)) if isinstance(expected, bool) else int(show)


_LOST = {"truncated-arguments", "truncated-result", "over-limit", "truncated-header", "incomplete-record"}


def differences(ours: dict[str, Any], its: Shown) -> Iterator[tuple[str, Any, Any]]:
    """What differs: field, ours, what tshark shows."""
    header = its.header

    def same(name: str, mine: Any, theirs: Any) -> Iterator[tuple[str, Any, Any]]:
        if mine != theirs:
            yield name, mine, theirs

    def number(name: str, base: int = 10) -> int | None:
        return int(header[name][0], base) if name in header else None

    yield from same("frame", ours["frame"], its.frame)
    yield from same("xid", ours["xid"], number("xid", 16))
    yield from same("type", ours["type"], ("call", "reply")[number("type") or 0])
    for name in ("program", "version", "procedure", "length", "fragments", "call_frame"):
        yield from same(name, ours[name], number(name))
    if ours["name"] and ours["program"] is not None:
        program, _, procedure = ours["name"].partition(".")
        yield from same("prefix", PREFIXES.get(program, its.prefix), its.prefix)
        if program in PREFIXES:
            yield from same("name", f"Procedure: {procedure} ({ours['procedure']})", its.names.get("procedure"))
    for name in ("reply_status", "accept_status", "reject_status", "auth_status"):
        shown = its.names.get(name)
        yield from same(name, ours[name], shown.split(": ")[1].split(" (")[0] if shown else None)
    mismatch = {name: number(name) for name in ("low", "high")} if "low" in header else None
    yield from same("mismatch", ours["mismatch"], mismatch)
    yield from same("anomalies", ours["anomalies"], sorted(header.get("anomaly", [])))
    rtt = float(header["time"][0]) if "time" in header else None
    if (rtt is None) != (ours["rtt_seconds"] is None) or abs((rtt or 0) - (ours["rtt_seconds"] or 0)) > 1e-6:
        yield "rtt_seconds", ours["rtt_seconds"], rtt
    yield from same("retransmission", ours["retransmission"], "retransmission_of" in header)
    yield from _credential_differences(ours, its)
    yield from _body_differences(ours, its)


def _credential_differences(ours: dict[str, Any], its: Shown) -> Iterator[tuple[str, Any, Any]]:
    credential, header = ours["credential"], its.header
    if credential is None:
        return
    shown: dict[str, Any] = {"flavor": its.names.get("credential", ": ").split(": ")[1].split(" (")[0]}
    for name in ("stamp", "uid", "gid"):
        shown[name] = int(header[name][0]) if name in header else None
    shown["machinename"] = header.get("machinename", [None])[0]
    shown["password_present"] = bool(int(header["password_present"][0])) if "password_present" in header else None
    if "gids" in header:
        shown["gids"] = [int(each) for each in header.get("gid", [])[1:]]
    for name, mine in credential.items():
        text = "".join(f"\\x{each}" for each in _pairs(mine["hex"])) if isinstance(mine, dict) else mine
        theirs = shown.get(name)
        if isinstance(mine, dict):
            text, theirs = mine["hex"], bytes(theirs, "latin-1").decode("unicode_escape").encode("latin-1").hex()
        if text != theirs:
            yield f"credential.{name}", mine, shown.get(name)


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(0, len(text), 2)]


def _body_differences(ours: dict[str, Any], its: Shown) -> Iterator[tuple[str, Any, Any]]:
    shown = [each for each in its.body if each[0] != "status"]
    status = its.names.get("status")
    if ours["status"] != (status.split(": ")[1].split(" (")[0] if status else None):
        yield "status", ours["status"], status
    if _LOST & set(ours["anomalies"]):
        return  # what is there until the end is shown; ours has no value
    body = ours["arguments"] if ours["type"] == "call" else ours["result"]
    mine = list(_flat(body, ""))
    theirs = [(name, show) for name, show, _ in shown]
    if len(mine) != len(shown):
        yield "body", mine, theirs
        return
    for (name, expected), (its_name, show, data) in zip(mine, shown, strict=True):
        if name != its_name or expected != _as(expected, show, data):
            yield f"body: {name}", expected, (its_name, show, data)


def compare(path: Path, *options: str) -> tuple[int, list[Any]]:
    """How many messages we have, and what differs: messages that only one side has, and fields."""
    ours = list(netinfo_scapy.messages(path))
    waiting: defaultdict[Any, deque[Shown]] = defaultdict(deque)
    for its in messages_shown(path, *options):
        kind = ("call", "reply")[int(its.header["type"][0])]
        waiting[its.frame, int(its.header["xid"][0], 16), kind].append(its)
    found: list[Any] = []
    for mine in ours:
        queue = waiting[mine["frame"], mine["xid"], mine["type"]]
        if queue:
            found += [(mine["frame"], *each) for each in differences(mine, queue.popleft())]
        else:
            found.append((mine["frame"], "only ours", mine["name"], mine["anomalies"]))
    found += [(its.frame, "only tshark's", its.header) for queue in waiting.values() for its in queue]
    return len(ours), found
