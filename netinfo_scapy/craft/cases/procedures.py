"""A case for each procedure: a call and its reply."""

from __future__ import annotations

from netinfo_scapy.craft.cases.case import CLIENT, SERVER, Case
from netinfo_scapy.craft.scenario import Scenario

HASHES = frozenset({"password-hashes"})
"""What the analyzer says of a reply that holds some."""


def listall(scenario: Scenario) -> None:
    """LISTALL of /users: what a dump of the accounts asks for."""
    users = [{"name": "root", "passwd": "*", "uid": "0"}, {"name": "anna", "passwd": "ab3hZ1bMpFb9k", "uid": "501"}]
    tcp = scenario.tcp(CLIENT, SERVER)
    tcp.ask("NetInfo.LISTALL", id=(13, 7)).reply(self_id=(13, 7), entries=users)


CASES = (
    Case("procedure-netinfo-listall", "procedure", "NetInfo.LISTALL over TCP, answered.", listall, findings=HASHES),
)
