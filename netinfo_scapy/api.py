"""The front door from Python: the same as the commands `messages` and `analyze`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, get_args

from netinfo_scapy import __version__
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.filters import Filter
from netinfo_scapy.analysis.findings.known import Known, read_known
from netinfo_scapy.analysis.reading import Learn, Reading, Sensors
from netinfo_scapy.capture.errors import CaptureError
from netinfo_scapy.capture.interest import PortNumber
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Message
from netinfo_scapy.report.message_object import as_dict, message_object


def open_reading(
    source: Any,
    *,
    netinfo_ports: str | int | Iterable[str | int] = (),
    learn: Learn = "exact",
    as_sensors: Sensors = "auto",
    wanted: Filter | None = None,
    limits: Limits | None = None,
    counts_only: bool = False,
) -> Reading:
    """Open an input for reading; the parameters are those of `analyze`. limits: other than the usual ones."""
    for value, kind in ((learn, Learn), (as_sensors, Sensors)):
        if value not in get_args(kind):
            raise ValueError(f"{value!r} is none of {', '.join(get_args(kind))}")
    if isinstance(netinfo_ports, str | int):
        netinfo_ports = [netinfo_ports]
    ports = [PortNumber.parse(str(port)) for port in netinfo_ports]
    return Reading(
        source,
        netinfo_ports=ports,
        learn=learn,
        as_sensors=as_sensors,
        wanted=wanted,
        limits=limits,
        counts_only=counts_only,
    )


def _demand(reading: Reading) -> None:
    """Raise CaptureError if there is nothing at all that can be read."""
    captures = reading.captures
    if captures and all(capture.unreadable for capture in captures):
        raise CaptureError("; ".join(f"{capture.name}: {capture.error}" for capture in captures))


def _report(reading: Reading) -> None:
    """Log what could be read only in part."""
    import logging  # noqa: PLC0415 - takes as long as a thousand packets, and the commands do not log

    log = logging.getLogger("netinfo_scapy")
    for capture in reading.captures:
        if capture.error or capture.warning:
            log.warning("%s: %s", capture.name, capture.error or capture.warning)


def messages(
    source: Any,
    *,
    netinfo_ports: str | int | Iterable[str | int] = (),
    learn: Learn = "exact",
    as_sensors: Sensors = "auto",
    wanted: Filter | None = None,
    reveal: bool = False,
) -> Iterator[dict[str, Any]]:
    """Every RPC message of interest, each the object that `netinfo-scapy messages --format ndjson` prints.

    source: a path, a list of paths, a directory, "-", an open binary file, or an iterable
        of (time in seconds, link type, bytes).
    netinfo_ports: ports of NetInfo beside 961 and 111: 700, "udp:700", "tcp:700".
    learn: "exact": endpoints that the input names count for all of it, so it is read twice
        where it can be; "once": from the frame that names them on.
    as_sensors: files whose times overlap are different sensors ("auto"), or all are "one", or "each" is one.
    wanted: which messages, as netinfo_scapy.Filter.of(status=["NI_PERM"]); all, if None.
    reveal: show the passwords in credentials.
    The keys are described in docs/schema/message.json. Raises CaptureError where nothing can be
    read, FileNotFoundError, ValueError for a parameter that is none, with the first message asked
    for. What can be read only in part is logged.
    """
    reading = open_reading(source, netinfo_ports=netinfo_ports, learn=learn, as_sensors=as_sensors, wanted=wanted)
    _demand(reading)
    for event in reading.events():
        if isinstance(event, Message):
            yield as_dict(message_object(event, reading.captures, reveal))
    _report(reading)


def analyze(
    source: Any,
    *,
    netinfo_ports: str | int | Iterable[str | int] = (),
    learn: Learn = "exact",
    as_sensors: Sensors = "auto",
    wanted: Filter | None = None,
    reveal: bool = False,
    known: str | PathLike[str] | None = None,
    counts_only: bool = False,
) -> dict[str, Any]:
    """The summary of an input: the object that `netinfo-scapy analyze --format json` prints.

    reveal: show the passwords and hashes in findings. known: a file of known servers, as `--known` takes it.
    counts_only: count and time every message, but look for no findings and rebuild no directory, which takes about
        half the time. Raises ValueError with `reveal` or `known`, which are for findings.
    The other parameters are those of `messages`; the keys are described in docs/schema/summary.json.
    """
    if counts_only and (reveal or known is not None):
        raise ValueError("counts_only looks for no findings; leave out known and reveal, which are for findings")
    servers = None if known is None else Known(read_known(Path(known)))
    reading = open_reading(
        source,
        netinfo_ports=netinfo_ports,
        learn=learn,
        as_sensors=as_sensors,
        wanted=wanted,
        counts_only=counts_only,
    )
    _demand(reading)
    facts = reading.facts()
    _report(reading)
    return as_dict(conclude(facts, reading.captures, reading.interest, __version__, known=servers, reveal=reveal))
