"""`netinfo-scapy scrub`: a capture without what names people and machines, to be shared."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import OUTPUT, NetInfoPorts, capture_output
from netinfo_scapy.cli.output import check_inputs, opened, shown_name

if TYPE_CHECKING:
    from netinfo_scapy.analysis.reading import Reading
    from netinfo_scapy.analysis.scrub.permutation import Key
    from netinfo_scapy.analysis.scrub.scrubbing import Scrubbing


def scrub(
    capture: Annotated[str, typer.Argument(metavar="CAPTURE", help="A pcap or pcapng file, also gzip or zstd.")],
    output: Annotated[str, capture_output("The pcapng to write, replaced if it is there; -: standard output.")],
    key: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Bytes that choose the replacements, 32 or more; keep them to yourself."),
    ],
    make_key: Annotated[
        bool, typer.Option("--make-key", help="Make the key, in a file that is not there yet.")
    ] = False,
    shift: Annotated[int, typer.Option(metavar="SECONDS", help="Add this to every time.", rich_help_panel=OUTPUT)] = 0,
    netinfo_port: NetInfoPorts = None,
) -> None:
    """Replace addresses, names, values, hashes and passwords, the same ones alike; leave out what is not understood.

    What happened stays: procedures, statuses, ids, times, sizes, fragments, retransmissions. docs/exports.md says what
    is replaced by what.
    """
    from netinfo_scapy import api
    from netinfo_scapy.analysis.scrub.delivered import TooMuchError
    from netinfo_scapy.analysis.scrub.scrubbing import Scrubbing

    try:
        reading = api.open_reading([capture], netinfo_ports=netinfo_port or [])
    except ValueError as error:
        raise typer.BadParameter(f"--{error}") from error
    _check(reading, output, key)
    scrubbing = Scrubbing(reading, _read_key(key, make_key))
    with run.progress(reading, shown=True), opened(output) as stream:
        try:
            scrubbing.learn()
        except TooMuchError as error:
            raise run.refusal(f"{capture}: {error}") from None
        if run.nothing_read(reading.captures):
            run.finish(reading)
        from netinfo_scapy import __version__
        from netinfo_scapy.capture.frames import Frame, FrameRef
        from netinfo_scapy.capture.pcapng_writer import PcapngWriter

        writer = PcapngWriter(stream, f"netinfo-scapy {__version__}")
        for each in scrubbing.frames():
            ref = FrameRef(each.ref.capture, each.ref.number, each.ref.time_ns + shift * 10**9)
            writer.write(Frame(ref, each.link, each.wire_length, each.data), reading.captures[0].digits)
    _tell(scrubbing, output)
    run.finish(reading)


def _check(reading: Reading, output: str, key: Path) -> None:
    """Refuse what cannot come out right, before anything is read or written."""
    if len(reading.captures) != 1:
        raise run.refusal(
            f"scrub takes one capture, and these are {len(reading.captures)}; scrub one at a time with the same key"
        )
    check_inputs(reading, output, "scrub")
    for other in (output, reading.captures[0].name):
        if Path(os.path.realpath(other)) == Path(os.path.realpath(key)):
            raise run.refusal(f"{key}: the key is a file of its own; name another one")


def _read_key(path: Path, make: bool) -> Key:
    from netinfo_scapy.analysis.scrub.permutation import SMALLEST_KEY, Key

    try:
        if make:
            with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
                stream.write(token_bytes(SMALLEST_KEY))
        return Key(path.read_bytes())
    except FileExistsError:
        raise run.refusal(f"{path}: a key would be lost; leave out --make-key, or name another file") from None
    except FileNotFoundError:
        raise run.refusal(f"{path}: no such key; --make-key makes one") from None
    except OSError as error:
        raise run.refusal(f"{path}: the key cannot be read or made: {error.strerror or error}") from None
    except ValueError as error:
        raise run.refusal(f"{path}: {error}; --make-key makes one in a new file") from None


def _tell(scrubbing: Scrubbing, output: str) -> None:
    """Say what was replaced, and what is not there any more."""
    run.say(f"{shown_name(output)}: {scrubbing.messages:,} messages rewritten")
    if scrubbing.unread:
        run.say(f"of {scrubbing.unread:,} of them only the header is understood; the rest is blank")
    _count("frames left out, an empty one in the place of each", scrubbing.left_out)
    _count("frames of which a part was left out", scrubbing.changed)
    if not scrubbing.messages:
        run.say("no NetInfo found; the output holds nothing to look at")


def _count(what: str, counts: Counter[str]) -> None:
    if counts:
        told = ", ".join(f"{count:,} ({name})" for name, count in counts.most_common())
        run.say(f"{what}: {told}")
