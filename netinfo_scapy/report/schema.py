"""Writes the JSON Schemas of the outputs: `python -m netinfo_scapy.report.schema docs/schema`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from netinfo_scapy.analysis.directory.document import DirectoryDocument
from netinfo_scapy.analysis.held import Held
from netinfo_scapy.analysis.probed import HostProbed
from netinfo_scapy.analysis.summary import Finding, Summary
from netinfo_scapy.report.call_event import CallEvent
from netinfo_scapy.report.exports import eve
from netinfo_scapy.report.message_object import MessageObject

SCHEMAS = {
    "call-event": (CallEvent, "One line of `netinfo-scapy serve --honeypot`"),
    "directory": (DirectoryDocument, "The output of `netinfo-scapy dump --format json`"),
    "listening": (Held, "One line of `netinfo-scapy listening --json`"),
    "finding": (Finding, "One line of `netinfo-scapy findings --format ndjson`"),
    "message": (MessageObject, "One line of `netinfo-scapy messages --format ndjson`"),
    "probe": (HostProbed, "One line of `netinfo-scapy probe --json`"),
    "event": (eve.Event, "One line of `netinfo-scapy analyze --format ndjson`"),
    "summary": (Summary, "The output of `netinfo-scapy analyze --format json`"),
}
"""File name without its ending -> what it describes."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an output."""
    kind, title = SCHEMAS[name]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **msgspec.json.schema(kind)}


def text(name: str) -> str:
    """The text of the schema's file."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Write all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SCHEMAS:
        (folder / f"{name}.json").write_text(text(name), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
