"""Fuzzes one target until it is told to stop: `python -m fuzz.one TARGET CORPUS [libFuzzer's options]`.

Run by `python -m fuzz`, in a process of its own with the package's pure form, which alone can be instrumented.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

from fuzz.corpus import outside_file, words_file
from fuzz.target import target

CORPUS = Path(sys.argv[2])
_OUTSIDE = outside_file(CORPUS).read_text().split()

with atheris.instrument_imports(include=["netinfo_scapy"], exclude=_OUTSIDE, enable_loader_override=False):
    TARGET = target(sys.argv[1])


def main() -> None:
    """Hand over to libFuzzer, which ends the process."""
    words = words_file(CORPUS)
    options = [f"-max_len={TARGET.longest}", *([f"-dict={words}"] if TARGET.words else []), *sys.argv[3:]]
    atheris.Setup([sys.argv[0], *options, str(CORPUS)], TARGET.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
