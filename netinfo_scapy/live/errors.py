"""What can go wrong between a client and a server, and which step of the way it was.

ClientError
|-- UsageError           what was asked for cannot be sent
|-- TransportError       the network: UnresolvedError, RefusedError, UnreachableError,
|                        NoAnswerError, ClosedError
|-- BadAnswerError       what came back is no answer to the call
|-- NotRegisteredError   portmap or nibind does not know what was looked for
|-- RpcError             the server did not carry the call out: AcceptedError, DeniedError
`-- StatusError          it did, and NetInfo says no: a class for each ni_status
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import Mismatch, ReplyHeader
from netinfo_scapy.protocol.netinfo import NI_STATUS


class Step(StrEnum):
    """The steps of the way to an answer."""

    PORTMAP = "portmap"
    NIBIND = "nibind"
    CONNECT = "connect"
    CALL = "call"


class ClientError(Exception):
    """A call, or what has to come before it, failed. Its text is one line.

    step: of the way. server: what was asked, as `192.0.2.1 port 961/tcp`. reason: the text without the two.
    """

    def __init__(self, step: Step, server: str, reason: str) -> None:
        super().__init__(f"{server}: {step.value}: {reason}")
        self.step = step
        self.server = server
        self.reason = reason


class UsageError(ClientError):
    """What was asked for cannot be sent: no connection, a value that does not fit, a right that is missing."""


class TransportError(ClientError):
    """The network did not bring an answer."""


class UnresolvedError(TransportError):
    """The host has no address."""


class RefusedError(TransportError):
    """Nothing listens there: a reset, or ICMP's port unreachable."""


class UnreachableError(TransportError):
    """The network cannot deliver."""


class NoAnswerError(TransportError):
    """Nothing that answers came in time."""


class ClosedError(TransportError):
    """The server closed the connection before it answered."""


class BadAnswerError(ClientError):
    """What came back is no answer: not RPC, cut short, or not of the procedure's type."""


class NotRegisteredError(ClientError):
    """The port mapper knows no nibind, or nibind not the tag's port."""


class RpcError(ClientError):
    """The server answered, but did not carry out the call (RFC 5531, 9)."""


class AcceptedError(RpcError):
    """The call was accepted, and could not be carried out.

    number, name: of the accept_stat. mismatch: the versions that the server has, with PROG_MISMATCH.
    """

    def __init__(self, step: Step, server: str, call: str, number: int, mismatch: Mismatch | None) -> None:
        self.number = number
        self.name = rpc.ACCEPT_STATUS.label(number)
        self.mismatch = mismatch
        super().__init__(step, server, f"{call}: {self.name}{_versions(mismatch)}")


class DeniedError(RpcError):
    """The call was denied.

    number, name: of the reject_stat. auth_number, auth_name: of the auth_stat, with AUTH_ERROR, else None.
    mismatch: the RPC versions that the server has, with RPC_MISMATCH.
    """

    def __init__(
        self, step: Step, server: str, call: str, number: int, auth_number: int | None, mismatch: Mismatch | None
    ) -> None:
        self.number = number
        self.name = rpc.REJECT_STATUS.label(number)
        self.auth_number = auth_number
        self.auth_name = None if auth_number is None else rpc.AUTH_STATUS.label(auth_number)
        self.mismatch = mismatch
        detail = f"/{self.auth_name}" if self.auth_name else _versions(mismatch)
        super().__init__(step, server, f"{call}: {self.name}{detail}")


def _versions(mismatch: Mismatch | None) -> str:
    return f" {mismatch.low}..{mismatch.high}" if mismatch else ""


def rpc_error(step: Step, server: str, call: str, header: ReplyHeader) -> RpcError | None:
    """What a whole reply header says went wrong; None where the call was carried out."""
    if header.reject_status is not None:
        return DeniedError(step, server, call, header.reject_status, header.auth_status, header.mismatch)
    if header.accept_status is not None and header.accept_status != rpc.SUCCESS:
        return AcceptedError(step, server, call, header.accept_status, header.mismatch)
    return None


class StatusError(ClientError):
    """The server carried out the call, and its answer is an ni_status other than NI_OK.

    number, name: of the status. call: the procedure, as `NetInfo.READ`. A number that NetInfo does not know makes a
    plain `StatusError`.
    """

    number: int = -1
    _kinds: ClassVar[dict[int, type[StatusError]]] = {}

    def __init_subclass__(cls) -> None:
        StatusError._kinds[cls.number] = cls

    def __init__(self, step: Step, server: str, call: str, number: int) -> None:
        self.number = number
        self.name = NI_STATUS.label(number)
        self.call = call
        meaning = (type(self).__doc__ or "") if number in self._kinds else ""
        text = f": {meaning[0].lower()}{meaning[1:].rstrip('.')}" if meaning else ""
        super().__init__(step, server, f"{call}: {self.name}{text}")

    @classmethod
    def of(cls, step: Step, server: str, call: str, number: int) -> StatusError:
        """The error of a status."""
        return cls._kinds.get(number, StatusError)(step, server, call, number)


class BadIdError(StatusError):
    """there is no such object."""

    number = 1


class StaleError(StatusError):
    """the object was written since its id was read."""

    number = 2


class NoSpaceError(StatusError):
    """the server has no room."""

    number = 3


class PermissionDeniedError(StatusError):
    """The user may not do that."""

    number = 4


class NoDirectoryError(StatusError):
    """there is no such directory."""

    number = 5


class NoPropertyError(StatusError):
    """the directory has no such property."""

    number = 6


class NoNameError(StatusError):
    """the property has no such value."""

    number = 7


class NotEmptyError(StatusError):
    """the directory has children."""

    number = 8


class UnrelatedError(StatusError):
    """the directory is no child of that parent."""

    number = 9


class SerialError(StatusError):
    """the serial number is wrong."""

    number = 10


class NetRootError(StatusError):
    """The domain is the root domain."""

    number = 11


class NoResponseError(StatusError):
    """the server asked another one, which did not answer."""

    number = 12


class ReadOnlyError(StatusError):
    """the server takes no writes: it is a clone."""

    number = 13


class ServerError(StatusError):
    """something failed on the server's side."""

    number = 14


class AliveError(StatusError):
    """the server is alive."""

    number = 15


class NotMasterError(StatusError):
    """only the domain's master does that."""

    number = 16


class NoAddressError(StatusError):
    """the server cannot find an address."""

    number = 17


class DuplicateTagError(StatusError):
    """the tag is served already."""

    number = 18


class NoTagError(StatusError):
    """the host serves no such tag."""

    number = 19


class BadPasswordError(StatusError):
    """the password is wrong, or none was given."""

    number = 20


class NoUserError(StatusError):
    """there is no such user."""

    number = 21


class MasterBusyError(StatusError):
    """the master is sending its database; try again."""

    number = 22


class InvalidDomainError(StatusError):
    """the domain is invalid."""

    number = 23


class BadOperationError(StatusError):
    """the operation is invalid."""

    number = 24


class FailedError(StatusError):
    """it failed."""

    number = 9999
