"""The summary of a capture that is still being written, as it stands."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import PurePath

from rich.console import Group, RenderableType
from rich.text import Text

from netinfo_scapy.analysis.summary import Summary
from netinfo_scapy.analysis.values import local_time
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.terminal import report


def waiting(name: str) -> RenderableType:
    """What is shown before a capture has begun."""
    return _line(name, "nothing has come yet")


def live(name: str, summary: Summary, rate: float, zone: tzinfo | None = None) -> RenderableType:
    """A summary under a line that tells how the capture grows. rate: frames a second."""
    last = max((capture.last_time for capture in summary.captures if capture.last_time), default=None)
    parts = [f"{summary.totals.frames:,} frames", f"{rate:,.0f} a second"]
    if last is not None:
        parts.append(f"the last of {local_time(last, zone)}")
    return Group(_line(name, ", ".join(parts)), report(summary, zone))


def _line(name: str, text: str) -> Text:
    # Where the terminal is narrow, the end of the line is left out.
    name = printable(PurePath(name).name)
    line = Text.assemble((f"Following {name}", "bold"), f": {text}", ("  (Ctrl-C ends)", "dim"))
    line.no_wrap, line.overflow = True, "ellipsis"
    return line
