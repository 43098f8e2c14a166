"""What each detector finds, for people: `python -m netinfo_scapy.report.explain` writes docs/findings.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from netinfo_scapy.analysis.findings.detector import Detector
from netinfo_scapy.analysis.findings.table import DETECTORS


def explanation(detector: Detector) -> str:
    """What the documentation says of a detector, as Markdown."""
    return "\n".join(_explained(detector, "#"))


def listing() -> str:
    """The detectors, a line each."""
    width = max(len(id_) for id_ in DETECTORS)
    return "\n".join(f"{each.id:{width}}  {each.severity:6}  {each.about.title}" for each in DETECTORS.values())


def document() -> str:
    """The text of docs/findings.md."""
    return "\n".join(_document()) + "\n"


def _document() -> Iterator[str]:
    yield "# Findings"
    yield ""
    yield "What `netinfo-scapy findings` and `analyze` tell a person of a capture. Made from the detectors in"
    yield "`netinfo_scapy/analysis/findings/detectors/` by `make generate`; `findings --explain ID` prints one of them."
    yield ""
    yield "Retransmissions and duplicate replies do not count. The severity of a finding can be lower than the one"
    yield "given here, where nothing came of it. Passwords are hidden, and hashes are shown as their scheme and first"
    yield "two characters, unless `--reveal` is given."
    yield ""
    yield "| id | severity | what |"
    yield "|---|---|---|"
    for each in DETECTORS.values():
        yield f"| [`{each.id}`](#{each.id}) | {each.severity} | {each.about.title} |"
    for each in DETECTORS.values():
        yield ""
        yield from _explained(each, "##")


def _explained(detector: Detector, level: str) -> Iterator[str]:
    about = detector.about
    yield f"{level} {detector.id}"
    yield ""
    yield f"{about.title}. Severity: {detector.severity}."
    for name, text in (("What it means", about.meaning), ("What to do", about.advice), ("Not found", about.silent)):
        yield ""
        yield f"**{name}.** {text}"
    yield ""
    yield "**Details.**"
    yield ""
    for key, meaning in about.details.items():
        yield f"* `{key}`: {meaning}"
    yield ""
    yield f"**References.** {', '.join(about.references)}."


if __name__ == "__main__":
    sys.stdout.write(document())
