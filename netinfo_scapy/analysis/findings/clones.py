"""Masters and clones: which servers hold a copy of a domain, and whose updates they take.

The root's `master` names the host and tag of a domain's master; a server with another address or tag is a clone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from netinfo_scapy.analysis.directory.tree import Directory, Domain, values_of
from netinfo_scapy.analysis.findings.known import Known

if TYPE_CHECKING:
    from netinfo_scapy.analysis.findings.view import View

_MASTER = b"master"


class Master(NamedTuple):
    """The master of a domain. addresses: packed, of its host; none where no directory tells them."""

    host: bytes
    tag: bytes
    addresses: frozenset[bytes]


def master_of(known: Known, domain: Domain) -> Master | None:
    """The master of the domain that a server holds, as its root names it; the one named first, should that change."""
    value = _named_first(domain)
    host, slash, tag = (value or b"").rpartition(b"/")
    return Master(host, tag, known.addresses_of(host)) if slash else None


def is_clone(domain: Domain, master: Master | None) -> bool:
    """Whether a server is known to be no master of the domain it holds."""
    if master is None:
        return False
    if domain.tag is not None and domain.tag != master.tag:
        return True
    return bool(master.addresses) and domain.address not in master.addresses


def updating(view: View, domain: Domain) -> frozenset[bytes]:
    """The addresses of which a clone's anonymous writes are updates, where the master's own changes are in the input.

    Empty where the server is no clone.
    """
    master = view.master(domain)
    if master is None or not is_clone(domain, master):
        return frozenset()
    told = any(each.tag == master.tag and each.address in master.addresses and each.changes for each in view.domains)
    return master.addresses if told else frozenset()


def _named_first(domain: Domain) -> bytes | None:
    root: Directory | None = domain.root
    for change in domain.changes:
        if root is not None and change.object == root.object and change.before is not None:
            was = values_of(change.before, _MASTER)
            if was and was[:1] != (values_of(change.after, _MASTER) or [])[:1]:
                return was[0]
    return root.first(_MASTER) if root is not None else None
