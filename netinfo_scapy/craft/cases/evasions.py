"""One call, NetInfo.LISTALL of /users, said in each way that hides it from a rule."""

from __future__ import annotations

from netinfo_scapy.craft.cases.case import Case
from netinfo_scapy.craft.cases.procedures import HASHES, listall
from netinfo_scapy.craft.transforms import AnyTransform
from netinfo_scapy.craft.transforms.chaff import ChaffAmbiguous
from netinfo_scapy.craft.transforms.records import RecordFragments


def _case(name: str, summary: str, *transforms: AnyTransform, findings: frozenset[str] = HASHES) -> Case:
    return Case(f"evasion-{name}", "evasion", summary, listall, transforms, findings)


CASES = (
    _case(
        "record-1-byte",
        "The call's record in fragments of one byte.",
        RecordFragments(sizes=[1]),
        findings=HASHES | {"record-fragments"},
    ),
    _case(
        "chaff-ambiguous",
        "Before the call another one at its place, as good as it is.",
        ChaffAmbiguous(),
        findings=frozenset(),
    ),
)
