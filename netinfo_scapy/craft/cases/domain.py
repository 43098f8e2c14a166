"""The domain that most cases are about: `network` on 192.0.2.1, with a few users."""

from __future__ import annotations

from typing import Any, NamedTuple

ROOT, MACHINES, USERS, OPERATOR, ANNA, BERT = (0, 9), (3, 4), (13, 7), (14, 0), (15, 2), (16, 1)
"""Ids of directories, each with its instance."""

ANNA_HASH = "ab3hZ1bMpFb9k"
SERVER_ADDRESS = "192.0.2.1"

Properties = dict[str, str | list[str]]

ROOT_PROPERTIES: Properties = {"master": "server/network", "trusted_networks": ["192.0.2"]}
ACCOUNTS: dict[tuple[int, int], Properties] = {
    OPERATOR: {"name": "operator", "passwd": "*", "uid": "5", "gid": "5", "home": "/", "shell": ""},
    ANNA: {"name": "anna", "passwd": ANNA_HASH, "uid": "501", "gid": "20", "home": "/Users/anna", "shell": "/bin/csh"},
    BERT: {"name": "bert", "passwd": "*", "uid": "502", "gid": "20", "home": "/Users/bert", "shell": "/bin/csh"},
}
USERS_PROPERTIES: Properties = {"name": "users"}
MACHINE: Properties = {"name": "server", "ip_address": SERVER_ADDRESS, "serves": ["./network"]}


class Answered(NamedTuple):
    """A call by name, and what succeeds it. arguments, result: plain values by name; over UDP where it says so."""

    procedure: str
    arguments: dict[str, Any] = {}  # noqa: RUF012 - never changed
    result: dict[str, Any] = {}  # noqa: RUF012 - never changed
    udp: bool = False
    findings: frozenset[str] = frozenset()
    port: int | None = None


def objects() -> list[dict[str, Any]]:
    """All of the domain, as READALL gives it: depth first, a parent before its children."""
    tree = (
        (ROOT, ROOT_PROPERTIES, 0, [MACHINES[0], USERS[0]]),
        (MACHINES, {"name": "machines"}, ROOT[0], []),
        (USERS, USERS_PROPERTIES, ROOT[0], [each[0] for each in ACCOUNTS]),
        *((number, properties, USERS[0], []) for number, properties in ACCOUNTS.items()),
    )
    return [
        {"id": number, "props": properties, "parent": parent, "children": children}
        for number, properties, parent, children in tree
    ]
