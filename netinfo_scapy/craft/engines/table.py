"""The engines that can be run."""

from __future__ import annotations

from netinfo_scapy.craft.engines.engine import Runner
from netinfo_scapy.craft.engines.snort import Snort2, Snort3
from netinfo_scapy.craft.engines.suricata import Suricata
from netinfo_scapy.craft.rules.rule import Engine

RUNNERS: dict[Engine, type[Runner]] = {each.engine: each for each in (Suricata, Snort2, Snort3)}
"""What runs each engine."""
