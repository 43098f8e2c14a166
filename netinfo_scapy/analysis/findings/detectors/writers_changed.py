"""Changes of who may write."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.changes import DETAILS, Difference, Noted, place_is_of
from netinfo_scapy.analysis.findings.detector import About
from netinfo_scapy.analysis.findings.detector_of_property import PropertyChange, grown
from netinfo_scapy.analysis.summary import Severity

_WRITERS, _ANYONE = b"_writers", b"*"


class WritersChanged(PropertyChange):
    """Writes of `_writers` and `_writers_NAME`."""

    id = "writers-changed"
    severity = "high"
    about = About(
        title="It was changed who may write",
        meaning=(
            "`_writers` names the users who may change a directory's properties, and make and remove what is below "
            "it; `_writers_NAME` those who may change the values of its property NAME. `*` is anyone, with no "
            "password at all. Who gets in there keeps a way in that needs no root password."
        ),
        advice=(
            "Ask who did it and what for. Take out every name that has no business there, `*` first, and look "
            "through `writes` and `anonymous-writes` for what was changed by it."
        ),
        silent=(
            "A write that leaves the values as they are, and writes that were refused. Where names were only taken "
            "out, or a user's own directory lets the user change single properties, the severity is lower."
        ),
        details=DETAILS,
        references=("MITRE ATT&CK T1222", "MITRE ATT&CK T1098"),
    )

    word = _WRITERS

    def concerns(self, name: bytes) -> bool:
        """`_writers` itself, or that of one property."""
        return name == _WRITERS or name.startswith(_WRITERS + b"_")

    def weight(self, noted: Noted, difference: Difference) -> Severity | None:
        """High where somebody else than the directory's own user came in."""
        if difference.before is not None and difference.before == difference.after:
            return None
        came = grown(difference)
        if came is None or _ANYONE in came:
            return "high"
        if not came:
            return "low"
        own = difference.name != _WRITERS and all(place_is_of(noted.change, user) for user in came)
        return "low" if own else "high"


DETECTOR = WritersChanged()
