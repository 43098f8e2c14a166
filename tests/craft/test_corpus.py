"""pcaps/ids: made again it is the same; each label says what the analyzer and tshark find."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

import netinfo_scapy
from netinfo_scapy.craft.cases.table import CASES
from netinfo_scapy.craft.corpus import write_corpus
from netinfo_scapy.craft.label import Label, read_label
from tests.support import installing
from tests.support.clean import complaints, out_of_time
from tests.support.truth import differences

FOLDER = Path(__file__).resolve().parents[2] / "pcaps" / "ids"


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def labels() -> list[Label]:
    return [read_label(FOLDER / case.name / "case.yaml") for case in CASES]


def test_made_again_it_is_the_same(tmp_path: Path) -> None:
    for _ in write_corpus(tmp_path):
        pass
    assert _files(tmp_path) == _files(FOLDER)


def test_another_python_makes_the_same(tmp_path: Path) -> None:
    """No order of a table and no hash gets into it: with another release of Python, where there is one."""
    other = list(installing.pythons())[-1]
    there = installing.empty(tmp_path / "venv", other)
    needs = [f"{name}=={metadata.version(name)}" for name in sorted(installing.needed())]
    installing.pip(there, *needs)
    where = {"PYTHONPATH": str(installing.ROOT), "NETINFO_SCAPY_PURE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = there.run(
        "python", "-m", "netinfo_scapy", "ids", "corpus", "-o", "made", cwd=tmp_path, PYTHONHASHSEED="961", **where
    )
    assert done.returncode == 0, done.stderr
    assert _files(tmp_path / "made") == _files(FOLDER)


def test_names_are_no_names_of_others() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))
    assert all(case.name.startswith(f"{case.kind}-") and case.summary.endswith(".") for case in CASES)


def test_the_analyzer_decodes_what_the_labels_say(labels: list[Label]) -> None:
    assert {
        label.case: found
        for label in labels
        if (found := differences(label.messages, FOLDER / label.case / f"{label.case}.pcap", label.ports))
    } == {}


def test_the_analyzer_finds_what_the_labels_say(labels: list[Label]) -> None:
    found = {
        label.case: sorted(
            {
                each["id"]
                for each in netinfo_scapy.analyze(
                    str(FOLDER / label.case / f"{label.case}.pcap"), netinfo_ports=label.ports
                )["findings"]
            }
        )
        for label in labels
    }
    assert found == {label.case: label.findings for label in labels}


def test_tshark_complains_of_what_is_meant_only(labels: list[Label], tshark: str, tmp_path: Path) -> None:
    found = complaints(tshark, [FOLDER / label.case / f"{label.case}.pcap" for label in labels], tmp_path)
    assert {label.case: more for label in labels if (more := found[label.case] - set(label.breaks))} == {}


def test_capinfos_finds_them_whole_and_in_order(tshark: str) -> None:
    assert out_of_time(tshark.replace("tshark", "capinfos"), sorted(FOLDER.glob("*/*.pcap"))) == ""
