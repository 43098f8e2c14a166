"""Messages that no correct client sends."""

from __future__ import annotations

from netinfo_scapy.craft.cases.case import Case
from netinfo_scapy.craft.cases.procedures import listall
from netinfo_scapy.craft.transforms.malformed import RpcVersion

CASES = (
    Case("malformed-rpc-version-3", "malformed", "A call of RPC version 3: none of NetInfo.", listall, (RpcVersion(),)),
)
