"""What the commands under `ids` have in common: the corpus, cases by their names, files of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

import netinfo_scapy
from netinfo_scapy.cli import run
from netinfo_scapy.craft.rules.rule import Engine

if TYPE_CHECKING:
    from netinfo_scapy.capture.sources import Capture
    from netinfo_scapy.craft.label import Label
    from netinfo_scapy.craft.matrix import Case
    from netinfo_scapy.craft.rules.table import Expected

_CORPUS = Path("pcaps") / "ids"
_SID = re.compile(r"^(?!\s*#).*?[;(\s]sid\s*:\s*(\d+)", re.MULTILINE)

EngineName = Annotated[Engine, typer.Option("--engine", help="The engine that reads the rules.")]
RulesFile = Annotated[
    Path | None, typer.Option("--rules", metavar="FILE", help="Rules of your own instead of those of this project.")
]
CaseNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[CAPTURE|CASE]...",
        help="Captures, folders of them, or names of cases; the whole corpus, if not given. "
        "A capture beside which a case.yaml lies is held against it.",
    ),
]


def corpus() -> Path:
    """The folder of the cases: that of the checkout, else pcaps/ids in the current one. Raises typer.Exit."""
    for folder in (Path(netinfo_scapy.__file__).parents[1] / _CORPUS, _CORPUS):
        if folder.is_dir():
            return folder
    raise run.refusal(f"there is no corpus here ({_CORPUS}); make one: netinfo-scapy ids corpus -o {_CORPUS}")


def find_captures(names: list[str] | None) -> list[str]:
    """Paths of what was named; a name that is no path may be that of a case. Raises typer.Exit, FileNotFoundError."""
    if not names:
        return [str(corpus())]
    for name in names:
        if name.endswith((".py", ".yaml", ".yml")) and Path(name).is_file():
            made = Path(name).with_suffix(".pcap").name
            raise run.refusal(f"{name}: a scenario, no capture; make one of it: netinfo-scapy craft {name} -o {made}")
    return [str(_case_folder(name) or name) for name in names]


def _case_folder(name: str) -> Path | None:
    """The folder of a case by its name, unless there is such a path."""
    if name == "-" or "/" in name or Path(name).exists():
        return None
    folder = corpus() / name
    return folder if folder.is_dir() else None


def read_label(capture: Path) -> Label | None:
    """What a capture's case.yaml says, if one lies beside it. Raises typer.Exit."""
    from netinfo_scapy.craft import label

    path = capture.parent / label.LABEL_NAME
    if not path.is_file():
        return None
    try:
        found = label.read_label(path)
    except ValueError as error:
        raise run.refusal(str(error)) from None
    return found if capture.stem == found.case else None


def cases_of(captures: list[tuple[str, Capture, Path]], engine: Engine) -> list[Case]:
    """Captures as cases. Each: as it was given, opened, the file for the engine."""
    from netinfo_scapy.craft.matrix import Case

    found = []
    for name, _, path in captures:
        label = None if name == "-" else read_label(Path(name))
        if label is None:
            found.append(Case(name, path))
        else:
            found.append(Case(label.case, path, _expected(label, engine)))
    return found


def _expected(label: Label, engine: Engine) -> Expected:
    from netinfo_scapy.craft.rules.rule import KnownMiss
    from netinfo_scapy.craft.rules.table import Expected

    said = label.expected[engine.value]
    return Expected(frozenset(said.must), {each.sid: KnownMiss(each.why, each.checksums) for each in said.known_miss})


@contextmanager
def rules_for(engine: Engine, given: Path | None) -> Iterator[tuple[Path, frozenset[int]]]:
    """A file of rules, and the sids in it: the user's, or ours in a folder for as long as it is needed.

    Raises typer.Exit where the file cannot be read or has no rule.
    """
    if given is None:
        from netinfo_scapy.cli.ids_rules import write_rules

        with TemporaryDirectory(prefix="netinfo-scapy-") as folder:
            path = Path(folder) / "netinfo.rules"
            write_rules(path, engine)
            yield path, _sids_of(path.read_text("utf-8"))
        return
    try:
        sids = _sids_of(given.read_text("utf-8", "replace"))
    except OSError as error:
        raise run.refusal(f"{given}: {error.strerror or error}; give a file of rules") from None
    if not sids:
        raise run.refusal(f"{given}: there is no rule with a sid in it; give each rule its own, as sid:1000001;")
    yield given, sids


def _sids_of(text: str) -> frozenset[int]:
    """The sids of a file of rules."""
    return frozenset(int(sid) for sid in _SID.findall(text))
