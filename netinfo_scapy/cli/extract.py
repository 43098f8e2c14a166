"""`netinfo-scapy extract`: the flows of a capture that hold what is wanted, as a capture of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import (
    OUTPUT,
    Input,
    KnownFile,
    capture_output,
    check_ids,
    find_known,
    reads_captures,
)
from netinfo_scapy.cli.output import check_apart, check_inputs, opened, shown_name

if TYPE_CHECKING:
    from netinfo_scapy.analysis.extract import Selection
    from netinfo_scapy.analysis.findings.known import Known
    from netinfo_scapy.analysis.findings.tracing import Tracing
    from netinfo_scapy.analysis.reading import Reading


@reads_captures
def extract(
    source: Input,
    output: Annotated[str, capture_output("The pcapng to write, replaced if it is there; -: standard output.")],
    finding: Annotated[
        list[str] | None,
        typer.Option(
            "--finding",
            metavar="ID",
            help="Only the flows of these findings, which the frames' comments name; can be given again.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    known: KnownFile = None,
) -> None:
    """Write the flows that hold NetInfo into a pcapng: whole, as captured, with a comment on what is odd.

    With filters: the flows of the messages that pass, and those from which their servers' ports are known.
    With --finding: the flows of all that made such a finding.
    """
    from netinfo_scapy.analysis.extract import TooManyFlowsError, select

    ids, servers = check_ids("--finding", finding), find_known(known)
    check_apart(output, known)
    wanted = source.wanted()
    reading = source.open(filtered=False)
    _check(reading, output)
    with run.progress(reading, shown=True), opened(output) as stream:
        try:
            selection = select(reading, wanted, _tracing(reading, ids, servers) if ids else None)
        except TooManyFlowsError as error:
            raise run.refusal(str(error)) from None
        if run.nothing_read(reading.captures):
            run.finish(reading)
        _write(reading, selection, stream)
    if not selection.flows:
        found = f"no message passes the filters; {reading.messages_read:,} were read" if wanted else "no NetInfo found"
        if ids:
            found = f"nothing found of {', '.join(ids)}{' that passes the filters' if wanted else ''}"
        run.say(f"{found}; {shown_name(output)} is a capture without frames")
    if selection.comments_left_out:
        run.say(f"{selection.comments_left_out:,} more comments found no room; filters make them fewer")
    run.finish(reading)


def _tracing(reading: Reading, ids: Sequence[str], known: Known | None) -> Tracing:
    """Read the input for its findings; what tells of an event which of them it is part of."""
    from netinfo_scapy.analysis.conclude import domains_in, view_of
    from netinfo_scapy.analysis.findings.basis import Basis
    from netinfo_scapy.analysis.findings.conclusions import conclusions
    from netinfo_scapy.analysis.findings.tracing import Tracing

    facts, basis = reading.facts(), Basis()
    domains = domains_in(facts, reading.interest)
    conclusions(view_of(facts, reading.captures, reading.interest, domains, known=known, basis=basis))
    return Tracing(basis, ids)


def _write(reading: Reading, selection: Selection, stream: IO[bytes]) -> None:
    """Read the input again, and write the frames of the chosen flows."""
    from netinfo_scapy import __version__
    from netinfo_scapy.capture.flow_frames import frames_of
    from netinfo_scapy.capture.pcapng_writer import PcapngWriter
    from netinfo_scapy.report.escape import printable

    captures, comments = reading.captures, selection.comments
    writer = PcapngWriter(stream, f"netinfo-scapy {__version__}")
    every = (frame for capture in captures for frame in capture.frames())
    for frame in frames_of(every, selection.flows):
        index, number = frame.ref.capture, frame.ref.number
        writer.write(frame, captures[index].digits, [printable(text) for text in comments.get((index, number), ())])


def _check(reading: Reading, output: str) -> None:
    """Refuse what cannot come out right, before anything is read."""
    check_inputs(reading, output, "extract")
    reading.settle_sensors()
    if len(reading.groups) > 1:
        names = " | ".join(group[0].name for group in reading.groups)
        raise run.refusal(
            f"these captures are of {len(reading.groups)} sensors, and one file would mix them ({names}); "
            "extract one sensor at a time, or take them for one with --as one"
        )
