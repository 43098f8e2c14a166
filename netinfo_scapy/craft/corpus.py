"""The corpus: a folder for each case, with its capture and its label. The same bytes again, on any machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from netinfo_scapy.craft.cases.case import Case
from netinfo_scapy.craft.cases.table import CASES
from netinfo_scapy.craft.label import LABEL_NAME, Label, write_label
from netinfo_scapy.craft.outcomes import expected
from netinfo_scapy.craft.scenario import Made


def make_case(case: Case) -> tuple[Made, Label]:
    """The frames of a case, and its label. Raises ValueError."""
    made = case.scenario().make()
    breaks = [name for transform in made.transforms for name in transform.breaks]
    label = Label(
        case=case.name,
        kind=case.kind,
        summary=case.summary,
        seed=case.seed,
        transforms=made.transforms,
        breaks=list(dict.fromkeys([*breaks, *case.breaks])),
        ambiguous=any(each.ambiguous for each in made.messages),
        ports=made.ports,
        messages=made.messages,
        findings=sorted(case.findings),
        expected=expected(case.name),
        references=list(case.references),
    )
    return made, label


def write_corpus(folder: Path, cases: Iterable[Case] = CASES) -> Iterator[tuple[Made, Label]]:
    """Write `CASE/CASE.pcap` and `CASE/case.yaml` for each case; what was made. Raises OSError, ValueError."""
    for case in cases:
        made, label = make_case(case)
        place = folder / case.name
        place.mkdir(parents=True, exist_ok=True)
        made.write(place / f"{case.name}.pcap")
        write_label(place / LABEL_NAME, label)
        yield made, label
