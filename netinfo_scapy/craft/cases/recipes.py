"""Attacks as they were, or can be, carried out: what an investigator finds of each."""

from __future__ import annotations

from netinfo_scapy.craft.cases import recipes_of_binding, recipes_of_reading, recipes_of_writing

CASES = (*recipes_of_reading.CASES, *recipes_of_writing.CASES, *recipes_of_binding.CASES)
