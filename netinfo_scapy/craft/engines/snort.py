"""Snort 2.9 and Snort 3: their command lines, configurations of their own, their alerts on standard output."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from netinfo_scapy.craft.engines.engine import Checksums, EngineMissingError, Runner
from netinfo_scapy.craft.engines.suricata import CLASSIFICATION, REFERENCE
from netinfo_scapy.craft.rules.rule import Engine

_ALERT = re.compile(r"\[\*\*\] \[(\d+):(\d+):\d+\]")
_VERSION = re.compile(r"Version (\d+(?:\.\d+)+)")
_OURS = "1"
"""The generator id of rules; others are of preprocessors and decoders."""

SNORT2 = """\
var HOME_NET {HOME_NET}
var EXTERNAL_NET {EXTERNAL_NET}
portvar HTTP_PORTS 80
config checksum_mode: {checksums}
config event_queue: max_queue 64 log 64 order_events content_length
config detection: search-method ac-bnfa-nq max_queue_events 64
preprocessor frag3_global: max_frags 65536
preprocessor frag3_engine: policy linux detect_anomalies
preprocessor stream5_global: track_tcp yes, track_udp yes, track_icmp no
preprocessor stream5_tcp: policy linux, ports both all
preprocessor stream5_udp: timeout 180
preprocessor rpc_decode: 111 961
{classes}
include {rules}
"""
SNORT3 = """\
stream = {{ }}
stream_ip = {{ }}
stream_tcp = {{ }}
stream_udp = {{ }}
rpc_decode = {{ }}
binder = {{ {{ when = {{ proto = 'tcp', ports = '111 961' }}, use = {{ type = 'rpc_decode' }} }} }}
event_queue = {{ max_queue = 64, log = 64 }}
classifications = {{ {classes} }}
references = {{ {references} }}
variables = {{ nets = {{ HOME_NET = '{HOME_NET}', EXTERNAL_NET = '{EXTERNAL_NET}' }}, ports = {{ HTTP_PORTS = '80' }} }}
ips = {{ variables = variables }}
"""


class _Snort(Runner):
    """Either Snort: both are called snort."""

    command = "snort"
    major: str

    def find_version(self) -> str:
        """As it says with -V."""
        found = _VERSION.search(self.call(["-V"]).output)
        if found is None or not found[1].startswith(f"{self.major}."):
            what = f"version {found[1]}" if found else "of no version that it tells"
            raise EngineMissingError(f"{self.engine} is not installed: {self.path} is {what}; {self.install}")
        return found[1]

    def read_alerts(self, output: str, folder: Path) -> Counter[int]:
        """From the lines of its fast form."""
        return Counter(int(sid) for generator, sid in _ALERT.findall(output) if generator == _OURS)


class Snort2(_Snort):
    """An installed Snort 2.9."""

    engine = Engine.SNORT2
    major = "2"
    install = "Debian 12 has no package of it; build 2.9 from https://www.snort.org/downloads"

    def arguments(self, capture: Path, rules: Path, checksums: Checksums, folder: Path) -> list[str]:
        """Alerts on standard output, one line each."""
        (folder / "classification.config").write_text(CLASSIFICATION)
        (folder / "reference.config").write_text(REFERENCE)
        classes = f"include {folder}/classification.config\ninclude {folder}/reference.config"
        text = SNORT2.format(checksums=checksums, classes=classes, rules=rules, **self.nets)
        (folder / "snort.conf").write_text(text)
        return [
            *("-q", "-c", str(folder / "snort.conf"), "-r", str(capture), "-k", str(checksums)),
            *("-A", "console", "-N", "-l", str(folder)),
        ]

    def unloaded(self, output: str) -> list[str]:
        """It ends at the first rule that it cannot read: `ERROR: FILE(LINE) why`."""
        found = re.search(r"^(?:FATAL )?ERROR: (?:\S*/)?[^\s(]+\((\d+)\):? *(.*)", output, re.MULTILINE)
        return [f"line {found[1]}: {found[2].strip()}"] if found else []


class Snort3(_Snort):
    """An installed Snort 3."""

    engine = Engine.SNORT3
    major = "3"
    install = "Debian 12 has no package of it; build it from https://www.snort.org/snort3"

    def arguments(self, capture: Path, rules: Path, checksums: Checksums, folder: Path) -> list[str]:
        """Alerts on standard output, one line each."""
        classes = ", ".join(
            f"{{ name = '{name}', priority = {priority}, text = '{text}' }}"
            for name, text, priority in re.findall(r"classification: (\S+?),(.+),(\d)", CLASSIFICATION)
        )
        references = ", ".join(
            "{{ name = '{}', url = '{}' }}".format(*each) for each in re.findall(r"reference: (\S+) (\S+)", REFERENCE)
        )
        (folder / "snort.lua").write_text(SNORT3.format(classes=classes, references=references, **self.nets))
        return [
            *("-q", "-c", str(folder / "snort.lua"), "-R", str(rules), "-r", str(capture), "-k", str(checksums)),
            *("-A", "alert_fast", "-l", str(folder)),
        ]

    def unloaded(self, output: str) -> list[str]:
        """`ERROR: FILE:LINE why`, then that it ends."""
        return [
            f"line {line}: {why.strip()}"
            for line, why in re.findall(r"^(?:FATAL: |ERROR: )(?:\S*/)?[^\s:]+:(\d+):? *(.*)", output, re.MULTILINE)
        ]
