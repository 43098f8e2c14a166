"""The writes that change one directory's properties, as a table: what becomes of the properties.

Each is a function of the properties and the arguments. It raises Refused: NOPROP, NONAME.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from netinfo_scapy.live.responder.service import Refused
from netinfo_scapy.live.responder.store import WireProperty, wire_property

_MOST_IN_LIST = 65_535
_Item = TypeVar("_Item")

Properties = tuple[WireProperty, ...]


class Edit(NamedTuple):
    """What becomes of the properties. name: of the one whose values alone change, so that its writers may do it."""

    properties: Properties
    name: bytes | None = None


def _inserted(items: tuple[_Item, ...], where: int, item: _Item) -> tuple[_Item, ...]:
    if len(items) >= _MOST_IN_LIST:
        raise Refused("NOSPACE")
    return placed(items, where, item)


def placed(items: tuple[_Item, ...], where: int, item: _Item) -> tuple[_Item, ...]:
    """The items with one more at an index; any index past the end appends."""
    return (*items[:where], item, *items[where:])


def _removed(items: tuple[_Item, ...], index: int) -> tuple[_Item, ...]:
    return (*items[:index], *items[index + 1 :])


def _replaced(items: tuple[_Item, ...], index: int, item: _Item) -> tuple[_Item, ...]:
    return (*items[:index], item, *items[index + 1 :])


def property_at(properties: Properties, index: int) -> WireProperty:
    """A property by its index. Raises Refused."""
    if index >= len(properties):
        raise Refused("NOPROP")
    return properties[index]


def value_at(found: WireProperty, index: int) -> bytes:
    """A property's value by its index. Raises Refused."""
    values: list[bytes] = found["values"]
    if index >= len(values):
        raise Refused("NONAME")
    return values[index]


def _with_values(properties: Properties, index: int, values: tuple[bytes, ...]) -> Edit:
    name = properties[index]["name"]
    return Edit(_replaced(properties, index, wire_property(name, list(values))), name)


def _write(_properties: Properties, given: dict[str, Any]) -> Edit:
    return Edit(tuple(given["props"]))


def _createprop(properties: Properties, given: dict[str, Any]) -> Edit:
    return Edit(_inserted(properties, given["where"], given["prop"]))


def _destroyprop(properties: Properties, given: dict[str, Any]) -> Edit:
    property_at(properties, given["prop_index"])
    return Edit(_removed(properties, given["prop_index"]))


def _writeprop(properties: Properties, given: dict[str, Any]) -> Edit:
    property_at(properties, given["prop_index"])
    return _with_values(properties, given["prop_index"], tuple(given["values"]))


def _renameprop(properties: Properties, given: dict[str, Any]) -> Edit:
    found = property_at(properties, given["prop_index"])
    return Edit(_replaced(properties, given["prop_index"], wire_property(given["name"], found["values"])))


def _createname(properties: Properties, given: dict[str, Any]) -> Edit:
    values = tuple(property_at(properties, given["prop_index"])["values"])
    return _with_values(properties, given["prop_index"], _inserted(values, given["where"], given["name"]))


def _destroyname(properties: Properties, given: dict[str, Any]) -> Edit:
    found = property_at(properties, given["prop_index"])
    value_at(found, given["name_index"])
    return _with_values(properties, given["prop_index"], _removed(tuple(found["values"]), given["name_index"]))


def _writename(properties: Properties, given: dict[str, Any]) -> Edit:
    found = property_at(properties, given["prop_index"])
    value_at(found, given["name_index"])
    values = _replaced(tuple(found["values"]), given["name_index"], given["name"])
    return _with_values(properties, given["prop_index"], values)


EDITS: dict[str, Callable[[Properties, dict[str, Any]], Edit]] = {
    "WRITE": _write,
    "CREATEPROP": _createprop,
    "DESTROYPROP": _destroyprop,
    "WRITEPROP": _writeprop,
    "RENAMEPROP": _renameprop,
    "CREATENAME": _createname,
    "DESTROYNAME": _destroyname,
    "WRITENAME": _writename,
}
