"""What the analyzer decodes beside what a perfect observer would."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import netinfo_scapy
from netinfo_scapy.craft.scenario import Made
from netinfo_scapy.craft.truth import Expected

_OWN = frozenset({"offsets", "ambiguous"})
_ALWAYS = ("type", "xid", "transport", "src_ip", "src_port", "dst_ip", "dst_port")


def _flow(message: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(message[key] for key in ("transport", "src_ip", "src_port", "dst_ip", "dst_port"))


def as_object(expected: Expected) -> dict[str, Any]:
    made = {key: getattr(expected, key) for key in expected.__struct_fields__ if key not in _OWN}
    return made | {"anomalies": sorted(made["anomalies"])}


def differences(messages: list[Expected], path: Path, ports: list[int]) -> list[str]:
    """What the analyzer says otherwise, one line each. Messages are compared in the order of their flow."""
    found = list(netinfo_scapy.messages(str(path), netinfo_ports=ports))
    flows: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for message in found:
        flows.setdefault(_flow(message), []).append(message)
    said = []
    if len(found) != len(messages):
        said.append(f"{len(found)} messages, not {len(messages)}")
    for each in messages:
        right = as_object(each)
        waiting = flows.get(_flow(right), [])
        if not waiting:
            said.append(f"frame {each.frame}: {each.type} {each.name} is missing")
            continue
        told = waiting.pop(0)
        # Which frame delivered a byte is as open as the byte.
        keys = _ALWAYS if each.ambiguous else tuple(right)
        said += [
            f"frame {each.frame} {each.type} {each.name}: {key}: {told[key]!r}, not {right[key]!r}"
            for key in keys
            if told[key] != right[key]
        ]
        if each.ambiguous and not set(told["anomalies"]) >= {"overlap-conflict"} & set(right["anomalies"]):
            said.append(f"frame {each.frame}: no overlap-conflict")
    return said


def differences_of(made: Made, folder: Path) -> list[str]:
    path = folder / "made.pcap"
    made.write(path)
    return differences(made.messages, path, made.ports)


def offsets_are_right(made: Made) -> Counter[str]:
    """Every offset leads to the bytes it says; how many of each kind there were."""
    counts: Counter[str] = Counter()
    for message in made.messages:
        for offset in message.offsets:
            data = b"".join(
                made.frames[piece.frame - 1].data[piece.packet : piece.packet + piece.length] for piece in offset.pieces
            )
            if offset.what in ("program", "version", "procedure") and len(data) == 4:
                assert int.from_bytes(data, "big") == getattr(message, offset.what), offset
                counts[offset.what] += 1
            elif offset.what.startswith("arguments.") and message.arguments is not None and message.type == "call":
                value: Any = message.arguments
                for part in offset.what.removeprefix("arguments.").replace("[", ".").replace("]", "").split("."):
                    value = value[int(part)] if isinstance(value, list) else value[part]
                if isinstance(value, str) and len(data) == len(value.encode()):
                    assert data == value.encode(), offset
                    counts["string"] += 1
    return counts
