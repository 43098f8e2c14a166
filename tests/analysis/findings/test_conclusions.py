"""A hostile capture makes no more findings than a person can read, and concluding from it is quick."""

from __future__ import annotations

import gc
import io
import time

import pytest

from netinfo_scapy.analysis.conclude import conclude
from netinfo_scapy.analysis.findings import conclusions
from netinfo_scapy.analysis.findings.clues import MOST_ROWS, Clues
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.view import View
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.analysis.summary import Finding
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.protocol.secret import Secret
from tests.analysis.findings.making import AUTHERROR, OK, password, summary, write
from tests.support.captures import NAMES, capture_path, pcap_bytes
from tests.support.conversation import SERVER, Talk
from tests.support.packets import Address

ID = "password-in-credential"


def many(count: int) -> Talk:
    talk = Talk()
    for number in range(count):
        server = Address(f"10.0.{number >> 8}.{number & 255}", 961)
        write(talk, password("s3cret", 501), OK if number % 3 else AUTHERROR, server=server)
    return talk


def test_the_rest_is_one_finding_that_counts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = many(60)
    before = summary(talk.frames).findings
    every = [each for each in before if each.id == ID]
    assert len(every) == 60
    monkeypatch.setattr(conclusions, "MOST_FINDINGS", 7)
    whole = summary(talk.frames)
    told = [each for each in whole.findings if each.id == ID]
    (rest,) = [each for each in told if each.title.startswith("53 more findings like these")]
    assert [each for each in told if each is not rest] == every[:7]
    assert rest.count == sum(each.count for each in every[7:])
    assert rest.servers == sorted({host for each in every[7:] for host in each.servers})
    assert (rest.first_time, rest.last_time) == (
        min(each.first_time for each in every[7:]),
        max(each.last_time for each in every[7:]),
    )
    assert whole.totals.evicted == 0


def test_only_what_is_kept_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conclusions, "MOST_FINDINGS", 7)
    made: list[str] = []
    write_out = View._made

    def counting(self: View, draft: Draft, *rest: object) -> Finding:
        made.append(draft.id)
        return write_out(self, draft, *rest)  # type: ignore[arg-type] # passed on as it came

    monkeypatch.setattr(View, "_made", counting)
    summary(many(60).frames)
    assert made.count(ID) == 7 + 1  # and the one that stands for the rest


def address(number: int) -> bytes:
    return bytes([10, number >> 16, number >> 8 & 255, number & 255])


KEYS = {
    "password-in-credential": lambda n: (False, n, Secret(b"pw%d" % n), "refused"),
    "password-guessing": lambda n: ("refused", n, Secret(b"pw%d" % n), 1),
    "nibind-administration": lambda n: ("nibind.CREATEMASTER", b"tag%d" % n, ""),
    "dhcp-binding": lambda n: (address(n), (address(n),), b"tag%d" % n),
    "bootparam-parent": lambda n: (address(n), address(n), b"elm", b"tag%d" % n),
    "bind-by-unknown-server": lambda n: (address(n), b"tag%d" % n, b"local"),
    "nessus-11898": lambda n: ("nibind.LISTREG", n),
    "record-fragments": lambda n: ("NetInfo.READ", n % 64, n % 9),
    "service-probing": lambda n: ("tag", b"tag%d" % n, "NI_NOTAG"),
    "netinfo-sweep": lambda n: ("no answer",),
    "clients-shut-out": lambda n: (("closed", "refused", "served")[n % 3],),
    "foreign-service": lambda n: ("bytes", b"HTTP/%d" % n, None),
    "unusual-port": lambda n: (),
}
"""A different key for each number, as the detectors make them."""


ROWS = MOST_ROWS // 4
"""Of what there is room for: enough to tell, and four times as quick."""


def spread(detector: str, how: str) -> Clues:
    clues = Clues()
    for number in range(ROWS):
        server = Endpoint(address(number if how == "servers" else 1), 4321)
        client = address(number if how == "clients" else 2)
        at = FrameRef(0, number + 1, number * 1_000_000)
        clues.add(detector, Transport.TCP, server, client, KEYS[detector](number), at)
    return clues


@pytest.mark.parametrize("how", ["servers", "clients", "keys"])
@pytest.mark.parametrize("detector", KEYS)
def test_much_evidence_is_concluded_from_quickly(detector: str, how: str) -> None:
    """Many servers, clients, or keys: well under a second, where a quadratic part takes many."""
    talk = Talk()
    write(talk, b"\0" * 8, OK)
    reading = Reading(io.BytesIO(pcap_bytes(talk.frames)))
    facts = reading.facts()
    facts.clues = spread(detector, how)
    begun = time.process_time()
    found = conclude(facts, reading.captures, reading.interest, "0").findings
    assert time.process_time() - begun < 3
    mine: list[Finding] = [each for each in found if each.id == detector]
    assert len(mine) <= conclusions.MOST_FINDINGS + 1
    assert SERVER.ip not in {host for each in mine for host in each.servers}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_lies_in_circles(name: str) -> None:
    """What concluding makes goes by itself when it is done with: the commands do not look for circles meanwhile."""
    reading = Reading(capture_path(name))
    facts = reading.facts()
    conclude(facts, reading.captures, reading.interest, "1")
    gc.collect()
    gc.disable()
    try:
        made = conclude(facts, reading.captures, reading.interest, "1")
        assert gc.collect() == 0
        del made
        assert gc.collect() == 0
    finally:
        gc.enable()
