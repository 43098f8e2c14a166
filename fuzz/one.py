"""Fuzzes one target until it is told to stop: `python -m fuzz.one TARGET CORPUS [libFuzzer's options]`.

Run by `python -m fuzz`, in a process of its own with the package's pure form, which alone can be instrumented.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

from fuzz.corpus import words_file

with atheris.instrument_imports(include=["netinfo_scapy"], enable_loader_override=False):
    from fuzz.target import target

    TARGET = target(sys.argv[1])


def main() -> None:
    """Hand over to libFuzzer, which ends the process."""
    corpus = Path(sys.argv[2])
    words = words_file(corpus)
    options = [f"-max_len={TARGET.longest}", *([f"-dict={words}"] if TARGET.words else []), *sys.argv[3:]]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGET.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
