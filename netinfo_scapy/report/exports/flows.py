"""What the programs that read exports call a flow, made from its Community ID: the same in every capture and run."""

from __future__ import annotations

from base64 import b64decode

_UID_BYTES = 17
_ALPHABET = str.maketrans("+/", "xy")


def zeek_uid(community_id: str) -> str:
    """A Zeek uid: C and 17 letters and digits."""
    return "C" + community_id.partition(":")[2][:_UID_BYTES].translate(_ALPHABET)


def eve_flow_id(community_id: str) -> int:
    """A Suricata flow_id of 52 bits: programs that know numbers as floats do not change it."""
    return int.from_bytes(b64decode(community_id.partition(":")[2])[:7], "big") >> 4
