"""Client against responder, held against the tables: every procedure on both transports, every status, no one left out.

What is asked is listed here; that nothing is missing is asked of `protocol/` (the procedures and statuses that there
are) and of the responder's sources (the statuses that it can give).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import netinfo_scapy.live.responder as room
from netinfo_scapy.live import errors
from netinfo_scapy.live.client import Forwarding_Client, NetInfo_Client, Nibind_Client
from netinfo_scapy.live.responder.dialects import DIALECTS
from netinfo_scapy.live.responder.nibindd import Ports
from netinfo_scapy.live.responder.store import KeepError
from netinfo_scapy.live.rpc_client import RpcClient
from netinfo_scapy.protocol.netinfo import NETINFO, NI_STATUS
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.portmap import PORTMAP
from netinfo_scapy.protocol.table import Program
from tests.support.responders import Responding, responder
from tests.support.servers import HOST, free_port
from tests.support.start import start_objects

END = 0xFFFFFFFF
CRYPTED = b"abz3GtcEvEtv6"
ROOT = {"uid": 0, "password": "rootpw"}
CLIENTS: dict[Program, type[RpcClient]] = {
    NETINFO: NetInfo_Client,
    NIBIND: Nibind_Client,
    PORTMAP: Forwarding_Client,
}
WHERE = {NETINFO: "network", NIBIND: "nibind", PORTMAP: "portmap"}

NOT_GIVEN = {
    "NI_SERIAL": "no published server gives it",
    "NI_SYSTEMERR": "no published server gives it; a failure is RPC's SYSTEM_ERR",
    "NI_ALIVE": "the client library's own",
    "NI_CANTFINDADDRESS": "the client library's own",
    "NI_INVALIDDOMAIN": "the client library's own",
    "NI_BADOP": "the client library's own",
    "NI_FAILED": "the client library's own",
}
"""Statuses that no call is answered with."""


class Ask(NamedTuple):
    """A call, and what it must be answered with where it is carried out."""

    name: str
    given: tuple[object, ...] = ()
    said: str = "OK"


def instance(number: int, count: int = 0) -> dict[str, int]:
    return {"object": number, "instance": count}


# One after the other: writes change what the next ones find.
ASKED: dict[Program, tuple[Ask, ...]] = {
    NETINFO: (
        Ask("PING"),
        Ask("STATISTICS"),
        Ask("ROOT"),
        Ask("SELF", (3,)),
        Ask("PARENT", (3,)),
        Ask("CREATE", (instance(0, 9), {"name": "office"}, END)),
        Ask("READ", (16,)),
        Ask("CREATEPROP", (instance(16), ("phones", ["1", "2"]), END)),
        Ask("READPROP", (16, 1)),
        Ask("WRITEPROP", (instance(16, 1), 1, ["3", "4"])),
        Ask("CREATENAME", (instance(16, 2), 1, "0", 0)),
        Ask("READNAME", (16, 1, 0)),
        Ask("WRITENAME", (instance(16, 3), 1, 0, "9")),
        Ask("DESTROYNAME", (instance(16, 4), 1, 0)),
        Ask("RENAMEPROP", (instance(16, 5), 1, "telephones")),
        Ask("LISTPROPS", (16,)),
        Ask("DESTROYPROP", (instance(16, 6), 1)),
        Ask("WRITE", (instance(16, 7), {"name": "bureau"})),
        Ask("CHILDREN", (0,)),
        Ask("LOOKUP", (0, "name", "bureau")),
        Ask("LOOKUPREAD", (0, "name", "bureau")),
        Ask("LIST", (0, "name")),
        Ask("LISTALL", (0,)),
        Ask("DESTROY", (instance(0, 10), instance(16, 8))),
        Ask("RPARENT", (), "NI_NETROOT"),
        Ask("BIND", ("local", HOST)),
        Ask("READALL", (END,)),
        Ask("CRASHED", (1,)),
        Ask("RESYNC"),
    ),
    NIBIND: (
        Ask("PING"),
        Ask("REGISTER", ("other", 700, 701)),
        Ask("GETREGISTER", ("network",)),
        Ask("LISTREG"),
        Ask("UNREGISTER", ("other",)),
        Ask("CREATEMASTER", ("made",)),
        Ask("CREATECLONE", ("copied", "far", "192.0.2.1", "made")),
        Ask("DESTROYDOMAIN", ("copied",)),
        Ask("BIND", (HOST, "local", "network")),
    ),
    PORTMAP: (
        Ask("NULL"),
        Ask("SET", (100_099, 1, 6, 700)),
        Ask("GETPORT", (NIBIND.number, 1, 17, 0)),
        Ask("DUMP"),
        Ask("UNSET", (100_099, 1, 6, 0)),
        Ask("CALLIT", (NIBIND.number, 1, 3, b"\0\0\0\7network\0")),
    ),
}


def said(client: RpcClient, name: str, *given: object) -> str:
    try:
        client.call(name, *given)
    except (errors.StatusError, errors.AcceptedError) as error:
        return error.name
    except errors.DeniedError as error:
        return str(error.auth_name)
    return "OK"


def place(at_work: Responding, program: Program, transport: str) -> int:
    return at_work.ports[WHERE[program]][transport == "tcp"]


def served_over(program: Program, transport: str, dialect: str) -> Mapping[str, bool]:
    """Of each procedure, whether the responder carries it out there."""
    kind = DIALECTS[dialect]
    there, over_udp = {
        NETINFO: (kind.served, kind.over_udp),
        NIBIND: (kind.nibind_served, kind.nibind_over_udp),
        PORTMAP: (frozenset(row.name for row in PORTMAP.procedures),) * 2,
    }[program]
    return {row.name: row.name in (there & over_udp if transport == "udp" else there) for row in program.procedures}


def test_every_procedure_of_the_tables_is_asked_for() -> None:
    for program, asked in ASKED.items():
        assert {each.name for each in asked} == {row.name for row in program.procedures}
        assert len(asked) == len(program.procedures)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("program", ASKED, ids=lambda program: program.name)
def test_every_procedure(program: Program, transport: str, dialect: str) -> None:
    """Carried out, or refused as that server refuses it over that transport."""
    port, carried_out, refused = free_port(), 0, 0
    served = served_over(program, transport, dialect)
    with responder(("network", "local"), dialect=dialect, portmap=port, root_password=CRYPTED) as at_work:
        credential = {} if program is PORTMAP else ROOT
        with CLIENTS[program](transport, **credential).connect(HOST, place(at_work, program, transport)) as client:
            for name, given, expected in ASKED[program]:
                answer = said(client, name, *given)
                if not served[name]:
                    assert answer == ("AUTH_TOOWEAK" if transport == "udp" else "PROC_UNAVAIL"), name
                    refused += 1
                elif dialect == "previous" and given and 16 in given:
                    assert answer == "NI_BADID", name  # it was not made
                    carried_out += 1
                elif dialect == "previous" and name.startswith("LOOKUP"):
                    assert answer == "NI_NODIR", name
                    carried_out += 1
                else:
                    assert answer == expected, name
                    carried_out += 1
    sys.stdout.write(
        f"{program.name} over {transport}, {dialect}: of {len(program.procedures)} procedures "
        f"{carried_out} carried out, {refused} refused\n"
    )
    assert carried_out == sum(served.values())


def test_a_parent_on_the_same_host() -> None:
    """RPARENT where there is one: NETROOT above is that of a domain without."""
    with responder(("network", "local")) as at_work, NetInfo_Client().connect(HOST, at_work.tcp("local")) as ni:
        assert ni.rparent()["tag"] == b"network"


class Full:
    """A disk without room."""

    def keep(self, _tag: bytes, _changes: object) -> None:
        raise KeepError("no room")

    def drop(self, _tag: bytes) -> None:
        raise KeepError("no room")


def statuses_of_a_netinfod() -> Iterator[tuple[str, str]]:
    """What a master answers, and what is expected."""
    with responder() as at_work, NetInfo_Client(**ROOT).connect(HOST, at_work.tcp()) as ni:
        users, root = ni.self(3)["id"], ni.self(0)["id"]
        yield "NI_NODIR", said(ni, "READ", 4711)
        yield "NI_STALE", said(ni, "WRITE", instance(3, 4711), {})
        yield "NI_NOPROP", said(ni, "READPROP", 4, 99)
        yield "NI_NONAME", said(ni, "READNAME", 4, 0, 99)
        yield "NI_NOTEMPTY", said(ni, "DESTROY", root, users)
        yield "NI_UNRELATED", said(ni, "DESTROY", users, ni.self(2)["id"])
        yield "NI_NETROOT", said(ni, "RPARENT")
        for expected, uid, password in (
            ("NI_PERM", None, None),
            ("NI_AUTHERROR", 0, "wrong"),
            ("NI_NOUSER", 4711, "x"),
        ):
            ni.log_in(uid, password)
            yield expected, said(ni, "CREATEPROP", users, ("x", []), END)
        ni.log_in(0, "rootpw")
        at_work.host.domains[b"network"].transfers = 1
        yield "NI_MASTERBUSY", said(ni, "CREATEPROP", users, ("x", []), END)


def statuses_of_others() -> Iterator[tuple[str, str]]:
    """Of a clone, a full disk, the Previous emulator."""
    clone = start_objects("network")
    clone[0] = clone[0]._replace(properties=({"name": b"master", "values": [b"other/network"]},))
    with responder(objects=clone) as at_work, NetInfo_Client(**ROOT).connect(HOST, at_work.tcp()) as ni:
        yield "NI_NOTMASTER", said(ni, "READALL", 0)
        yield "NI_RDONLY", said(ni, "WRITE", ni.self(3)["id"], {})
    with responder(keeper=Full()) as at_work, NetInfo_Client(**ROOT).connect(HOST, at_work.tcp()) as ni:
        yield "NI_NOSPACE", said(ni, "CREATE", ni.self(0)["id"], {"name": "x"}, END)
    with responder(dialect="previous") as at_work, NetInfo_Client().connect(HOST, at_work.tcp()) as ni:
        yield "NI_BADID", said(ni, "READ", 4711)


def statuses_of_a_nibindd() -> Iterator[tuple[str, str]]:
    with responder(root_password=CRYPTED) as at_work:
        port = at_work.ports["nibind"][1]
        at_work.host.nibindd.register(b"dead", Ports(free_port(), free_port()))
        with Nibind_Client("tcp", **ROOT).connect(HOST, port) as nibind:
            yield "NI_NOTAG", said(nibind, "GETREGISTER", "none")
            yield "NI_DUPTAG", said(nibind, "CREATEMASTER", "network")
            yield "NI_NORESPONSE", said(nibind, "GETREGISTER", "dead")


def given_by_the_sources() -> set[str]:
    """The statuses that the responder's sources name where they refuse a call."""
    names: set[str] = set()
    for path in Path(room.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                names |= {each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)}
    for kind in DIALECTS.values():
        names |= {kind.missing, kind.root_parent or kind.missing}
    return {f"NI_{name}" for name in names}


def test_every_status() -> None:
    """Each one that there is was answered here, or cannot be, and it is said why; and so each that the sources name."""
    seen = {"NI_OK"}
    for answers in (statuses_of_a_netinfod(), statuses_of_others(), statuses_of_a_nibindd()):
        for expected, answer in answers:
            assert answer == expected
            seen.add(answer)
    known = {name for _, name in NI_STATUS.members}
    assert seen | NOT_GIVEN.keys() == known
    assert not seen & NOT_GIVEN.keys()
    assert given_by_the_sources() <= seen
    sys.stdout.write(
        f"{len(seen)} of {len(known)} statuses were answered; the other {len(NOT_GIVEN)} no server gives\n"
    )
