"""Passwords in credentials, and whether the server took them."""

from __future__ import annotations

from enum import StrEnum

from netinfo_scapy.analysis.naming import credential_of
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import RESERVED_BELOW
from netinfo_scapy.protocol.secret import Secret, carried_password
from netinfo_scapy.protocol.table import Kind

_STATISTICS = "NetInfo.STATISTICS"

_NUMBERS = {name: number for number, name in NI_STATUS.members}


def _statuses(*names: str) -> frozenset[int]:
    return frozenset(_NUMBERS[name] for name in names)


class Verdict(StrEnum):
    """What a message says of the password in a call. ASKED: it is the call."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNTOLD = "untold"


REFUSALS = _statuses("NI_AUTHERROR", "NI_NOUSER")
"""How a write is answered whose password is wrong, or whose user is unknown."""

_AFTER_CREDENTIALS = _statuses(
    "NI_OK",
    "NI_BADID",
    "NI_STALE",
    "NI_NOSPACE",
    "NI_PERM",
    "NI_NODIR",
    "NI_NOPROP",
    "NI_NONAME",
    "NI_NOTEMPTY",
    "NI_UNRELATED",
)
"""What a server says of a write only after it has looked at the credentials, which it does first."""

_VERDICTS: dict[int, tuple[Kind, dict[int, Verdict]]] = {
    NETINFO.number: (
        Kind.WRITE,
        dict.fromkeys(REFUSALS, Verdict.REFUSED) | dict.fromkeys(_AFTER_CREDENTIALS, Verdict.ACCEPTED),
    ),
    NIBIND.number: (
        Kind.ADMIN,
        dict.fromkeys(_statuses("NI_PERM"), Verdict.REFUSED)
        | dict.fromkeys(_statuses("NI_OK", "NI_NOTAG", "NI_DUPTAG"), Verdict.ACCEPTED),
    ),
}
"""Program -> the procedures for which it looks at credentials, and what its statuses then say."""


def password_of(call: Message) -> tuple[int, Secret] | None:
    """The uid and the password in a call's credential; None where it carries none."""
    credential = credential_of(call)
    if credential is None:
        return None
    walks = call.walks
    password = carried_password(credential["machinename"], walks is not None and walks.name == _STATISTICS)
    return None if password is None else (credential["uid"], password)


def verdict_of(message: Message) -> Verdict:
    """What a call with a password, or the reply to one, says of the password.

    A call from a reserved port of the server's own address is let through whatever its credential says, and reads are
    let through for everyone.
    """
    call = message.call
    if message.is_call or call is None:
        return Verdict.ASKED
    row, lane = call.row, call.record.lane
    kind, verdicts = _VERDICTS.get(call.program, (None, {}))
    if row is None or row.kind is not kind or message.status is None:
        return Verdict.UNTOLD
    if call.client.address == call.server.address and lane.source_port < RESERVED_BELOW:
        return Verdict.UNTOLD
    return verdicts.get(message.status, Verdict.UNTOLD)
