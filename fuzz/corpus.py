"""A target's corpus: a folder of inputs, each a file named after its bytes. Read without the mutator by this module."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from fuzz.rooms import outside
from fuzz.target import target


def words_file(folder: Path) -> Path:
    """Where the words of a corpus stand, as libFuzzer reads them."""
    return folder.with_suffix(".words")


def outside_file(folder: Path) -> Path:
    """Where the modules stand that do not guide the mutator, one a line."""
    return folder.with_suffix(".outside")


def plant(name: str, folder: Path) -> None:
    """Put a target's seeds into a corpus, and beside it what the fuzzer must know before it imports the target."""
    chosen = target(name)
    folder.mkdir(parents=True, exist_ok=True)
    for seed in chosen.seeds():
        (folder / hashlib.sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    escaped = ("".join(f"\\x{each:02x}" for each in word) for word in chosen.words)
    words_file(folder).write_text("".join(f'"{word}"\n' for word in escaped))
    outside_file(folder).write_text("\n".join(outside(chosen.rooms)))


def inputs(folder: Path) -> Iterator[bytes]:
    """The inputs of a corpus, in order."""
    for path in sorted(folder.iterdir()):
        yield path.read_bytes()


def digest(name: str, folder: Path) -> tuple[int, str]:
    """How many inputs a corpus has, and what the target gave for all of them, in short."""
    chosen = target(name)
    count, told = 0, hashlib.sha256()
    for data in inputs(folder):
        told.update(repr(chosen.run(data)).encode("utf-8", "backslashreplace"))
        count += 1
    return count, told.hexdigest()


# plant FOLDER TARGET...: make the corpora. FOLDER TARGET: read one.
if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "plant":
        for each in rest[1:]:
            plant(each, Path(rest[0]) / each)
    else:
        sys.stdout.write(" ".join(map(str, digest(rest[0], Path(what) / rest[0]))) + "\n")
