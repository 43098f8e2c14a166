"""What is said of a tree beside it: what of it is not known. And a tree as a terminal may show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from netinfo_scapy.analysis.directory.tree import Directory, Domain, Property
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.report.escape import printable_bytes

_DIRECTORIES: tuple[tuple[str, Callable[[Directory], bool]], ...] = (
    ("may have more properties", lambda each: not each.whole),
    ("may have more children", lambda each: not each.all_children),
    ("written since, and that was not seen", lambda each: each.outdated),
)
_PROPERTIES: tuple[tuple[str, Callable[[Property], bool]], ...] = (
    ("known by name only, and left out", lambda each: each.values is None),
    ("may have more values", lambda each: each.values is not None and not each.whole),
)
"""What is said of those of which something holds."""


def not_known(directory: Directory) -> str | None:
    """A line about what is missing of a tree; None if nothing is."""
    said: Counter[str] = Counter()
    every = properties = 0
    for each in directory.walk():
        every += 1
        properties += len(each.properties)
        said.update(text for text, holds in _DIRECTORIES if holds(each))
        said.update(text for one in each.properties for text, holds in _PROPERTIES if holds(one))
    parts = [
        f"of {what} " + ", ".join(f"{said[text]:,} {text}" for text, _ in rows if said[text])
        for what, rows in (
            (counted(every, "directory", "directories"), _DIRECTORIES),
            (counted(properties, "property", "properties"), _PROPERTIES),
        )
        if any(said[text] for text, _ in rows)
    ]
    return f"not all is known: {'; '.join(parts)}" if parts else None


def not_listed(directory: Directory, keys: Sequence[bytes]) -> str | None:
    """The same of a list of the children's properties."""
    unsure = sum(any(each.values(key) is None for key in keys) and not each.whole for each in directory.children)
    every = counted(len(directory.children), "directory", "directories")
    said = [f"of {every} {unsure:,} may have what is missing here"] if unsure else []
    said += ["there may be more of them"] if not directory.all_children else []
    return f"not all is known: {'; '.join(said)}" if said else None


def has_none(directory: Directory, keys: Sequence[bytes]) -> list[str]:
    """Lines about properties that none of the children has, though there are children."""
    children = directory.children
    missing = [key for key in dict.fromkeys(keys) if not any(each.values(key) for each in children)]
    every = counted(len(children), "directory has", "directories have")
    return [f"none of {every} {key.decode(errors='backslashreplace')}" for key in missing] if children else []


def beside(domain: Domain) -> list[str]:
    """Lines about what is known of a domain and stands not in its tree."""
    lost = sum(1 for each in domain.loose for _ in each.walk())
    found = counted(lost, "directory", "directories")
    said = [f"{found} more: known, but not where in the tree; --format json has them"] if lost else []
    gone = counted(domain.evicted, "piece")
    return said + ([f"{gone} of knowledge let go for lack of room"] if domain.evicted else [])


def shown_tree(directory: Directory) -> Directory:
    """A copy whose names and values are safe to show on a terminal."""
    made = Directory(directory.object, directory.instance, _shown(directory.properties))
    left = [(directory, made)]
    while left:
        found, copy = left.pop()
        for child in found.children:
            copy.children.append(Directory(child.object, child.instance, _shown(child.properties)))
            left.append((child, copy.children[-1]))
    return made


def _shown(properties: list[Property]) -> list[Property]:
    return [
        Property(printable_bytes(each.name), each.values and [printable_bytes(value) for value in each.values])
        for each in properties
    ]
