"""Changes of who may connect."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.changes import ADDED, DETAILS, REMOVED, Difference, Noted
from netinfo_scapy.analysis.findings.detector import About
from netinfo_scapy.analysis.findings.detector_of_property import PropertyChange, grown, is_of_the_root
from netinfo_scapy.analysis.summary import Severity

_TRUSTED = b"trusted_networks"


class TrustedNetworksChanged(PropertyChange):
    """Writes of the root's `trusted_networks`."""

    id = "trusted-networks-changed"
    severity = "high"
    about = About(
        title="It was changed who may connect",
        meaning=(
            "`trusted_networks` on the root directory lists the networks from which a server takes connections. "
            "Without it everyone is trusted; an empty list shuts out all but the server itself."
        ),
        advice="Ask who did it and what for. Put back what it was before, and see who connected since.",
        silent=(
            "The property in another directory than the root, where it has no effect, a write that leaves it as it "
            "is, and writes that were refused. Where networks were only taken out, the severity is medium."
        ),
        details=DETAILS,
        references=("MITRE ATT&CK T1562.007", "MITRE ATT&CK T1098"),
    )

    word = _TRUSTED

    def concerns(self, name: bytes) -> bool:
        """One property alone."""
        return name == _TRUSTED

    def weight(self, noted: Noted, difference: Difference) -> Severity | None:
        """High where somebody more is trusted, or that is not known."""
        if not is_of_the_root(noted):
            return None
        if difference.before is not None and difference.before == difference.after:
            return None
        if difference.what == REMOVED:
            return "high"
        came = grown(difference)
        fewer = difference.what == ADDED or (came is not None and not came)
        return "medium" if fewer else "high"


DETECTOR = TrustedNetworksChanged()
