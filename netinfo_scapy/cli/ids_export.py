"""`netinfo-scapy ids export`: the corpus for suricata-verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.ids_cases import CaseNames, find_captures, read_label
from netinfo_scapy.craft.rules.rule import Engine


def export(
    folder: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="A folder for the tests.")],
    captures: CaseNames = None,
) -> None:
    """Write the cases as tests in the layout of suricata-verify: test.yaml, input.pcap, test.rules, suricata.yaml."""
    from netinfo_scapy.analysis.values import counted
    from netinfo_scapy.capture.sources import open_captures
    from netinfo_scapy.craft.verify_layout import write_test

    paths = [Path(each.name) for each in open_captures(find_captures(captures)) if not each.unreadable]
    labelled = [(path, label) for path in paths if (label := read_label(path))]
    if not labelled:
        run.say("there is no case with a case.yaml in what was named; nothing is exported")
        raise typer.Exit(run.NOTHING_READ)
    for path, label in labelled:
        expected = label.expected[Engine.SURICATA.value]
        try:
            write_test(
                folder / f"netinfo-{label.case}",
                path.read_bytes(),
                label.summary,
                frozenset(expected.must),
                frozenset(each.sid for each in expected.known_miss if each.checksums in (None, "none")),
            )
        except OSError as error:
            raise run.refusal(f"{error.filename}: cannot be written: {error.strerror}; give another path") from None
    run.say(f"{folder}: {counted(len(labelled), 'test')}; run them with suricata-verify: run.py --testdir {folder}")
