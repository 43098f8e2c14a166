"""Scapy's listening socket as a source of packets for the decoder: live, sifted, counted.

Which packets are wanted is decided by `capture.sieve`, which knows learned ports at once. In the kernel, either all
of TCP and UDP passes (nothing can be missed, but a busy link costs time), or, narrowly, what is on known ports and what
begins with a call of NetInfo or nibind; that filter is put in place anew when a port is learned. What libpcap cannot
look into (fragments, extension headers of IPv6, tunnels, VLANs, MPLS, PPPoE) passes either way, to the sieve.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from select import select
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from netinfo_scapy.capture.frames import Frame, FrameRef
from netinfo_scapy.capture.interest import Interest
from netinfo_scapy.capture.sieve import Sieve
from netinfo_scapy.cli import run
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND

if TYPE_CHECKING:
    from netinfo_scapy.capture.pcapng_writer import PcapngWriter

_SOL_PACKET, _PACKET_STATISTICS, _PACKET_IGNORE_OUTGOING = 263, 6, 23
_SO_RCVBUFFORCE, _SO_ATTACH_FILTER = 33, 26
_BPF_RETURN = 0x06
_BUFFER = 32 << 20
"""Bytes that the kernel keeps for us while we are busy."""

_LONGEST = 1 << 17
"""Bytes of a packet that is taken whole: on loopback, and of what the network card puts together, more than 64 KiB."""

_ETHERNET, _RAW, _DLT_RAW = 1, 101, 12
_PERIOD = 0.25
"""Seconds for which a packet is waited for at a time."""

_MOST_PORTS = 200
"""In a filter of the kernel, which has room for so much only; with more learned, all of TCP and UDP passes."""

_FRAGMENTS = "(ip[6:2] & 0x1fff != 0) or ip6 proto 44"
_EXTENDED = "ip6 proto 0 or ip6 proto 43 or ip6 proto 60"
"""IPv6 whose first header is an extension: hop-by-hop options, routing, destination options (RFC 8200, 4)."""

_TUNNELS = "ip proto 47 or ip proto 4 or ip proto 41"
_UNSEEN = f"{_FRAGMENTS} or {_EXTENDED} or {_TUNNELS}"
_SHIMS = "ether proto 0x8847 or ether proto 0x8864 or vlan"
"""MPLS, PPPoE, VLANs. The last word is last: from it on an expression is about what is inside."""

_DIGITS = 6

_ALWAYS = FrameRef(0, 1, 1)
"""Where each packet is for the sieve: the same time for all, because those that only tell the time are of no use."""


class Dropped(NamedTuple):
    """What the kernel counted. seen: packets that passed its filter."""

    seen: int
    dropped: int


def kernel_filter(link: int, ports: set[int] | None) -> str:
    """An expression of libpcap for what may be wanted. ports: as at the top, narrowly; None: all of TCP and UDP."""
    known = ["tcp or udp"] if ports is None else [*(f"port {port}" for port in sorted(ports)), _calls()]
    return " or ".join([*known, _UNSEEN, *([_SHIMS] if link == _ETHERNET else [])])


def _calls() -> str:
    """The program number of a call: behind the header of UDP or TCP, the record mark, and three words."""
    udp4, tcp4 = "udp[20:4]", "tcp[((tcp[12] & 0xf0) >> 2) + 16:4]"
    udp6, tcp6 = "ip6[60:4]", "ip6[40 + ((ip6[52] & 0xf0) >> 2) + 16:4]"
    places = ((udp4, "udp"), (tcp4, "tcp"), (udp6, "ip6 proto 17"), (tcp6, "ip6 proto 6"))
    return " or ".join(
        f"({condition} and {place} = {program.number:#x})"
        for place, condition in places
        for program in (NETINFO, NIBIND)
    )


class Sniffer:
    """An interface that is listened to. narrow: as at the top of the file. writer: keeps the packets, or None.

    goes_on: asked several times a second; where it says no, the packets end.
    Raises typer.Exit where it cannot listen.
    """

    def __init__(
        self, iface: str | None, narrow: bool, writer: PcapngWriter | None, goes_on: Callable[[], bool]
    ) -> None:
        self._narrow, self._writer, self._goes_on = narrow, writer, goes_on
        self._interest: Interest | None = None
        self._filtered_for = -1
        self._counted = Dropped(0, 0)
        self._socket, self.iface = _open(iface)
        self._link = _link_of(self._socket)
        self._filters = True
        self._set_filter(None)
        _without_echo(self._socket.ins, self.iface)
        self.dropped()  # what passed before the socket was ready does not count
        self._counted = Dropped(0, 0)

    def watch(self, interest: Interest) -> None:
        """Take for wanted what this one wants, as it learns."""
        self._interest = interest
        self._widen()

    def packets(self) -> Iterator[tuple[float, int, bytes]]:
        """Time in seconds, link type, bytes of each packet that may be wanted.

        What has come by the moment of the end, and was not looked at yet, is part of it.
        """
        sieve: Sieve | None = None
        number, end = 0, math.inf
        while True:
            if end == math.inf and not self._goes_on():
                end = time.time()
            if not select([self._socket.ins], [], [], _PERIOD if end == math.inf else 0)[0]:
                if end != math.inf:
                    return
                continue
            _, data, moment = self._receive()
            if data is None:
                continue
            seconds = time.time() if moment is None else float(moment)
            if seconds > end:
                return
            number += 1
            if self._interest is not None and sieve is None:
                sieve = _primed(self._interest)
            if sieve is not None and not sieve.takes(Frame(_ALWAYS, self._link, len(data), data)):
                continue
            if self._writer is not None:
                ref = FrameRef(0, number, round(seconds * 10**6) * 1000)
                self._writer.write(Frame(ref, self._link, len(data), data), _DIGITS)
            yield seconds, self._link, data
            self._widen()

    def _receive(self) -> tuple[Any, bytes | None, Any]:
        try:
            received: tuple[Any, bytes | None, Any] = self._socket.recv_raw(_LONGEST)
        except OSError as error:
            text = f"-i {self.iface}: {error.strerror or error}; see that it is up, or give another"
            raise run.refusal(text) from None
        return received

    def _widen(self) -> None:
        """Let the kernel pass what has been learned."""
        interest = self._interest
        if not self._narrow or interest is None or len(interest.learned) == self._filtered_for:
            return
        self._filtered_for = len(interest.learned)
        ports = {number for number, wanted in enumerate(interest.ports) if wanted and number}
        self._set_filter(ports if len(ports) <= _MOST_PORTS else None)

    def _set_filter(self, ports: set[int] | None) -> None:
        """Without libpcap, which translates filters, the kernel passes everything and the sieve does the work."""
        from scapy.error import Scapy_Exception

        if not self._filters:
            return
        try:
            _attach(self._socket.ins, kernel_filter(self._link, ports), self.iface)
        except (ImportError, OSError, Scapy_Exception):
            self._filters = False

    def dropped(self) -> Dropped:
        """What the kernel counted so far; zeros where it does not tell."""
        try:
            told = self._socket.ins.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        except OSError:
            return self._counted
        seen, dropped = struct.unpack("II", told)
        # Asking sets the kernel's counters back.
        self._counted = Dropped(self._counted.seen + seen, self._counted.dropped + dropped)
        return self._counted

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def _primed(interest: Interest) -> Sieve:
    """A sieve that has seen its first moment; it would keep the packet of that one, whatever it is."""
    sieve = Sieve(interest.ports)
    sieve.takes(Frame(_ALWAYS, _ETHERNET, 60, bytes(60)))
    sieve.replies = False
    return sieve


def _attach(sock: socket.socket, text: str, iface: str) -> None:
    """Put a filter of the kernel in place. Raises ImportError without libpcap, OSError, Scapy_Exception."""
    from scapy.arch.common import compile_filter, free_filter
    from scapy.libs.structures import sock_fprog

    program = compile_filter(text, iface)
    try:
        for instruction in program.bf_insns[: program.bf_len]:
            # What passes is passed up to so many bytes; libpcap would have 65,535, of longer packets a part.
            if instruction.code == _BPF_RETURN and instruction.k:
                instruction.k = _LONGEST
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, sock_fprog(program.bf_len, program.bf_insns))
    finally:
        free_filter(program)


def _open(iface: str | None) -> tuple[Any, str]:
    import scapy.arch  # it finds the interfaces
    import scapy.layers.l2  # noqa: F401 - it knows link layers
    from scapy.config import conf
    from scapy.error import Scapy_Exception
    from scapy.interfaces import get_if_list

    name = str(iface or conf.iface)
    if name not in get_if_list():
        raise run.refusal(f"-i {name}: no such interface; there are {', '.join(sorted(get_if_list()))}")
    try:
        sock = conf.L2listen(iface=name)
    except PermissionError:
        raise run.refusal("sniffing needs root's rights (or CAP_NET_RAW); run it with sudo") from None
    except (OSError, Scapy_Exception) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise run.refusal(f"-i {name}: cannot be listened to: {reason}") from None
    with suppress(OSError):
        sock.ins.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
    return sock, name


def _link_of(sock: Any) -> int:
    from scapy.config import conf

    link = conf.l2types.layer2num.get(sock.LL, _ETHERNET) if sock.lvl == 2 else _RAW
    return _RAW if link == _DLT_RAW else int(link)


def _without_echo(sock: socket.socket, iface: str) -> None:
    """On loopback every packet is seen as it goes out and as it comes in; the first is left out (Linux 4.20)."""
    from scapy.config import conf
    from scapy.interfaces import resolve_iface

    if iface == conf.loopback_name or resolve_iface(iface).flags.LOOPBACK:
        try:
            sock.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        except OSError:
            run.say(f"{iface}: this kernel shows each packet of it twice; copies are counted as retransmissions")


def listening(iface: str | None, narrow: bool, writer: PcapngWriter | None, goes_on: Callable[[], bool]) -> Sniffer:
    """As `Sniffer`. Raises typer.Exit."""
    if not hasattr(socket, "AF_PACKET"):
        raise typer.BadParameter("sniff listens as Linux does; here, capture with tcpdump -w - and analyze --follow -")
    return Sniffer(iface, narrow, writer, goes_on)
