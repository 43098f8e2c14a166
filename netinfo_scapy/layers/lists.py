"""Messages as a list of packets, and what a shell or a notebook shows of it: exchanges, conversations, a plot."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from itertools import chain
from typing import Any, NamedTuple

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from scapy.layers.inet import TCP
from scapy.packet import Packet
from scapy.plist import PacketList

from netinfo_scapy.layers.described import message_name, message_status, rpc_layer
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.programs import program_name

_WIDTH = 110
_MOST_ROWS = 500
"""Rows of a table that is shown without being asked for."""

_WINDOWS = frozenset({"qtagg", "qt5agg", "tkagg", "gtk3agg", "gtk4agg", "macosx", "wxagg"})
"""Backends of matplotlib that show a figure by themselves."""


class Exchange(NamedTuple):
    """A call and its reply.

    call: None where it was not seen; reply: None where none came. retransmissions: further copies of the call.
    rtt: seconds from the first transmission to the reply.
    """

    call: Packet | None
    reply: Packet | None
    retransmissions: int
    rtt: float | None

    def shown(self) -> dict[str, Any]:
        """What a table shows of it."""
        packet = self.call or self.reply
        assert packet is not None
        layer, ip = rpc_layer(packet), packet.getlayer("IP") or packet.getlayer("IPv6")
        ends = ("-", "-") if ip is None else (ip.src, ip.dst)
        client, server = ends if self.call is not None else ends[::-1]
        return {
            "time": float(packet.time),
            "client": client,
            "server": server,
            "xid": "-" if layer is None else f"{layer.xid:08x}",
            "call": "-" if layer is None else message_name(layer),
            "reply": None if self.reply is None else message_status(self.reply[RPC]),
            "again": self.retransmissions,
            "rtt": self.rtt,
        }


class Conversation(NamedTuple):
    """What one client asked of one program at one server. statuses: how often which answer came."""

    client: str
    server: str
    port: int
    transport: str
    program: str
    calls: int
    replies: int
    statuses: dict[str, int]


class Rows(list[Any]):
    """A list of named tuples that shows itself as a table, in a shell and in a notebook."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return Rows(found) if isinstance(at, slice) else found

    def __repr__(self) -> str:
        return _text(self._table())

    def _repr_html_(self) -> str:
        return _html(self._table())

    def summary(self) -> None:
        """Print the table."""
        print(repr(self))  # noqa: T201 - as Scapy's lists do

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        rows = [row.shown() if isinstance(row, Exchange) else row._asdict() for row in self[:_MOST_ROWS]]
        for name in rows[0] if rows else ("nothing",):
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(Text(_said(each)) for each in row.values()))
        if len(self) > _MOST_ROWS:
            table.add_row(f"... and {len(self) - _MOST_ROWS} more")
        return table


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    if isinstance(value, float):
        return f"{value:.6f}"
    return "-" if value is None else str(value)


def _describe(packet: Packet) -> str:
    layer = rpc_layer(packet)
    if layer is None:
        return packet.summary()
    name, status = message_name(layer), message_status(layer)
    return f"{name} {status}" if status else name


def _text(shown: RenderableType) -> str:
    console = Console(file=StringIO(), width=_WIDTH, record=True, color_system=None)
    console.print(shown)
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())


def _html(shown: RenderableType) -> str:
    console = Console(file=StringIO(), width=_WIDTH, record=True)
    console.print(shown)
    return console.export_html(inline_styles=True, code_format="<pre>{code}</pre>")


