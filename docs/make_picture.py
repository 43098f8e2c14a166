"""Makes docs/images/analyze.svg: what `netinfo-scapy analyze` shows of the recordings. Run by `make generate`."""

from __future__ import annotations

import io
import os
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from netinfo_scapy import __version__
from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.report.terminal import report

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "analyze.svg"

# rich's own frame, without the web font it would load: a picture must not ask the network for anything.
FRAME = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" xml:space="preserve">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    """Draw the picture."""
    os.chdir(ROOT)
    reading = Reading(["pcaps/recorded"])
    summary = conclude(reading.facts(), reading.captures, reading.interest, __version__)
    console = Console(record=True, width=118, file=io.StringIO(), force_terminal=True)
    console.print(report(summary))
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    title = "netinfo-scapy analyze pcaps/recorded"
    console.save_svg(str(TARGET), title=title, theme=SVG_EXPORT_THEME, code_format=FRAME, unique_id="netinfo")


if __name__ == "__main__":
    main()
