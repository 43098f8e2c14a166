"""The page: templates, style, scripts and data put into one file.

Its Content-Security-Policy allows the very scripts and the very style that are in it, by their hashes, and nothing
else: no connection, no other file, no attribute that holds script or style. What came from the network is escaped by
the templates (autoescape), by the JSON (no `<`), and set as text by the scripts.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from rich.console import Console
from rich.text import Text

from netinfo_scapy.analysis.directory.tree import Domain
from netinfo_scapy.analysis.summary import Summary
from netinfo_scapy.analysis.timeline import REFUSALS
from netinfo_scapy.analysis.values import counted
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.report.escape import printable
from netinfo_scapy.report.html import findings, pictures, tables, tree
from netinfo_scapy.report.html.cells import MOST_ROWS, Part, zone_name
from netinfo_scapy.report.terminal import answer

# In the order in which they build on each other.
VENDORED = (
    "d3-array",
    "d3-color",
    "d3-interpolate",
    "d3-format",
    "d3-time",
    "d3-time-format",
    "d3-path",
    "d3-selection",
    "d3-shape",
    "d3-scale",
    "d3-axis",
    "d3-sankey",
)
_SCRIPTS = ("theme.js", "tables.js", "tree.js", "pictures.js")
_STYLE = "page.css"
_KINDS = {"yellow": "warn", "red": "bad", "green": "good", "magenta": "warn"}
"""What the terminal's colors are called in the stylesheet."""


class Tile(NamedTuple):
    """A number worth seeing first."""

    value: str
    title: str
    kind: str = ""


def page(summary: Summary, domains: Iterable[Domain] = (), zone: tzinfo | None = None, reveal: bool = False) -> str:
    """The report as HTML.

    domains: as they were rebuilt. zone: of the times; UTC where it is None.
    reveal: show password hashes that directories hold whole.
    """
    domains = list(domains)
    directories = tree.shown(domains, reveal)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=_title(summary),
            version=summary.version,
            answer=[_parts(each) for each in answer(summary, zone)],
            counts_only=summary.counts_only,
            tiles=_tiles(summary),
            zone=zone_name(zone),
            findings=findings.findings(summary, zone),
            findings_total=len(summary.findings),
            severities=findings.severities(summary),
            tables=_tables(summary, domains, zone, reveal),
            directories=directories,
            data=_json(
                {
                    "zone": zone_name(zone),
                    "timeline": pictures.timeline(summary),
                    "talks": pictures.talks(summary),
                    "responses": pictures.responses(summary),
                    "captures": [printable(each.capture) for each in summary.captures[:MOST_ROWS]],
                }
            ),
            trees=[_json(each.entries) for each in directories],
            style=_read(_STYLE),
            scripts=_scripts(),
            policy=_policy(),
        )
    )


def _tables(summary: Summary, domains: Sequence[Domain], zone: tzinfo | None, reveal: bool) -> dict[str, Any]:
    return {
        "servers": tables.servers(summary, zone),
        "domains": tables.domains(summary),
        "conversations": tables.conversations(summary, zone),
        "procedures": tables.procedures(summary),
        "responses": tables.responses(summary),
        "timeline": tables.timeline(summary, zone),
        "odd": tables.odd(summary),
        "captures": tables.captures(summary, zone),
        "totals": tables.totals(summary),
        "changes": tree.changes(domains, summary, zone, reveal),
    }


def _title(summary: Summary) -> str:
    """What was read, in a few words."""
    if len(summary.captures) == 1:
        return printable(summary.captures[0].capture.rpartition("/")[2])
    return counted(len(summary.captures), "capture")


def _tiles(summary: Summary) -> list[Tile]:
    ours = [row for row in summary.conversations if row.program in (NETINFO.number, NIBIND.number)]
    refused = sum(
        number for row in summary.procedures.values() for status, number in row.statuses.items() if status in REFUSALS
    )
    urgent = sum(each.severity == "high" for each in summary.findings)
    numbers = [
        (len({row.server_ip for row in ours}), "server host", ""),
        (len({row.client_ip for row in ours}), "client", ""),
        (sum(row.calls for row in ours), "call", ""),
        (refused, "refusal", "warn" if refused else ""),
    ]
    if not summary.counts_only:
        numbers.append((len(summary.findings), "finding", "bad" if urgent else "warn" if summary.findings else ""))
    return [Tile(f"{number:,}", title if number == 1 else f"{title}s", kind) for number, title, kind in numbers]


def _parts(line: Text) -> list[Part]:
    """A styled line of the terminal's report as pieces of text."""
    parts = []
    for text, style, _ in line.render(_console()):
        color = style.color.name if style is not None and style.color else ""
        kind = _KINDS.get(color, "strong" if style is not None and style.bold else "")
        parts.append(Part(printable(text), kind))
    return parts


@cache
def _console() -> Console:
    return Console()


# what is put together


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("netinfo_scapy.report.html", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _json(value: Any) -> Markup:
    """JSON for a data block: nothing in it can end the block."""
    return htmlsafe_json_dumps(value, dumps=_dumps)


def _dumps(value: Any, **_options: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


@cache
def _read(name: str) -> Markup:
    return Markup(files("netinfo_scapy.report.html").joinpath(name).read_text(encoding="utf-8"))


@cache
def _scripts() -> list[Markup]:
    """The scripts: the libraries, each with its license, as one; then our own."""
    libraries = "\n".join(
        f"/*! {name}\n{_read(f'vendor/{name}.LICENSE')}*/\n{_read(f'vendor/{name}.min.js')}" for name in VENDORED
    )
    return [Markup(libraries), *map(_read, _SCRIPTS)]


@cache
def _policy() -> str:
    """The Content-Security-Policy."""
    scripts = " ".join(_hash(each) for each in _scripts())
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {_hash(_read(_STYLE))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
