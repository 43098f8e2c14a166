"""A scrubbed capture reads like its source and holds nothing that its source names: every recording, in every form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import netinfo_scapy
from tests.support.captures import NAMES, RECORDED, recording, write_pcap
from tests.support.compare import first_difference, run
from tests.support.extraction import stored
from tests.support.scrubbing import scrub, secrets_of, still
from tests.test_extracted_captures import FORMS

CRAFTED = sorted((RECORDED.parent / "crafted").glob("*.pcap"))
EVERY = [*(RECORDED / f"{name}.pcap" for name in NAMES), *CRAFTED]


def assert_scrubbed(source: Path, out: Path, **reading: Any) -> None:
    """Scrub, and compare: the same messages at the same frames, with other texts of the same form; and no secret."""
    ports = [word for port in reading.get("netinfo_ports", ()) for word in ("--netinfo-port", port)]
    assert scrub(source, out, *ports) == 0
    expected, found = run(source, reveal=True, **reading), run(out, reveal=True, **reading)
    difference = first_difference([still(each) for each in expected], [still(each) for each in found])
    assert difference is None, difference
    data = b"".join(frame.data for frames in stored(out).values() for frame in frames)
    left = {secret for secret in secrets_of(source) if secret in data}
    assert not left


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_everything(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert_scrubbed(path, out)
    before, after = netinfo_scapy.analyze(path), netinfo_scapy.analyze(out)
    del before["totals"]["bytes"], after["totals"]["bytes"]
    assert after["totals"] == before["totals"]
    assert after["anomalies"] == before["anomalies"]
    assert {name: row["statuses"] for name, row in after["procedures"].items()} == {
        name: row["statuses"] for name, row in before["procedures"].items()
    }


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, tmp_path: Path) -> None:
    source = write_pcap(tmp_path / "in.pcap", FORMS[form](recording("01-nibind-portmap")))
    assert_scrubbed(source, tmp_path / "out.pcapng")
