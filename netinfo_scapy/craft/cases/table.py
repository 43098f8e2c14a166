"""All cases, by kind, in the order in which they are told."""

from __future__ import annotations

from netinfo_scapy.craft.cases import evasions, malformed, negatives, procedures, recipes
from netinfo_scapy.craft.cases.case import Case

CASES: tuple[Case, ...] = (
    *procedures.CASES,
    *recipes.CASES,
    *negatives.CASES,
    *evasions.CASES,
    *malformed.CASES,
)
