"""A port mapper of its own, version 2 (RFC 1833, 3), for a host that has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netinfo_scapy.capture.flows import Endpoint
from netinfo_scapy.live.responder.service import (
    Caller,
    Failed,
    Refused,
    Service,
    Silent,
    read_arguments,
    result_type,
)
from netinfo_scapy.protocol.codec import XdrError, encode
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.programs import find_procedure
from netinfo_scapy.protocol.table import Procedure

MOST_MAPPINGS = 4_096
"""Registrations that are kept; a host has some dozens."""

_LOOPBACK = Endpoint(bytes((127, 0, 0, 1)), 0xFFFF)
_FRAGMENT = 3996

Arguments = Mapping[str, Any]
Result = dict[str, Any]
Key = tuple[int, int, int]


class Portmapper:
    """Program, version and protocol -> port. services: those of this host that CALLIT can call."""

    program = PORTMAP
    own_results = False
    fragment = _FRAGMENT

    def __init__(self) -> None:
        self.mappings: dict[Key, int] = {}
        self.services: dict[int, Service] = {}

    def offers(self, _row: Procedure) -> bool:
        """All there are."""
        return True

    def offers_over_udp(self, _row: Procedure | None) -> bool:
        """Both transports are alike; an unknown procedure is PROC_UNAVAIL."""
        return True

    def trusts(self, _caller: Caller) -> bool:
        """Everybody may ask."""
        return True

    def call(self, row: Procedure, caller: Caller, arguments: Arguments) -> Result | None:
        """Carry a call out. Raises Silent."""
        return _PROCEDURES[row.name](self, caller, arguments)

    def _null(self, _caller: Caller, _given: Arguments) -> None:
        return None

    def _set(self, caller: Caller, given: Arguments) -> Result:
        key = given["program"], given["version"], given["protocol"]
        if not caller.is_root_here or key in self.mappings or len(self.mappings) >= MOST_MAPPINGS:
            return {"done": False}
        self.mappings[key] = given["port"]
        return {"done": True}

    def _unset(self, caller: Caller, given: Arguments) -> Result:
        wanted = given["program"], given["version"]
        gone = [key for key in self.mappings if key[:2] == wanted] if caller.is_root_here else []
        for key in gone:
            del self.mappings[key]
        return {"done": bool(gone)}

    def _getport(self, _caller: Caller, given: Arguments) -> Result:
        program, version, protocol = given["program"], given["version"], given["protocol"]
        # A version that is not there gets another one's port: its server tells which it has.
        near = (port for (mapped, _, over), port in self.mappings.items() if (mapped, over) == (program, protocol))
        return {"port": self.mappings.get((program, version, protocol)) or next(near, 0)}

    def _dump(self, _caller: Caller, _given: Arguments) -> Result:
        names = ("program", "version", "protocol", "port")
        return {"mappings": [dict(zip(names, (*key, port), strict=True)) for key, port in self.mappings.items()]}

    def _callit(self, caller: Caller, given: Arguments) -> Result:
        program, version = given["program"], given["version"]
        row = find_procedure(program, version, given["procedure"])
        service, port = self.services.get(program), self.mappings.get((program, version, 17))
        if row is None or service is None or port is None or not (service.offers(row) and service.offers_over_udp(row)):
            raise Silent
        try:
            arguments = read_arguments(row, given["arguments"]) or {}
            result = service.call(row, caller._replace(peer=_LOOPBACK), arguments)
        except (XdrError, Refused, Failed):
            raise Silent from None
        xdr = result_type(service, row)
        return {"port": port, "result": encode(xdr, result or {}) if xdr else b""}


_PROCEDURES: dict[str, Callable[[Portmapper, Caller, Arguments], Result | None]] = {
    "NULL": Portmapper._null,
    "SET": Portmapper._set,
    "UNSET": Portmapper._unset,
    "GETPORT": Portmapper._getport,
    "DUMP": Portmapper._dump,
    "CALLIT": Portmapper._callit,
}
