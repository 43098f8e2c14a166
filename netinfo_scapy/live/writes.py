"""Changes of a server's directory as niutil makes them: a path, a property's name, its values.

A write names the instance that it changes; where another one came in between (NI_STALE, and nothing was
done), what it is about is looked up again, a few times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from netinfo_scapy.analysis.directory.paths import Step, print_path
from netinfo_scapy.live.calls import Values
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.directories import Where, as_path
from netinfo_scapy.live.errors import NoDirectoryError, NoPropertyError, StaleError, UsageError
from netinfo_scapy.live.errors import Step as Stage
from netinfo_scapy.protocol.netinfo import NONE_INDEX

_ATTEMPTS = 5

Names = Sequence[bytes]


def _settled(write: Callable[[], None]) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            write()
        except StaleError:
            if attempt == _ATTEMPTS:
                raise
        else:
            return


def create_directory(ni: NetInfo_Client, path: Where) -> int:
    """Make the directory at a path, whose parent is there; its number. All of this raises ClientError, ValueError."""
    steps = as_path(path)
    if isinstance(steps, int) or not steps:
        raise ValueError("only a path below the root can be created, as /locations/office")
    above, last = steps[:-1], steps[-1]
    if _is_there(ni, steps):
        shown = print_path(steps).decode(errors="backslashreplace")
        raise UsageError(Stage.CALL, str(ni.place), f"{shown} is there already")
    made: list[int] = []

    def write() -> None:
        parent = ni.current_id(above)
        found = ni.create(parent, [(last.key, [last.value])], NONE_INDEX)
        made.append(found["id"]["object"])

    _settled(write)
    return made[0]


def _is_there(ni: NetInfo_Client, steps: tuple[Step, ...]) -> bool:
    ni.find(steps[:-1])
    try:
        ni.find(steps)
    except NoDirectoryError:
        return False
    return True


def _at(ni: NetInfo_Client, path: Where) -> tuple[Values, list[bytes]]:
    """A directory's id as it now is, and the names of its properties."""
    found = ni.listprops(ni.find(path))
    return found["self_id"], found["values"]


def set_property(ni: NetInfo_Client, path: Where, key: bytes, values: Names) -> None:
    """Give a property these values, whether it is there or not."""

    def write() -> None:
        id_, names = _at(ni, path)
        if key in names:
            ni.writeprop(id_, names.index(key), list(values))
        else:
            ni.createprop(id_, (key, list(values)), NONE_INDEX)

    _settled(write)


def append_values(ni: NetInfo_Client, path: Where, key: bytes, values: Names) -> None:
    """Add values behind those that a property has; make it where it is not there."""

    def write() -> None:
        id_, names = _at(ni, path)
        if key not in names:
            ni.createprop(id_, (key, list(values)), NONE_INDEX)
            return
        index = names.index(key)
        found = ni.readprop(id_, index)
        ni.writeprop(found["self_id"], index, [*found["values"], *values])

    _settled(write)


def rename_property(ni: NetInfo_Client, path: Where, key: bytes, name: bytes) -> None:
    """Give a property another name. Raises NoPropertyError where it is not there."""

    def write() -> None:
        id_, index = _index(ni, path, key, "RENAMEPROP")
        ni.renameprop(id_, index, name)

    _settled(write)


def destroy_property(ni: NetInfo_Client, path: Where, key: bytes) -> None:
    """Remove a property. Raises NoPropertyError where it is not there."""

    def write() -> None:
        id_, index = _index(ni, path, key, "DESTROYPROP")
        ni.destroyprop(id_, index)

    _settled(write)


def _index(ni: NetInfo_Client, path: Where, key: bytes, call: str) -> tuple[Any, int]:
    id_, names = _at(ni, path)
    if key not in names:
        raise NoPropertyError(Stage.CALL, str(ni.place), f"NetInfo.{call}", NoPropertyError.number)
    return id_, names.index(key)


def destroy_directory(ni: NetInfo_Client, path: Where, recursive: bool = False) -> int:
    """Remove a directory; with those below it only if asked. How many. Raises NotEmptyError."""
    number = ni.find(path)
    if number == 0:
        raise ValueError("the root directory cannot be destroyed")
    numbers = [number]
    if recursive:
        numbers = [each.object or 0 for _, each in ni.walk(number)]

    def write() -> None:
        parent = ni.parent(numbers[-1])
        # The reply to PARENT holds the child's id as it now is, but not the parent's.
        ni.destroy(ni.current_id(parent["parent"]), parent["self_id"])

    count = len(numbers)
    while numbers:
        _settled(write)
        numbers.pop()
    return count
