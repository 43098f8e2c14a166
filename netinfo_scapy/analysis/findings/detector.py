"""What a detector is.

It works in two steps, because the messages of an input are divided among processes:

* of a single message, or of a body, it notes clues (`read`, `message`, `event`). They depend on
  nothing else, and are added up (clues.py);
* at the end, it concludes from the sums, of all servers at once, and from what else is known
  of the input (`conclude`, view.py).

`needs` tells what has to be shown to it. What no detector needs is not decoded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

from netinfo_scapy.analysis.findings.draft import Draft
from netinfo_scapy.analysis.findings.evidence import Evidence, Key
from netinfo_scapy.analysis.summary import Severity
from netinfo_scapy.capture.events import Connection, NotRpc, Offer
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.anomalies import Anomaly

if TYPE_CHECKING:
    from netinfo_scapy.analysis.findings.view import View


class Bodies(Struct, frozen=True):
    """Successful answers that a detector reads.

    procedures: as `NetInfo.READ`. mentioning: names of properties; one of them stands, as a string, in the call
    or in the answer. Empty: all are read.
    """

    procedures: frozenset[str]
    mentioning: tuple[bytes, ...] = ()


class Alike(Enum):
    """For which ordinary messages `message` gives the same clues: it is asked once, and the others are counted.

    PEERS: those of one client address, server endpoint, procedure, direction and status, whose calls are all from a
    port below 1024, or none, and all with a uid, or none. Of the peers themselves nothing may count but the transport,
    the server's port, and whether they have one address. BODY: replies that are the same, to calls that are the same,
    but for their headers.
    """

    NONE = 0
    PEERS = 1
    BODY = 2


class Needs(Struct, frozen=True):
    """What a detector has to be shown.

    bodies: for `read`. The rest is for `message` and `event`; each comes once, retransmissions and duplicate
    replies never, but for answers to what a port mapper passed on (CALLIT): several hosts may give one. calls:
    calls of these procedures. replies: replies to these, with one of `statuses` (of ni_status), or any if that is
    None. alike: which of these need not be shown one by one. xids: calls of these procedures with one of these xids.
    passwords: calls whose credential carries a password, and their replies. fragments: calls in more than
    one record fragment. anomalies: messages with one of these. failures: replies without success, as RPC has it.
    unknown: calls of procedures that are not known, and their replies. connections: TCP connections whose SYN was
    seen. strays: what is no RPC. offers: DHCP replies that name a NetInfo parent.
    """

    bodies: tuple[Bodies, ...] = ()
    calls: frozenset[str] = frozenset()
    replies: frozenset[str] = frozenset()
    statuses: frozenset[int] | None = None
    alike: Alike = Alike.NONE
    xids: Mapping[str, Collection[int]] = {}
    passwords: bool = False
    fragments: bool = False
    anomalies: frozenset[Anomaly] = frozenset()
    failures: bool = False
    unknown: bool = False
    connections: bool = False
    strays: bool = False
    offers: bool = False


class About(Struct, frozen=True):
    """What the documentation says of a detector.

    title, meaning, advice: what it finds, in a line; what that means; what to do. silent: what looks alike and is not
    found. details: what the keys of the details mean. references: where to read on.
    """

    title: str
    meaning: str
    advice: str
    silent: str
    details: dict[str, str]
    references: tuple[str, ...]


class Detector(ABC):
    """Something that can be found.

    id: as `findings --explain` takes it; it stays. severity: the highest of its findings.
    """

    id: ClassVar[str]
    severity: ClassVar[Severity]
    about: ClassVar[About]
    needs: ClassVar[Needs] = Needs()

    def read(self, procedure: str, arguments: dict[str, Any] | None, result: dict[str, Any] | None) -> Iterable[Key]:
        """The clues in a successful answer and its call. It is asked once for equal ones, so nothing else may count.

        arguments, result: as the codec gives them; None where void, or where they are not to be read.
        """
        return ()

    def message(self, message: Message) -> Iterable[Key]:
        """The clues in a message."""
        return ()

    def event(self, event: Connection | NotRpc | Offer) -> Iterable[Key]:
        """The clues in what is no message."""
        return ()

    @abstractmethod
    def conclude(self, evidence: Sequence[Evidence], view: View) -> Iterable[Draft]:
        """What all the clues come to. evidence: in order of servers, clients and keys."""
