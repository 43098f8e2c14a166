"""What a target is, and where targets are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("targets")
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("[!_]*.py")))
"""The targets: the files of the folder."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One reader of hostile bytes.

    run: takes any bytes, raises nothing, checks what must hold; gives what was read in a form that can be compared,
        the same for the same bytes in either form of the package.
    seeds: inputs to begin with, made from pcaps/ or written out; the same each time.
    rooms: modules and packages of netinfo_scapy that it is about: new ways through these guide the mutator. None: all.
    words: byte strings that mean something there, for the mutator. longest: bytes of an input that are worth trying.
    """

    run: Callable[[bytes], Any]
    seeds: Callable[[], Iterator[bytes]]
    rooms: tuple[str, ...] = ()
    words: tuple[bytes, ...] = ()
    longest: int = 4096


def target(name: str) -> Target:
    """A target by its name. Imports what it reads with."""
    found: Target = import_module(f"fuzz.targets.{name}").TARGET
    return found
