"""`netinfo-scapy ids corpus`: the captures that rules are tried on, with their labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netinfo_scapy.cli import run


def corpus(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where to: FOLDER/CASE/CASE.pcap and case.yaml.")
    ],
) -> None:
    """Make the corpus: a capture and a label for each case; the same bytes each time."""
    from netinfo_scapy.analysis.values import counted
    from netinfo_scapy.craft.corpus import write_corpus

    cases = frames = messages = 0
    for made, _ in write_corpus(output):
        cases, frames, messages = cases + 1, frames + len(made.frames), messages + len(made.messages)
    said = ", ".join([counted(cases, "case"), counted(frames, "frame"), counted(messages, "message")])
    run.say(f"{output}: {said}")
