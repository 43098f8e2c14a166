"""Attacks as they were carried out."""

from __future__ import annotations

from netinfo_scapy.craft.cases.case import SERVER, STRANGER, Case
from netinfo_scapy.craft.scenario import Scenario, password


def _guess(scenario: Scenario) -> None:
    udp = scenario.udp(STRANGER, SERVER)
    for word in ("root", "toor", "secret", "next", "steve", "apple"):
        call = udp.ask("NetInfo.WRITE", credential=password(word, uid=0), id=(13, 7), props={"name": "x"})
        call.reply("NI_AUTHERROR")
        scenario.wait(0.5)


CASES = (
    Case(
        "recipe-password-guessing",
        "recipe",
        "Writes to a directory with one password of root after the other, each refused.",
        _guess,
        findings=frozenset({"password-guessing", "password-in-credential"}),
    ),
)
