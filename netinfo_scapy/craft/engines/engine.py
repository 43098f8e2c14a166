"""What is common to all engines: one process a capture, as nothing of one may be known in another, several at a time.

Suricata does read a folder of captures in one process, but as one long capture: flows of the same addresses run
together, and its alerts name whichever file was open last. A process costs 0.1 s of processor time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from netinfo_scapy.craft.rules import rule

MOST_SECONDS = 120.0
"""How long an engine may take for one capture, unless it is told."""

_MOST_AT_ONCE = 8
_LINES_SHOWN = 3


class EngineMissingError(Exception):
    """The engine is not installed; the text says how it is."""


class UnloadedRulesError(Exception):
    """The engine did not load a rule. rules: what it said, a line for each."""

    def __init__(self, rules: Sequence[str]) -> None:
        super().__init__("; ".join(rules))
        self.rules = tuple(rules)


class Checksums(StrEnum):
    """Whether the engine leaves out packets with wrong checksums (`-k all`) or takes them (`-k none`)."""

    ALL = "all"
    NONE = "none"


class Alerts(NamedTuple):
    """What an engine said of one capture.

    counts: sid -> how often. failure: that it died, or lost something; then the counts are not to be believed.
    """

    capture: Path
    counts: Mapping[int, int]
    failure: str | None = None

    @property
    def sids(self) -> frozenset[int]:
        """The rules that alerted."""
        return frozenset(self.counts)


class Ended(NamedTuple):
    """A process that has ended. code: negative for a signal; None where it took too long and was stopped."""

    code: int | None
    output: str


class Runner(ABC):
    """One installed engine."""

    engine: rule.Engine
    command: str
    install: str

    def __init__(self, most_seconds: float = MOST_SECONDS, home: Sequence[str] = ()) -> None:
        """Find it. home: the networks of $HOME_NET, any if empty. Raises EngineMissingError."""
        path = shutil.which(self.command)
        if path is None:
            raise EngineMissingError(f"{self.engine} is not installed; {self.install}")
        self.path = path
        self.most_seconds = most_seconds
        self.nets = {
            "HOME_NET": f"[{','.join(home)}]" if home else "any",
            "EXTERNAL_NET": "!$HOME_NET" if home else "any",
        }
        self.version = self.find_version()

    @abstractmethod
    def find_version(self) -> str:
        """The version of what is installed. Raises EngineMissingError where it is another engine."""

    @abstractmethod
    def arguments(self, capture: Path, rules: Path, checksums: Checksums, folder: Path) -> list[str]:
        """The command line for one capture. folder: for what the engine needs and writes; its own for each run."""

    @abstractmethod
    def unloaded(self, output: str) -> list[str]:
        """What the engine says of rules that it did not load, a line each."""

    @abstractmethod
    def read_alerts(self, output: str, folder: Path) -> Counter[int]:
        """Sid -> how often it alerted."""

    def lost(self, folder: Path) -> str | None:
        """What the engine says it lost, if it tells."""
        return None

    def run(self, captures: Sequence[Path], rules: Path, checksums: Checksums) -> Iterator[Alerts]:
        """The alerts of each capture, in order. Raises UnloadedRulesError."""
        with ThreadPoolExecutor(min(_MOST_AT_ONCE, 2 * (os.cpu_count() or 1))) as pool:
            try:
                yield from pool.map(partial(self._run_one, rules=rules.absolute(), checksums=checksums), captures)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _run_one(self, capture: Path, rules: Path, checksums: Checksums) -> Alerts:
        with TemporaryDirectory(prefix="netinfo-scapy-") as name:
            folder = Path(name)
            ended = self.call(self.arguments(capture.absolute(), rules, checksums, folder), folder)
            if unloaded := self.unloaded(ended.output):
                raise UnloadedRulesError(unloaded)
            if failure := self._failure(ended):
                return Alerts(capture, {}, failure)
            return Alerts(capture, self.read_alerts(ended.output, folder), self.lost(folder))

    def call(self, arguments: Sequence[str], folder: Path | None = None) -> Ended:
        """Run the engine to its end; what it prints on either output together."""
        try:
            done = subprocess.run(
                [self.path, *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self.most_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ended(None, "")
        except OSError as error:
            raise EngineMissingError(f"{self.path}: cannot be run: {error.strerror}; {self.install}") from error
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace"))

    def _failure(self, ended: Ended) -> str | None:
        if ended.code == 0:
            return None
        if ended.code is None:
            return f"{self.engine} took more than {self.most_seconds:.0f} seconds and was stopped"
        if ended.code < 0:
            return f"{self.engine} died (signal {-ended.code})"
        said = [line.strip() for line in ended.output.splitlines() if line.strip()][-_LINES_SHOWN:]
        return f"{self.engine} ended with exit code {ended.code}: {' '.join(said) or 'it does not say why'}"
