"""`netinfo-scapy ids explain`: where the fields of a message lie, for whoever places `content`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.ids_cases import find_captures, read_label
from netinfo_scapy.cli.options import AsJson, AsTextOrObject, Full, NetInfoPorts, Reveal, TextOrJson, json_if

if TYPE_CHECKING:
    from netinfo_scapy.analysis.reading import Reading


def explain(
    capture: Annotated[str, typer.Argument(metavar="CASE|CAPTURE", help="A case of the corpus, or a capture.")],
    frame: Annotated[
        int | None, typer.Argument(metavar="[FRAME]", min=1, help="A frame, as Wireshark counts; all, if not given.")
    ] = None,
    netinfo_port: NetInfoPorts = None,
    form: AsTextOrObject = TextOrJson.TEXT,
    as_json: AsJson = False,
    reveal: Reveal = False,
    full: Full = False,
) -> None:
    """Show where record marks, program, procedure, arguments and each string of a message lie, in packet and stream."""
    from netinfo_scapy.analysis.values import counted
    from netinfo_scapy.craft.explain import explain as explained
    from netinfo_scapy.craft.explain_report import explained_object, explained_report
    from netinfo_scapy.craft.whereabouts import TooMuchError
    from netinfo_scapy.report.json_text import json_page

    form = json_if(as_json, form, TextOrJson.TEXT, TextOrJson.JSON)
    reading = _open(capture, netinfo_port or [])
    try:
        found = explained(reading, frame)
    except TooMuchError as error:
        raise run.refusal(f"{capture}: {error}") from None
    if found:
        with run.output():
            if form is TextOrJson.JSON:
                sys.stdout.buffer.write(json_page(explained_object(found, reveal)))
            else:
                run.print_report(explained_report(found, reveal, full))
    elif not run.nothing_read(reading.captures):
        frames = reading.captures[0].frames_read
        if frame is not None and frame > frames:
            raise run.refusal(f"{capture}: there is no frame {frame}; it has {counted(frames, 'frame')}")
        where = "" if frame is None else f" of which frame {frame} brings a byte for the first time"
        run.say(f"{capture}: no message{where}; netinfo-scapy messages lists them")
        raise typer.Exit(run.NOTHING_READ)
    run.finish(reading)


def _open(name: str, ports: list[str]) -> Reading:
    """One capture, ready to be read. Raises typer.Exit, typer.BadParameter, CaptureError, FileNotFoundError."""
    from netinfo_scapy.api import open_reading

    (path,) = find_captures([name])
    found = sorted(Path(path).glob("*.pcap")) if Path(path).is_dir() else [Path(path)]
    if len(found) != 1:
        raise run.refusal(f"{name}: has {len(found)} captures in it; name one")
    label = read_label(found[0])
    given = [*ports, *(str(port) for port in (label.ports if label else []))]
    try:
        reading = open_reading(str(found[0]), netinfo_ports=given)
    except ValueError as error:
        raise typer.BadParameter(f"--netinfo-port: {error}") from error
    if not all(capture.rereadable for capture in reading.captures):
        raise run.refusal(f"{name}: explain reads twice, and this can be read once; save it to a file first")
    return reading
