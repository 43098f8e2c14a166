"""`netinfo-scapy ids run`: captures and rules through an installed engine, held against the labels of the cases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.ids_cases import CaseNames, EngineName, RulesFile, cases_of, find_captures, rules_for
from netinfo_scapy.cli.options import AsJson, AsTextOrObject, TextOrJson, json_if
from netinfo_scapy.craft.rules.rule import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from netinfo_scapy.capture.sources import Capture
    from netinfo_scapy.craft.engines.engine import Checksums, Runner
    from netinfo_scapy.craft.matrix import Case, Row


class Ways(StrEnum):
    """What the engine does with packets whose checksums are wrong."""

    ALL = "all"
    NONE = "none"
    BOTH = "both"


def run_engine(
    captures: CaseNames = None,
    engine: EngineName = Engine.SURICATA,
    rules: RulesFile = None,
    checksums: Annotated[
        Ways,
        typer.Option("--checksums", help="all: leave out packets with wrong ones; none: take them; both: run twice."),
    ] = Ways.BOTH,
    home_net: Annotated[
        list[str] | None,
        typer.Option(
            "--home-net",
            metavar="NETWORK",
            help="$HOME_NET, as 192.0.2.0/24, again for more; $EXTERNAL_NET is the rest. Else both are any.",
        ),
    ] = None,
    form: AsTextOrObject = TextOrJson.TEXT,
    as_json: AsJson = False,
) -> None:
    """Run an engine over the corpus, or over your captures and rules, and print which rule alerted in which case.

    Exit code 4 where that differs from a case's label, a rule was not loaded, or the engine died.
    """
    from netinfo_scapy.craft.engines.engine import EngineMissingError, UnloadedRulesError
    from netinfo_scapy.craft.engines.table import RUNNERS

    form = json_if(as_json, form, TextOrJson.TEXT, TextOrJson.JSON)
    paths = find_captures(captures)
    try:
        runner = RUNNERS[engine](home=[_network(each) for each in home_net or ()])
    except EngineMissingError as error:
        run.say(str(error))
        raise typer.Exit(run.NOTHING_READ) from None
    with TemporaryDirectory(prefix="netinfo-scapy-") as folder, rules_for(engine, rules) as (rules_path, loaded):
        opened, unread = _opened(paths, Path(folder))
        try:
            rows = _rows(runner, cases_of(opened, engine), rules_path, loaded, checksums)
        except UnloadedRulesError as error:
            for line in error.rules:
                run.say(f"{rules or 'the rules'}: {engine} did not load {line}")
            raise typer.Exit(run.CHECK_FAILED) from None
    if not rows:
        if not unread:
            run.say("there is no capture there; give one, a folder of them, or the name of a case")
        raise typer.Exit(run.NOTHING_READ)
    from netinfo_scapy.craft.matrix_report import matrix_object, matrix_report

    with run.output():
        if form is TextOrJson.JSON:
            from netinfo_scapy import __version__
            from netinfo_scapy.report.json_text import json_page

            sys.stdout.buffer.write(json_page(matrix_object(rows, runner.engine, runner.version, loaded, __version__)))
        else:
            run.print_report(matrix_report(rows, runner.engine, runner.version, loaded))
    raise typer.Exit(_exit_code(rows, unread))


def _network(text: str) -> str:
    """A network as engines write it. Raises typer.BadParameter."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise typer.BadParameter(f"--home-net: {text} is no network; write it as 192.0.2.0/24") from None


def _exit_code(rows: list[Row], unread: int) -> int:
    if any(row.differs for row in rows):
        return run.CHECK_FAILED
    if unread:
        return run.IN_PART
    return run.DONE


def _opened(paths: list[str], folder: Path) -> tuple[list[tuple[str, Capture, Path]], int]:
    """The captures as files that an engine can read, and how many could not be read."""
    from netinfo_scapy.cli.plain_files import opened, plain

    found, unread = [], 0
    for index, (name, capture) in enumerate(opened(paths, folder)):
        if capture.unreadable:
            run.say(f"{name}: {capture.error}")
            unread += 1
            continue
        own = folder / str(index)
        own.mkdir()
        found.append((name, capture, plain(capture, own, zstd_only=False)))
    return sorted(found, key=lambda each: each[0]), unread


def _rows(runner: Runner, cases: list[Case], rules: Path, loaded: frozenset[int], ways: Ways) -> list[Row]:
    """What came of each case, case by case. Raises UnloadedRulesError."""
    from netinfo_scapy.craft.engines.engine import Checksums
    from netinfo_scapy.craft.matrix import judge

    wanted: list[Checksums] = list(Checksums) if ways is Ways.BOTH else [Checksums(ways)]
    paths = [case.path for case in cases]
    rows = []
    with _progress(len(wanted) * len(cases)) as show:
        for checksums in wanted:
            for case, alerts in zip(cases, runner.run(paths, rules, checksums), strict=True):
                rows.append(judge(case, alerts, checksums, loaded))
                show(case.name)
    order = {id(case): at for at, case in enumerate(cases)}
    return sorted(rows, key=lambda row: order[id(row.case)])


@contextmanager
def _progress(total: int) -> Iterator[Callable[[str], None]]:
    """Around the work: a function that says what is done, on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from netinfo_scapy.report.escape import printable

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("running", total=total)
        yield lambda name: bar.update(task, advance=1, description=printable(name))
