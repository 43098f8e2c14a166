from __future__ import annotations

import pytest

from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import RPCBIND_3, RPCBIND_4
from netinfo_scapy.protocol.programs import PROGRAMS, procedure_name
from netinfo_scapy.protocol.rpc import FLAVOR
from netinfo_scapy.protocol.table import Kind


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        ((200100000, 2, 10), "NetInfo.LOOKUP"),
        ((200100000, 2, 29), "NetInfo.PROC_29"),
        ((200100000, 1, 10), "200100000.1.10"),
        ((200100001, 1, 3), "nibind.GETREGISTER"),
        ((200100002, 2, 7), "200100002.2.7"),
        ((100000, 2, 3), "portmap.GETPORT"),
        ((100000, 3, 5), "rpcbind.CALLIT"),
        ((100000, 4, 5), "rpcbind.BCAST"),
        ((100026, 1, 2), "bootparam.GETFILE"),
    ],
)
def test_names(numbers: tuple[int, int, int], name: str) -> None:
    assert procedure_name(*numbers) == name


def test_every_procedure_is_there_once() -> None:
    assert [row.number for row in NETINFO.procedures] == list(range(29))
    assert [row.number for row in NIBIND.procedures] == list(range(9))
    assert sorted(row.number for row in RPCBIND_3.procedures) == list(range(9))
    assert sorted(row.number for row in RPCBIND_4.procedures) == list(range(13))
    for program in PROGRAMS:
        assert len({row.name for row in program.procedures}) == len(program.procedures)


def test_what_writes() -> None:
    """docs/protocol.md names the ten."""
    assert {row.name for row in NETINFO.procedures if row.kind is Kind.WRITE} == {
        "CREATE",
        "DESTROY",
        "WRITE",
        "CREATEPROP",
        "DESTROYPROP",
        "WRITEPROP",
        "RENAMEPROP",
        "CREATENAME",
        "DESTROYNAME",
        "WRITENAME",
    }


def test_unknown_numbers_are_named() -> None:
    assert NI_STATUS.label(57) == "NI_57"
    assert FLAVOR.label(57) == "AUTH_57"
