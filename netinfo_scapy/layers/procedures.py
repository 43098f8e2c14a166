"""What the classes of calls and replies share, and how a module of them is made known."""

from __future__ import annotations

from typing import Any, ClassVar

from scapy.fields import ConditionalField
from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet

from netinfo_scapy.layers.known import Classes
from netinfo_scapy.layers.registry import register_rpc_program
from netinfo_scapy.layers.structs import XDRPacket
from netinfo_scapy.protocol.netinfo import NI_ID, NI_STATUS
from netinfo_scapy.protocol.programs import PORTMAP_PORT
from netinfo_scapy.protocol.table import Procedure, Program

_MOST_SAID = 100
"""Characters of a summary's values."""


def rows(program: Program) -> dict[str, Procedure]:
    """A program's procedures by name."""
    return {row.name: row for row in program.procedures}


class _Body(XDRPacket):
    """Arguments or a result. row: their procedure. title: `NetInfo.LOOKUP`."""

    row: ClassVar[Procedure]
    title: ClassVar[str] = ""

    def answers(self, _other: Packet) -> int:
        """The xid has told already."""
        return 1

    def _values(self) -> str:
        said = []
        field: Any
        for field in self.fields_desc:
            value = self.getfieldval(field.name)
            hidden = field.name.endswith(("_count", "_flag", "_end")) or field.name == "status"
            if hidden or (isinstance(field, ConditionalField) and not field._evalcond(self)):
                continue
            name = field.name.rstrip("_")
            if isinstance(value, XDRPacket) and value.xdr == NI_ID:
                said.append(f"{name}={value.object}/{value.instance}")
            elif not field.holds_packets:
                said.append(f"{name}={field.i2repr(self, value)}")
        text = " ".join(said)
        return text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID]}..."


class Call(_Body):
    """The arguments of a call."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "row" in cls.__dict__:
            cls.xdr = cls.row.arguments
        super().__init_subclass__(**kwargs)

    def mysummary(self) -> Any:
        """The procedure and the plain arguments."""
        return f"{self.title} {self._values()}".rstrip(), [UDP, TCP]


class Reply(_Body):
    """The result of a call that succeeded."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "row" in cls.__dict__ and "xdr" not in cls.__dict__:
            cls.xdr = cls.row.result
        super().__init_subclass__(**kwargs)

    def mysummary(self) -> Any:
        """The procedure, its status and the plain values."""
        status = ""
        if "status" in self.default_fields:
            status = NI_STATUS.label(int(self.getfieldval("status")))
        return " ".join(f"{self.title} reply {status} {self._values()}".split()), [UDP, TCP]


class PortmapCall(Call):
    """A call to the port mapper."""

    default_port = PORTMAP_PORT


class PortmapReply(Reply):
    """A reply of the port mapper."""


def register(program: Program, module: dict[str, Any], prefix: str) -> None:
    """Make a program's classes known, by their names in a module: PREFIX_PROCEDURE_Call and _Reply."""
    found: dict[int, Classes] = {}
    for row in program.procedures:
        names = [f"{prefix}_{row.name}_{each}" for each in ("Call", "Reply", "Reply_Previous")]
        classes = Classes(module[names[0]], module[names[1]], module.get(names[2]))
        cls: Any
        for cls in classes:
            if cls is not None:
                cls.title = f"{program.name}.{row.name}"
                cls._name = f"{program.name} {row.name} {'call' if cls is classes.call else 'reply'}"
        found[row.number] = classes
    register_rpc_program(program.number, program.version, found)
