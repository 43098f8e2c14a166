"""The script as a file: where it is, and the first line by which it is known."""

from __future__ import annotations

from pathlib import Path

SCRIPT = Path(__file__).with_name("netinfo.lua")

SIGNATURE = "-- netinfo-scapy's dissector of NetInfo for Wireshark"
"""The first line of the script, of any release."""
