"""Changes of a domain's master."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.changes import DETAILS, Difference, Noted
from netinfo_scapy.analysis.findings.detector import About
from netinfo_scapy.analysis.findings.detector_of_property import PropertyChange, is_of_the_root
from netinfo_scapy.analysis.summary import Severity

_MASTER = b"master"


class MasterChanged(PropertyChange):
    """Writes of the root's `master`."""

    id = "master-changed"
    severity = "high"
    about = About(
        title="The domain was given another master",
        meaning=(
            "`master` on the root directory names the host and tag of the domain's master. Clones copy their whole "
            "directory from it, accounts and all, and take its updates without a password: whoever is named there "
            "has the domain."
        ),
        advice=(
            "Ask who did it. Unless the domain was moved on purpose, put the right host back, on the master and on "
            "each clone, and compare the directories of the clones with it."
        ),
        silent=(
            "The property in another directory than the root, a write that leaves it as it is, and writes that were "
            "refused."
        ),
        details=DETAILS,
        references=("MITRE ATT&CK T1484", "MITRE ATT&CK T1565.001"),
    )

    word = _MASTER

    def concerns(self, name: bytes) -> bool:
        """One property alone."""
        return name == _MASTER

    def weight(self, noted: Noted, difference: Difference) -> Severity | None:
        """Always high."""
        if not is_of_the_root(noted):
            return None
        return None if difference.before is not None and difference.before == difference.after else "high"


DETECTOR = MasterChanged()
