"""What is on one port: asked with calls that every server of the program answers, PING and NULL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from netinfo_scapy.analysis.probed import PortProbed, Verdict
from netinfo_scapy.live import calls
from netinfo_scapy.live.client import NetInfo_Client, Nibind_Client, Portmap_Client
from netinfo_scapy.live.errors import (
    AcceptedError,
    BadAnswerError,
    ClientError,
    ClosedError,
    NoAnswerError,
    RefusedError,
    RpcError,
    Step,
    TransportError,
    UnreachableError,
)
from netinfo_scapy.live.probe.pace import Pace
from netinfo_scapy.live.rpc_client import RpcClient
from netinfo_scapy.protocol.programs import PORTMAP_PORT

UDP_TRANSMISSIONS = 2
_LAST_WORDS = 1.0
"""Seconds in which a server that did not answer may say what it thinks of the call, once nothing more is to come."""

_PROG_UNAVAIL, _PROG_MISMATCH = 1, 2
_ASKED: dict[str, tuple[type[RpcClient], str]] = {
    "NetInfo": (NetInfo_Client, "PING"),
    "nibind": (Nibind_Client, "PING"),
    "portmap": (Portmap_Client, "NULL"),
}
_VERDICTS: tuple[tuple[str, Verdict], ...] = (("NetInfo", "netinfo"), ("nibind", "nibind"))


class Heard(NamedTuple):
    """How one call went. verdict: None where RPC answered; then `served` is whether the program is there."""

    verdict: Verdict | None
    served: bool
    evidence: str


def probe_port(host: str, port: int, transport: str, pace: Pace, timeout: float) -> PortProbed:
    """What is on a port of a host. Raises UnresolvedError."""
    programs: list[str] = []
    evidence: list[str] = []
    verdict: Verdict = "rpc"
    for name in _order(port):
        kind, ping = _ASKED[name]
        heard = _ask(pace.client(kind, transport, transmissions=UDP_TRANSMISSIONS), host, port, ping, timeout)
        evidence.append(heard.evidence)
        if heard.served:
            programs.append(name)
        if heard.verdict is not None:
            # Who answered before is RPC, whatever this was.
            verdict = heard.verdict if len(evidence) == 1 else verdict
            break
        if name == "nibind" and programs:
            break
    verdict = next((each for name, each in _VERDICTS if name in programs), verdict)
    return PortProbed(port, "udp" if transport == "udp" else "tcp", verdict, programs, evidence)


def _order(port: int) -> Iterator[str]:
    """The programs that a port is asked for; nothing of NetInfo is served where the port mapper is."""
    yield from ("portmap",) if port == PORTMAP_PORT else _ASKED


def _ask(client: RpcClient, host: str, port: int, ping: str, timeout: float) -> Heard:
    asked = f"{client.program.name}.{ping}"
    try:
        with client.connect(host, port, timeout):
            try:
                client.call(ping)
            except NoAnswerError as error:
                if client.transport == "udp":
                    return Heard("filtered", False, _after(error))
                return _at_last(client, ping, error)
    except AcceptedError as error:
        return Heard(None, error.number == _PROG_MISMATCH, _after(error))
    except RpcError as error:
        return Heard(None, False, _after(error))
    except (RefusedError, NoAnswerError, UnreachableError) as error:
        return Heard("closed" if isinstance(error, RefusedError) else "filtered", False, _after(error))
    except ClosedError as error:
        return Heard("silent", False, f"{asked}: {error.reason}")
    except BadAnswerError as error:
        return Heard("not-rpc", False, _after(error))
    return Heard(None, True, f"{asked}: SUCCESS")


def _at_last(client: RpcClient, ping: str, silence: NoAnswerError) -> Heard:
    """A server took the connection and waits; perhaps for more than a call. It is told that nothing more comes."""
    try:
        with client:
            # A further connection: the first one is given up.
            client.channel.send(calls.make_call(client.program, client.rows[ping], None, client.next_xid()).message)
            client.channel.end()
            client.channel.receive(time.monotonic() + _LAST_WORDS)
    except BadAnswerError as error:
        return Heard("not-rpc", False, _after(error))
    except (TimeoutError, TransportError):
        pass
    return Heard("silent", False, f"{_after(silence)}, though the connection is taken")


def _after(error: ClientError) -> str:
    return f"connect: {error.reason}" if error.step is Step.CONNECT else error.reason
