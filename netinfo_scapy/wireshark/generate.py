"""Writes netinfo.lua, the script for Wireshark: `python -m netinfo_scapy.wireshark.generate`.

The script is one file, because that is what Wireshark's plugin folder takes: the protocol's tables (tables.py),
then the parts of lua/, each a chunk that returns what it offers to those after it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from netinfo_scapy.wireshark import tables
from netinfo_scapy.wireshark.script import SCRIPT, SIGNATURE

_PARTS = Path(__file__).with_name("lua")
PARTS = (
    "words", "xdr", "message", "plausible", "records", "streams", "interest", "pairing", "lines", "found",
    "connections", "fields", "show", "packets",
)  # fmt: skip
"""In the order in which they need each other; main.lua comes last."""

_HEAD = f"""\
{SIGNATURE}
-- SPDX-License-Identifier: GPL-2.0-or-later
-- NetInfo and nibind in Wireshark and tshark, by netinfo-scapy: see its docs/wireshark.md.
-- Generated from the protocol's tables and the parts in netinfo_scapy/wireshark/lua/; changes belong there.
"""


def source() -> str:
    """The text of netinfo.lua."""
    chunks = [("tables", tables.module()), *((name, _part(name)) for name in PARTS)]
    modules = [f"local {name} = (function()\n{text}\nend)()\n" for name, text in chunks]
    return "\n".join([_HEAD, *modules, _part("main")]) + "\n"


def _part(name: str) -> str:
    return (_PARTS / f"{name}.lua").read_text(encoding="utf-8").rstrip("\n")


def main() -> None:
    """Write the file."""
    text = source()
    SCRIPT.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{SCRIPT.name}: {text.count(chr(10))} lines\n")


if __name__ == "__main__":
    main()