class NetInfoList(PacketList):
    """Messages, one packet each; what a PacketList can do, and what concerns calls and replies."""

    def exchanges(self) -> Rows:
        """Each call with its reply, as `Exchange`; retransmissions count with their first transmission."""
        packets = {id(packet[RPC]): packet for packet in self.res if packet.haslayer(RPC)}
        answers: dict[int, Packet] = {}
        again: Counter[int] = Counter()
        for packet in packets.values():
            layer = packet[RPC]
            if layer.first is not None:
                again[id(layer.first)] += 1
            elif layer.call is not None:
                answers.setdefault(id(layer.call), packet)
        found = Rows()
        for packet in packets.values():
            layer = packet[RPC]
            if layer.type == rpc.CALL and layer.first is None:
                reply = answers.get(id(layer))
                rtt = None if reply is None else float(reply.time) - float(packet.time)
                found.append(Exchange(packet, reply, again[id(layer)], rtt))
            elif layer.type != rpc.CALL and id(layer.call) not in packets:
                found.append(Exchange(None, packet, 0, None))
        return found

    def conversations(self, *_args: Any, **_kwargs: Any) -> Rows:
        """Who asked whom for what, as `Conversation`."""
        calls: Counter[tuple[str, str, int, str, str]] = Counter()
        replies: Counter[tuple[str, str, int, str, str]] = Counter()
        statuses: dict[tuple[str, str, int, str, str], Counter[str]] = {}
        for packet in self.res:
            layer = rpc_layer(packet)
            transport: Any = packet.getlayer(TCP) or packet.getlayer("UDP")
            if layer is None or transport is None or transport.underlayer is None:
                continue
            called = layer if layer.type == rpc.CALL else layer.call
            if called is None:
                continue
            ip = transport.underlayer
            sides = [(ip.src, transport.sport), (ip.dst, transport.dport)]
            (client, _), (server, port) = sides if layer is called else sides[::-1]
            key = (client, server, port, transport.name.lower(), program_name(called.program))
            if layer is called:
                calls[key] += 1
            else:
                replies[key] += 1
                statuses.setdefault(key, Counter())[message_status(layer) or "?"] += 1
        keys = dict.fromkeys(chain(calls, replies))
        return Rows(Conversation(*key, calls[key], replies[key], dict(statuses.get(key, {}))) for key in keys)

    def plot(self, *_args: Any, **_kwargs: Any) -> Any:
        """Draw when which procedure was called and how it was answered; gives the matplotlib figure.

        Raises ImportError where matplotlib is missing.
        """
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise ImportError("plot() needs matplotlib: pip install 'netinfo-scapy[shell]'") from error
        exchanges = [each for each in self.exchanges() if each.call is not None]
        start = min((float(each.call.time) for each in exchanges), default=0.0)
        names = sorted({message_name(each.call[RPC]) for each in exchanges}, reverse=True)
        place = {name: at for at, name in enumerate(names)}
        groups: dict[str, list[tuple[float, int]]] = {}
        for each in exchanges:
            reply = None if each.reply is None else rpc_layer(each.reply)
            status = "no answer" if reply is None else message_status(reply)
            point = float(each.call.time) - start, place[message_name(each.call[RPC])]
            groups.setdefault(status or "?", []).append(point)
        figure, axes = pyplot.subplots(figsize=(10, max(2.5, 0.32 * len(names) + 1.4)), layout="constrained")
        for status in sorted(groups, key=lambda each: (each not in ("NI_OK", "SUCCESS"), each)):
            points = groups[status]
            times, rows = zip(*points, strict=True)
            axes.scatter(times, rows, s=26, label=f"{status} ({len(points)})", alpha=0.8)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("seconds from the first call")
        axes.set_title(f"{len(exchanges)} calls")
        axes.grid(axis="x", alpha=0.3)
        if groups:
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        if pyplot.isinteractive() or pyplot.get_backend().lower() in _WINDOWS:
            figure.show()
        return figure

    def _repr_html_(self) -> str:
        table = Table(box=None, pad_edge=False)
        for name in ("", "time", "from", "to", "message"):
            table.add_column(name, overflow="fold")
        for number, packet in enumerate(self.res[:_MOST_ROWS]):
            ip = packet.getlayer("IP") or packet.getlayer("IPv6")
            ends = (ip.src, ip.dst) if ip is not None else ("-", "-")
            table.add_row(str(number), f"{float(packet.time):.6f}", *ends, Text(_describe(packet)))
        return _html(table)


__all__ = ["Conversation", "Exchange", "NetInfoList"]
