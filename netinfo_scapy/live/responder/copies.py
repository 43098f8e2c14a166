"""A domain that several servers hold: what its master has to tell the clones, what a clone has missed.

Nothing is sent here; `live/replication.py` does that, where it is allowed to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from netinfo_scapy.live.responder import machines
from netinfo_scapy.live.responder.store import Store
from netinfo_scapy.protocol.codec import encode
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Procedure

_ROWS = {row.name: row for row in NETINFO.procedures}
_MOST_PENDING, _MOST_BYTES = 10_000, 16 << 20
"""Updates that clones were not told of yet; with more, they are told to fetch everything."""


class Update(NamedTuple):
    """What clones are told: a write, CRASHED or RESYNC. arguments: as they are sent."""

    row: Procedure
    arguments: bytes = b""


RESYNC = Update(_ROWS["RESYNC"])
"""Fetch everything."""


class Domain(Protocol):
    """The netinfod that it is about."""

    tag: bytes
    store: Store
    host: Any


class Copies:
    """The other servers of a domain, as one of its own sees them.

    is_clone: whether that is not the master. tells: a master notes in `pending` what its clones are to be told.
    telling: clones that are being told. behind: a clone has to fetch what its master holds. wake: called when there
    is more to tell, or something to fetch.
    """

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        master = machines.master_of(domain.store)
        self.is_clone = master is not None and master != (domain.host.name, domain.tag)
        self.tells = self.behind = False
        self.pending: list[Update] = []
        self.telling = self._bytes = 0
        self.wake: Callable[[], None] = lambda: None

    def clones(self) -> list[machines.Server]:
        """The clones, as the master sees them."""
        return machines.clones_of(self._domain.store, self._domain.host.name, self._domain.tag)

    def fall_behind(self) -> None:
        """A clone does not hold what its master does."""
        if self.is_clone:
            self.behind = True
            self.wake()

    def resync(self) -> None:
        """Have everybody hold what the master does: a clone fetches that, a master tells its clones to."""
        self.fall_behind()
        self._note(RESYNC)

    def crash(self) -> None:
        """What a master tells its clones when it starts: its checksum."""
        self._note(Update(_ROWS["CRASHED"], self._domain.store.checksum.to_bytes(4, "big")))

    def hear_of_crash(self, checksum: int) -> None:
        """What a clone makes of that."""
        if checksum != self._domain.store.checksum:
            self.fall_behind()

    def wrote(self, row: Procedure, given: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """A write was done: here, or by the master."""
        made = result["id"] if row.name == "CREATE" else None
        if self.is_clone:
            if made and given["target"] not in (None, made):
                self.fall_behind()
        elif self.tells and row.arguments is not None:
            self._note(Update(row, encode(row.arguments, {**given, "target": made} if made else dict(given))))

    def taken(self) -> list[Update]:
        """All that is pending, which clones are being told now."""
        updates = self.pending[:]
        self.pending.clear()
        self._bytes = 0
        return updates

    def _note(self, update: Update) -> None:
        if not self.tells or self.is_clone or not self.clones():
            return
        self.pending.append(update)
        self._bytes += len(update.arguments)
        if len(self.pending) > _MOST_PENDING or self._bytes > _MOST_BYTES:
            self.pending[:] = [RESYNC]
            self._bytes = 0
        self.wake()
