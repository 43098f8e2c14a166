"""Findings and summaries made for one test."""

from typing import Any

import msgspec

from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.facts import Facts
from netinfo_scapy.analysis.summary import Finding, FrameSummary, Summary
from netinfo_scapy.capture.interest import Interest

HOSTILE = "=cmd|' /C calc'!A0\t<script>\x1b[31m\u202e,\\x09\n#close"
"""Text that would break a row, run in a spreadsheet or turn a terminal around."""


def finding(**fields: Any) -> Finding:
    given = {
        "id": "made-up",
        "severity": "high",
        "title": "Something happened",
        "servers": ["192.0.2.20"],
        "clients": ["192.0.2.10", "2001:db8::1"],
        "tags": ["network"],
        "users": ["root"],
        "count": 3,
        "first_time": "2003-05-01T12:00:00.000001Z",
        "last_time": "2003-05-01T12:00:01.000001Z",
        "frames": [FrameSummary("in.pcap", 7), FrameSummary("in.pcap", 9)],
        "filter": "frame.number in {7, 9}",
        "details": [{"user": "root", "times": 3}],
        "meaning": "It means something.",
        "advice": "Do something.",
        "references": ["CVE-2001-1412"],
    }
    return Finding(**given | fields)


def summary(*findings: Finding) -> Summary:
    """Of nothing, with findings."""
    return msgspec.structs.replace(conclude(Facts(), [], Interest(), "0"), findings=list(findings))
