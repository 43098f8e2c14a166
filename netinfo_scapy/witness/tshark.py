"""RPC messages as tshark sees them, through pyshark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

PREFERENCES = {
    "rpc.dissect_unknown_programs": "TRUE",
    # Else a client's port that belongs to another dissector hides the message.
    "udp.try_heuristic_first": "TRUE",
    "tcp.try_heuristic_first": "TRUE",
    "tcp.reassemble_out_of_order": "TRUE",
}
"""What tshark needs to be told to see NetInfo's RPC."""

_CUT = "cut short in the middle of a packet"
"""What tshark says of a capture whose last record is truncated; all before it was read."""

_QUOTING = frozenset({"icmp", "icmpv6"})
"""Layers that quote a packet: what they hold is no message."""


class WitnessError(Exception):
    """tshark or pyshark is missing, or failed. Its text is one line for the user."""


class Seen(NamedTuple):
    """One RPC message as tshark sees it. None is what it does not know.

    frame: Wireshark's number of the frame that completes it. length: bytes without record marks.
    server_port: where the call goes to. credential: of a call; machinename as bytes.
    """

    frame: int
    xid: int
    is_call: bool
    program: int | None
    version: int | None
    procedure: int | None
    length: int | None
    credential: dict[str, Any] | None
    transport: str
    server_port: int


def version() -> str:
    """The version line that tshark prints. Raises WitnessError."""
    import subprocess

    path = shutil.which("tshark")
    if path is None:
        raise WitnessError("tshark is not installed; on Debian or Ubuntu: apt-get install tshark")
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.partition("\n")[0].strip()


def messages(path: str) -> Iterator[Seen]:
    """Every RPC message that tshark sees in a capture, in the order of frames. Raises WitnessError."""
    try:
        import pyshark
        from pyshark.capture.capture import TSharkCrashException
        from pyshark.tshark.tshark import TSharkNotFoundException
    except ImportError as error:
        raise WitnessError("pyshark is not installed; pip install 'netinfo-scapy[witness]'") from error
    try:
        capture = pyshark.FileCapture(
            path, display_filter="rpc.xid", keep_packets=False, override_prefs=dict(PREFERENCES)
        )
    except TSharkNotFoundException as error:
        raise WitnessError("tshark is not installed; on Debian or Ubuntu: apt-get install tshark") from error
    try:
        for packet in capture:
            yield from _of_packet(packet)
    except TSharkCrashException as error:
        if _CUT not in str(error):
            raise WitnessError(f"tshark failed: {' '.join(str(error).split())}") from error
    finally:
        with suppress(TSharkCrashException):
            capture.close()
        # A crash is told already; left to itself, pyshark would raise it again when the capture is collected.
        capture._running_processes.clear()


def _of_packet(packet: Any) -> Iterator[Seen]:
    transport, ports = "", (0, 0)
    udp_length: int | None = None
    for layer in packet.layers:
        name = layer.layer_name
        if name in _QUOTING:
            return
        if name in ("udp", "tcp"):
            transport, ports = name, (int(layer.get("srcport")), int(layer.get("dstport")))
            udp_length = int(layer.get("length")) - 8 if name == "udp" else None
        elif name == "rpc" and layer.get("xid") is not None:
            yield _message(layer, int(packet.number), transport, ports, udp_length)


def _message(layer: Any, frame: int, transport: str, ports: tuple[int, int], udp_length: int | None) -> Seen:
    is_call = _number(layer, "msgtyp") == 0
    length = udp_length
    if length is None:
        whole = _number(layer, "reassembled_length")
        length = _number(layer, "fraglen") if whole is None else whole
    return Seen(
        frame,
        _number(layer, "xid") or 0,
        is_call,
        _number(layer, "program"),
        _number(layer, "programversion"),
        _number(layer, "procedure"),
        length,
        _credential(layer) if is_call else None,
        transport,
        ports[1] if is_call else ports[0],
    )


def _number(layer: Any, name: str) -> int | None:
    value = layer.get(name)
    return None if value is None else int(str(value), 0)


def _credential(layer: Any) -> dict[str, Any] | None:
    """The first flavor is the credential's, the second the verifier's."""
    flavor = _number(layer, "auth_flavor")
    if flavor is None:
        return None
    found: dict[str, Any] = {"flavor": flavor}
    for name in ("stamp", "uid", "gid"):
        number = _number(layer, f"auth_{name}")
        if flavor == 1 and number is not None:
            found[name] = number
    name = layer.get("auth_machinename")
    if flavor == 1 and name is not None and name.raw_value is not None:
        found["machinename"] = _opaque(bytes.fromhex(name.raw_value))
    return found


def _opaque(data: bytes) -> bytes:
    """The bytes of a string whose field covers its length and padding, too."""
    length = int.from_bytes(data[:4], "big")
    return data[4 : 4 + length] if len(data) >= 4 and 4 + length + (-length & 3) == len(data) else data
