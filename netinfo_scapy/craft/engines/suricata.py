"""Suricata 6 and later: its command line, a configuration of its own, its EVE log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from netinfo_scapy.craft.engines.engine import Checksums, EngineMissingError, Runner
from netinfo_scapy.craft.rules.rule import Engine

CONFIGURATION = """\
%YAML 1.1
---
# Nothing of the host's own configuration is used. What decides over alerts is as Suricata ships it: no sessions from
# the middle, streams up to a megabyte. Lua is on for rules, and more rules may match a packet than the usual 15.
vars:
  address-groups:
    HOME_NET: "any"
    EXTERNAL_NET: "any"
    HTTP_SERVERS: "any"
    SMTP_SERVERS: "any"
    SQL_SERVERS: "any"
    DNS_SERVERS: "any"
    TELNET_SERVERS: "any"
  port-groups:
    HTTP_PORTS: "80"
    SHELLCODE_PORTS: "!80"
    SSH_PORTS: "22"
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types:
        - alert
        - stats:
            totals: yes
            threads: no
stats:
  enabled: yes
  interval: 3600
logging:
  default-log-level: notice
  outputs:
    - console:
        enabled: yes
app-layer:
  protocols:
    http:
      enabled: yes
security:
  lua:
    allow-rules: yes
stream:
  checksum-validation: yes
  midstream: false
  async-oneside: false
  prealloc-sessions: 16
  reassembly:
    depth: 1mb
packet-alert-max: 255
# A run is short: what is set up for a network of its own would take longer than the capture.
mpm-algo: ac
spm-algo: bm
flow:
  hash-size: 4096
  prealloc: 16
host:
  hash-size: 256
  prealloc: 16
defrag:
  hash-size: 1024
  prealloc: no
unix-command:
  enabled: no
classification-file: classification.config
reference-config-file: reference.config
threshold-file: threshold.config
"""
CLASSIFICATION = """\
config classification: attempted-admin,Attempted Administrator Privilege Gain,1
config classification: attempted-user,Attempted User Privilege Gain,1
config classification: policy-violation,Potential Corporate Privacy Violation,1
config classification: attempted-recon,Attempted Information Leak,2
config classification: successful-recon-largescale,Large Scale Information Leak,2
config classification: rpc-portmap-decode,Decode of an RPC Query,2
config classification: misc-activity,Misc activity,3
config classification: protocol-command-decode,Generic Protocol Command Decode,3
"""
REFERENCE = """\
config reference: cve http://cve.mitre.org/cgi-bin/cvename.cgi?name=
config reference: nessus http://cgi.nessus.org/plugins/dump.php3?id=
config reference: bugtraq http://www.securityfocus.com/bid/
config reference: url http://
"""
FILES = {
    "suricata.yaml": CONFIGURATION,
    "classification.config": CLASSIFICATION,
    "reference.config": REFERENCE,
    "threshold.config": "",
}
"""What a run finds in its folder."""

_UNLOADED = re.compile(r'error parsing signature "(?P<rule>.*)" from file (?P<file>.+) at line (?P<line>\d+)')
_SID = re.compile(r"\bsid\s*:\s*(\d+)")
_REASON = re.compile(r"(?:^E: |\bError: |<Error> - \[ERRCODE: \S+\] - )(?:[\w-]+: )?(?P<said>.*)")
_NO_RULES = re.compile(
    r"(No rule files match|No rules? (?:were )?loaded|[Cc]ould not open rule file|opening rule file)"
)
_LOSSES = ("segment_memcap_drop", "ssn_memcap_drop", "alert_queue_overflow", "memcap", "kernel_drops")


class _Alert(msgspec.Struct):
    signature_id: int
    gid: int = 1


class _Event(msgspec.Struct):
    event_type: str
    alert: _Alert | None = None
    stats: dict[str, object] = {}


_decode = msgspec.json.Decoder(_Event).decode


class Suricata(Runner):
    """An installed Suricata."""

    engine = Engine.SURICATA
    command = "suricata"
    install = (
        "on Debian or Ubuntu, as root: apt-get install suricata "
        "(Debian 12 has it in its backports: apt-get install -t bookworm-backports suricata)"
    )

    def find_version(self) -> str:
        """As it says with -V."""
        found = re.search(r"version (\S+)", self.call(["-V"]).output)
        if found is None:
            raise EngineMissingError(f"{self.path} does not tell its version; {self.install}")
        return found[1]

    def arguments(self, capture: Path, rules: Path, checksums: Checksums, folder: Path) -> list[str]:
        """One thread; scripts are looked for beside the rules."""
        for name, text in FILES.items():
            (folder / name).write_text(text)
        settings = {
            "default-rule-path": rules.parent,
            "classification-file": folder / "classification.config",
            "reference-config-file": folder / "reference.config",
            "threshold-file": folder / "threshold.config",
            **{f"vars.address-groups.{name}": value for name, value in self.nets.items()},
        }
        given = (word for name, value in settings.items() for word in ("--set", f"{name}={value}"))
        return [
            *("-c", str(folder / "suricata.yaml"), "-S", str(rules), "-r", str(capture), "-l", str(folder)),
            *("-k", str(checksums), "--runmode", "single", *given),
        ]

    def unloaded(self, output: str) -> list[str]:
        """It ends well without the rules that it could not read."""
        found, reason = [], ""
        for line in output.splitlines():
            if matched := _UNLOADED.search(line):
                sid = _SID.search(matched["rule"])
                named = f"sid {sid[1]}" if sid else "a rule without sid"
                found.append(f"line {matched['line']}: {named}: {reason or 'it does not say why'}")
                reason = ""
            elif _NO_RULES.search(line):
                found.append(line.partition(": ")[2] or line)
            elif said := _REASON.search(line):
                reason = said["said"].strip()
        return found

    def read_alerts(self, output: str, folder: Path) -> Counter[int]:
        """From its EVE log."""
        return Counter(
            event.alert.signature_id for event in _events(folder) if event.alert is not None and event.alert.gid == 1
        )

    def lost(self, folder: Path) -> str | None:
        """Segments, sessions or alerts that it had no room for; packets that it says it missed."""
        stats = [event.stats for event in _events(folder) if event.event_type == "stats"]
        if not stats:
            return f"{self.engine} did not come to its end: it left no counters"
        found = {name: count for name, count in _counters(stats[-1]) if count and name.endswith(_LOSSES)}
        return (
            None if not found else f"{self.engine} lost something: " + ", ".join(f"{k} {v}" for k, v in found.items())
        )


def _events(folder: Path) -> Iterator[_Event]:
    log = folder / "eve.json"
    if log.exists():
        with log.open("rb") as lines:
            yield from map(_decode, lines)


def _counters(stats: object, name: str = "") -> Iterator[tuple[str, int]]:
    """`tcp.segment_memcap_drop` and the others; their depth is that of Suricata's own table."""
    if isinstance(stats, dict):
        for key, value in stats.items():
            yield from _counters(value, f"{name}.{key}" if name else str(key))
    elif isinstance(stats, int):
        yield name, stats
