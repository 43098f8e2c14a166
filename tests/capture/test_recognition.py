import subprocess

import pytest

from netinfo_scapy.capture.errors import UnknownFormat
from netinfo_scapy.capture.recognition import is_foreign, unknown_format
from netinfo_scapy.capture.sources import open_captures
from tests.capture.making import tool
from tests.support.captures import SMALL, capture_path

FOREIGN = {
    "snoop": "snoop",
    "netmon1": "Network Monitor 1",
    "netmon2": "Network Monitor 2",
    "ngsniffer": "Sniffer (DOS)",
    "ngwsniffer_1_1": "NetXray",
    "ngwsniffer_2_0": "NetXray",
    "observer": "Observer",
    "visual": "Visual Networks",
    "lanalyzer": "LANalyzer",
    "5views": "5View",
    "nettl": "nettl",
}


WRITTEN_BUT_NOT_READ = ("observer", "nettl")
"""Wireshark 4.0's editcap does not read what it writes here."""


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_captures_are_named_and_the_line_given_converts_them(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subprocess.run(
        [tool("editcap"), "-F", kind, str(capture_path(SMALL[0])), "a b.cap"], check=True, capture_output=True
    )
    (capture,) = open_captures("a b.cap")
    assert capture.unreadable and isinstance(capture.failure, UnknownFormat) and is_foreign(capture.failure)
    assert FOREIGN[kind] in capture.error
    line = capture.error[capture.error.index("editcap") :]
    assert line == "editcap -F pcapng 'a b.cap' 'a b.pcapng'"
    if kind in WRITTEN_BUT_NOT_READ:
        return
    subprocess.run(line, shell=True, check=True, capture_output=True)
    (converted,) = open_captures("a b.pcapng")
    assert len(list(converted.frames())) > 0
    (found,) = (each for each in open_captures(".") if each.unreadable)
    assert found.name == "a b.cap"


@pytest.mark.parametrize(
    ("name", "head", "text"),
    [
        ("x.erf", bytes(64), "ERF"),
        ("x.pkt", b"\x7fver\0", "EtherPeek"),
        ("x", bytes(4) + b"NetScaler Performance Data", "NetScaler"),
        ("x", b"\0\0\2\0\x12\x05\0\x10", "Tektronix"),
        ("x.xz", b"\xfd7zXZ\0", "xz -dc x.xz > OUT.pcap"),
        ("x", b"BZh9", "bzip2"),
        ("-", b"hello", "editcap -F pcapng IN OUT.pcapng"),
        ("x", b"", "empty"),
    ],
)
def test_others(name, head, text):
    assert text in str(unknown_format(name, head))
