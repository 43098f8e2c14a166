"""What answers tell of the property `passwd`: of which directory, and with which values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from netinfo_scapy.analysis.findings.detector import Bodies
from netinfo_scapy.analysis.findings.hashes import PASSWD

READS = (
    Bodies(
        frozenset(f"NetInfo.{name}" for name in ("READ", "LOOKUPREAD", "LISTALL", "READALL", "LIST", "LISTPROPS")),
        (PASSWD,),
    ),
    # These name a property by its place among the others: LISTPROPS tells which one that is.
    Bodies(frozenset({"NetInfo.READPROP", "NetInfo.READNAME"})),
)
"""The answers that can tell of it. STATISTICS has properties, too, but none of a directory."""


class Told(NamedTuple):
    """The values of a property of a directory.

    object: None where the answer does not tell. name, uid: of the directory, where they are in the same answer.
    place: the property's place, where that is all that is known of it; None: it is called `passwd`.
    values: None where only its place is told, and that it is `passwd`.
    """

    object: int | None
    name: bytes | None
    uid: bytes | None
    place: int | None
    values: list[bytes] | None


def told(procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterator[Told]:
    """What an answer tells of `passwd`. arguments, result: as the codec gives them."""
    if arguments is None or result is None:
        return
    asked: int | None = arguments["id"]["object"] if "id" in arguments else None
    match procedure:
        case "NetInfo.READ":
            yield from _in_properties(asked, result["props"])
        case "NetInfo.LOOKUPREAD":
            yield from _in_properties(None, result["props"])
        case "NetInfo.LISTALL":
            for entry in result["entries"]:
                yield from _in_properties(None, entry)
        case "NetInfo.READALL":
            for each in result["objects"]:
                yield from _in_properties(each["id"]["object"], each["props"])
        case "NetInfo.LIST":
            if arguments["key"] == PASSWD:
                for entry in result["entries"]:
                    if entry["names"] is not None:
                        yield Told(entry["id"], None, None, None, entry["names"])
        case "NetInfo.LISTPROPS":
            if PASSWD in result["values"]:
                yield Told(asked, None, None, result["values"].index(PASSWD), None)
        case "NetInfo.READPROP":
            yield Told(asked, None, None, arguments["prop_index"], result["values"])
        case "NetInfo.READNAME":
            # Only its first value counts as the password.
            if arguments["name_index"] == 0:
                yield Told(asked, None, None, arguments["prop_index"], [result["name"]])


def _in_properties(number: int | None, properties: list[dict[str, Any]]) -> Iterator[Told]:
    values = first(properties, PASSWD)
    if values is not None:
        name, uid = (first(properties, key) for key in (b"name", b"uid"))
        yield Told(number, name[0] if name else None, uid[0] if uid else None, None, values)


def first(properties: list[dict[str, Any]], name: bytes) -> list[bytes] | None:
    """The values of the first property of a name: the one that counts."""
    return next((each["values"] for each in properties if each["name"] == name), None)
