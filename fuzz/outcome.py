"""What a run came to, by what libFuzzer says."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STATUS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+)")
_STATISTICS = re.compile(r"stat::(\w+):\s+(\d+)")


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    latest: the execution that reached the last new edge. late: the edges that only the last third of the executions
        reached; hardly any where the target is at its plateau. failure: why it is no good run.
    """

    name: str
    executions: int = 0
    latest: int = 0
    edges: int = 0
    late: int = 0
    features: int = 0
    inputs: int = 0
    megabytes: int = 0
    failure: str | None = None


def tail(text: str) -> str:
    """What was said in the end; of a crash the exception, which comes before what libFuzzer says."""
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if "Uncaught Python exception" in line), None)
    where = [line for line in lines if "Test unit written to" in line]
    return "\n".join(lines[-25:] if begin is None else [*lines[begin : begin + 25], *where])


def read_log(name: str, said: str, failed: bool) -> Outcome:
    """The outcome by a log. failed: the fuzzer said so when it ended."""
    counted = dict(_STATISTICS.findall(said))
    status = [tuple(map(int, each)) for each in _STATUS.findall(said)]
    if failed or "number_of_executed_units" not in counted or not status:
        return Outcome(name, failure=tail(said))
    _, edges, features = status[-1]
    executions = int(counted["number_of_executed_units"])
    latest = next(execution for execution, reached, _ in status if reached == edges)
    early = [reached for execution, reached, _ in status if 3 * execution <= 2 * executions]
    late = edges - max(early, default=0)
    return Outcome(name, executions, latest, edges, late, features, megabytes=int(counted["peak_rss_mb"]))
