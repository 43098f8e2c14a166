"""A detector for changes of one property: what files in detectors/ say of it is data."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from netinfo_scapy.analysis.findings.changes import (
    ADDED,
    REMOVED,
    Difference,
    Noted,
    evidence_of,
    place_of,
    rows,
    users_of,
    writer_of,
)
from netinfo_scapy.analysis.findings.detector import Detector
from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence
from netinfo_scapy.analysis.findings.view import View, grouped
from netinfo_scapy.analysis.summary import SEVERITIES, Severity
from netinfo_scapy.analysis.values import counted

_ROOT = b"/"


class PropertyChange(Detector):
    """Successful writes that add, remove or change a property. word: stands in the name of each that is meant."""

    word: bytes

    @abstractmethod
    def concerns(self, name: bytes) -> bool:
        """Whether a property of a name is one of those meant."""

    @abstractmethod
    def weight(self, noted: Noted, difference: Difference) -> Severity | None:
        """How grave a change of a property that is meant is; None where it is no matter."""

    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """A finding for each server endpoint."""
        found: list[tuple[Severity, Noted]] = []
        for each in view.changes_of(self.word):
            meant = [one for one in each.differences if one.name is not None and self.concerns(one.name)]
            weighed = [(self.weight(each, one), one) for one in meant]
            mine = [(weight, one) for weight, one in weighed if weight is not None]
            if mine:
                gravest = min((weight for weight, _ in mine), key=SEVERITIES.index)
                found.append((gravest, replace(each, meant=[one for _, one in mine])))
        for (transport, server), here in grouped(found, lambda pair: pair[1].end).items():
            changes = [each for _, each in here]
            yield view.finding(
                self,
                evidence_of(changes),
                f"{_who(changes, view)} changed {_what(changes, view)} in {view.place(transport, server)}",
                severity=min((weight for weight, _ in here), key=SEVERITIES.index),
                count=len(changes),
                users=(user for each in changes for user in users_of(each.change, view)),
                details=rows(changes, view),
            )


def is_of_the_root(noted: Noted) -> bool:
    """Whether the root directory was changed."""
    change, root = noted.change, noted.domain.root
    return change.path == _ROOT or (change.path is None and change.object == (root.object if root else 0))


def grown(difference: Difference) -> set[bytes] | None:
    """The values that came in; None where that is not known."""
    if difference.after is None or (difference.before is None and difference.what != ADDED):
        return None if difference.what != REMOVED else set()
    return set(difference.after) - set(difference.before or ())


def _who(changes: Sequence[Noted], view: View) -> str:
    writers = dict.fromkeys(writer_of(each.change, view) for each in changes)
    return next(iter(writers)) if len(writers) == 1 else counted(len(writers), "writer")


def _what(changes: Sequence[Noted], view: View) -> str:
    places = dict.fromkeys(place_of(each.change, view) for each in changes)
    every = (one.name for each in changes for one in each.differences)
    names = dict.fromkeys(name.decode("utf-8", "backslashreplace") for name in every if name is not None)
    where = next(iter(places)) if len(places) == 1 else counted(len(places), "directory", "directories")
    what = next(iter(names)) if len(names) == 1 else counted(len(names), "property", "properties")
    return f"{what} of {where}"
