"""Makes docs/images/way.svg: the way of the data through the rooms. Run by `make generate`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "images" / "way.svg"


class Step(NamedTuple):
    """Something that is passed on. room, modules: where and by which files it is made; aside: who else takes it."""

    name: str
    about: str
    room: str = ""
    modules: str = ""
    aside: str = ""


WAY = (
    Step("files, folders, URLs, a pipe, an interface", "pcap and pcapng, compressed or growing; packets of Scapy"),
    Step(
        "Frame",
        "one frame as captured; what concerns nothing is left out",
        "capture",
        "sources, captures, pcap, pcapng, compression, sieve",
        "flow_frames: extract",
    ),
    Step("Packet", "one UDP datagram or TCP segment", "capture", "links, ip, fragments"),
    Step(
        "Record, Gap, NotRpc, Connection",
        "TCP in order, holes told; record marks taken off",
        "capture",
        "connections, streams, records",
    ),
    Step(
        "Message",
        "header read, body walked; a reply has its call",
        "capture",
        "message, pairing, interest",
        "messages, exports, scrub, verify, Scapy's layers",
    ),
    Step(
        "Facts",
        "sums and sets, clues, sightings; merging is addition",
        "analysis",
        "filters, account, findings/, directory/",
        "more processes, more machines",
    ),
    Step("Summary", "findings concluded, directories rebuilt", "analysis", "conclude, summary", "dump, diff, serve"),
    Step("terminal, JSON, NDJSON, HTML", "escaped, hidden where it is secret", "report", "terminal, exports/, html/"),
)
ROOMS = {"capture": "capture/", "analysis": "analysis/", "report": "report/"}
LEFT, WIDE, TALL, GAP = 20, 400, 52, 46
ASIDE = LEFT + WIDE + 40


def main() -> None:
    """Draw the picture."""
    height = 40 + len(WAY) * TALL + (len(WAY) - 1) * GAP
    template = Environment(autoescape=True, loader=FileSystemLoader(ROOT / "docs" / "site")).get_template("way.svg.j2")
    drawn = template.render(way=WAY, rooms=ROOMS, height=height, left=LEFT, wide=WIDE, tall=TALL, gap=GAP, aside=ASIDE)
    TARGET.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
