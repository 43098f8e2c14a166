"""`python -m fuzz [TARGET...]`: fuzz the targets, then put all that was found to the package's compiled form, too."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from fuzz.outcome import Outcome, read_log, tail
from fuzz.target import NAMES, target

ROOT = Path(__file__).resolve().parents[1]
_FOLDER = ROOT / "build" / "fuzz"
_TIMEOUT = 60
"""Seconds for one input, on a machine that has much else to do."""

_MEMORY = 512
"""MB that a process may take, Python and the package included."""

_MISSING = (
    "atheris is not installed: it has wheels for Linux on x86-64 and the Pythons of its day only. "
    "Nothing is mutated here; each target reads its seeds, in both forms of the package."
)


def _run(words: list[str], *, pure: bool, seconds: float) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "NETINFO_SCAPY_PURE"}
    environment |= {"NETINFO_SCAPY_PURE": "1"} if pure else {}
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=seconds + 600
    )


def _fuzz(name: str, seconds: int, folder: Path) -> Outcome:
    """Mutate; a crash is a file in the folder, and so is what libFuzzer said."""
    corpus, crashes = folder / name, folder / "crashes"
    crashes.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-timeout={_TIMEOUT}", f"-rss_limit_mb={_MEMORY}", "-seed=1"]
    options += ["-print_final_stats=1", f"-artifact_prefix={crashes}/{name}-"]
    done = _run(["fuzz.one", name, str(corpus), *options], pure=True, seconds=seconds)
    said = done.stdout + done.stderr
    corpus.with_suffix(".log").write_text(said)
    return read_log(name, said, bool(done.returncode))


def _compare(outcome: Outcome, folder: Path) -> Outcome:
    """Read the corpus once more, in both forms of the package: they must give the same."""
    told = []
    for pure in (True, False):
        done = _run(["fuzz.corpus", str(folder), outcome.name], pure=pure, seconds=600)
        if done.returncode:
            return Outcome(outcome.name, failure=tail(done.stderr))
        told.append(done.stdout.split())
    if told[0] != told[1]:
        return Outcome(outcome.name, failure="the pure and the compiled form of the package do not give the same")
    return Outcome(**{**vars(outcome), "inputs": int(told[0][0])})


def _whole(name: str, seconds: int, folder: Path, mutates: bool) -> Outcome:
    outcome = _fuzz(name, seconds, folder) if mutates else Outcome(name)
    return outcome if outcome.failure else _compare(outcome, folder)


def _table(outcomes: list[Outcome], seconds: int) -> Table:
    table = Table(title=f"{seconds} s each", title_justify="left", box=SIMPLE)
    for head in ("target", "inputs", "edges", "in last third", "last at", "features", "kept", "MB"):
        table.add_column(head, justify="left" if head == "target" else "right", no_wrap=head == "target")
    for each in outcomes:
        numbers = (
            *(each.executions, each.edges, each.late, each.latest),
            *(each.features, each.inputs, each.megabytes),
        )
        table.add_row(each.name, *("-" if each.failure else f"{number:,}" for number in numbers))
    return table


def main(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help=", ".join(NAMES) + "; all of them.")
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, help="To fuzz each target for.")] = 600,
    jobs: Annotated[int, typer.Option(min=1, help="Targets at the same time.")] = 1,
    folder: Annotated[Path, typer.Option(help="Where inputs are kept from one run to the next.")] = _FOLDER,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the inputs of earlier runs.")] = False,
    one: Annotated[Path | None, typer.Option("--input", help="Only put this file to the target, as a crash.")] = None,
) -> None:
    """Fuzz what reads hostile bytes. Exit code 1: something was found; its input is in the folder `crashes`."""
    chosen = list(names or NAMES)
    if unknown := set(chosen) - set(NAMES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there is no such target")
    if one is not None:
        if len(chosen) != 1:
            raise typer.BadParameter("--input needs one target")
        target(chosen[0]).run(one.read_bytes())
        return
    console = Console(stderr=True)
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    mutates = importlib.util.find_spec("atheris") is not None
    if not mutates:
        console.print(_MISSING, style="bold", soft_wrap=True)
    folder = folder.resolve()
    planted = _run(["fuzz.corpus", "plant", str(folder), *chosen], pure=False, seconds=60)
    if planted.returncode:
        console.print(tail(planted.stderr), markup=False)
        raise typer.Exit(1)
    with ThreadPoolExecutor(jobs) as pool:
        outcomes = list(pool.map(lambda name: _whole(name, seconds, folder, mutates), chosen))
    Console().print(_table(outcomes, seconds if mutates else 0))
    failed = [each for each in outcomes if each.failure]
    for each in failed:
        console.print(f"{each.name}: {each.failure}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if failed else 0)


typer.run(main)
