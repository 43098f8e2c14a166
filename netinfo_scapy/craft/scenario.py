"""A small language for conversations: hosts, calls and replies by name, time, transforms.

    scenario = Scenario(seed=961)
    client, server = scenario.host("192.0.2.10"), scenario.host("192.0.2.1")
    tcp = scenario.tcp(client, server)
    tcp.ask("NetInfo.LOOKUP", id=0, key="name", value="users").reply(ids=[13], self_id=(0, 3))
    tcp.ask("NetInfo.WRITE", credential=password("secret", uid=0), id=(13, 2), props={}).reply("NI_AUTHERROR")
    scenario.transform("record-fragments", sizes=[4])
    scenario.write("out.pcap")

The same scenario gives the same bytes, on any machine and with any Python: xids, ports, sequence numbers and
identifications come from the seed, times from `start`. What a perfect observer decodes of it is `make().messages`.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any, Literal, get_args

from scapy.packet import Packet

from netinfo_scapy.craft import dhcp
from netinfo_scapy.craft.assembly import Assembly
from netinfo_scapy.craft.credentials import NONE, Credential, password, unix
from netinfo_scapy.craft.messages import Call, make_call, make_error, make_reply, numbers_of
from netinfo_scapy.craft.observer import Observer
from netinfo_scapy.craft.packets import Frame
from netinfo_scapy.craft.said import CLIENT, SERVER, Host, Said, Talk
from netinfo_scapy.craft.seeded import Seeded
from netinfo_scapy.craft.transforms import AnyTransform, Transform, make_transform
from netinfo_scapy.craft.truth import Expected
from netinfo_scapy.craft.writing import write_frames
from netinfo_scapy.layers.record import RPCRecord
from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol.programs import NETINFO_PORT, PORTMAP_PORT

SEED = 961
START = Decimal("1045000000")
"""Seconds since 1970 of the first packet: 11 February 2003, when such traffic was common."""

Dialect = Literal["previous"]
"""Servers that write results in another way than Apple's."""

_HIGH_XID, _LOW_XID = (0x3000, 0xEFFF), (0x7C00, 0x7FFF)
"""The halves of a first xid: those with which no dissector that guesses takes it, or one 1,024 calls later, for DNS."""


@dataclass(frozen=True)
class Made:
    """What a scenario becomes. messages: what a perfect observer decodes. ports: those that nothing else names."""

    frames: list[Frame]
    messages: list[Expected]
    transforms: list[AnyTransform]
    ports: list[int]

    def write(self, path: str | Path) -> None:
        """As a pcap. Raises OSError."""
        with Path(path).open("wb") as stream:
            write_frames(stream, self.frames)


class Asked:
    """A call that was said; its reply is said where one of these is called."""

    def __init__(self, scenario: Scenario, said: Said, inner: Call | None) -> None:
        self._scenario = scenario
        self._said = said
        self._inner = inner

    def reply(
        self, status: str | int | None = None, /, *, by: Host | None = None, body: bytes | None = None, **values: Any
    ) -> None:
        """It succeeded. status: an ni_status where the result has one, else NI_OK. by: from another host or port.

        values: the result, by name. body: its bytes, where the procedure is not known. Raises ValueError.
        """
        previous = self._scenario.talks[self._said.talk].previous
        said = make_reply(self._said, values, status, body, self._inner, previous)
        said.by = by
        self._scenario.say(said)

    def error(self, name: str, low: int = 2, high: int = 2) -> None:
        """RPC refused it: PROG_UNAVAIL, PROG_MISMATCH, ..., RPC_MISMATCH, AUTH_TOOWEAK, .... Raises ValueError."""
        self._scenario.say(make_error(self._said, name, low, high))


class Conversation:
    """A conversation of a client and a server, over TCP or UDP. credential: of its calls, unless they say otherwise."""

    def __init__(self, scenario: Scenario, number: int, credential: Credential) -> None:
        self._scenario = scenario
        self._number = number
        self._credential = credential
        chance = Seeded(scenario.seed, "xid", number)
        self._xid = chance.number(*_HIGH_XID) << 16 | chance.number(*_LOW_XID)

    def ask(
        self,
        procedure: str,
        /,
        *,
        credential: Credential | None = None,
        xid: int | None = None,
        body: bytes | None = None,
        **values: Any,
    ) -> Asked:
        """Call a procedure by name, as `NetInfo.LOOKUP`, or by numbers, as `100003.3.6`.

        values: its arguments by name; those left out are 0 or empty. body: their bytes, where the procedure is not
        known. xid: where none is given, one less than that of the call before. Raises ValueError.
        """
        if xid is None:
            xid, self._xid = self._xid, (self._xid - 1) & 0xFFFFFFFF
        if not 0 <= xid < 1 << 32:
            raise ValueError(f"xid: {xid} is no number of 32 bits")
        said = make_call(self._number, procedure, xid, credential or self._credential, values, body)
        self._scenario.say(said)
        inner = values.get("call")
        return Asked(self._scenario, said, inner if isinstance(inner, Call) else None)

    def send(self, data: bytes | str | Packet) -> None:
        """The client sends what the scenario does not look into: bytes, text as UTF-8, or a packet of layers.

        An `RPC` that is no record yet becomes one over TCP. What is sent so is none of the messages of `Made`.
        """
        self._say(CLIENT, data)

    def answer(self, data: bytes | str | Packet) -> None:
        """The server sends, as `send`."""
        self._say(SERVER, data)

    def _say(self, side: int, data: bytes | str | Packet) -> None:
        if isinstance(data, RPC) and self._scenario.talks[self._number].transport == "tcp":
            data = RPCRecord() / data
        self._scenario.say(Said(self._number, side, body=data.encode() if isinstance(data, str) else bytes(data)))

    def stay_open(self) -> None:
        """Do not close the connection at the end of the scenario."""
        self._scenario.talks[self._number].closes = False


class Scenario:
    """Conversations in the order in which things are said. seed: of all that is not said. start: seconds since 1970."""

    def __init__(self, seed: int = SEED, start: Decimal | int | str = START) -> None:
        self.seed = seed
        self.start = Decimal(start)
        self.talks: list[Talk] = []
        self.transforms: list[AnyTransform] = []
        self._turns: list[Said] = []
        self._exchanges = 0
        self._pause = Decimal(0)

    def host(self, ip: str, port: int = 0, mac: str | None = None) -> Host:
        """A host. port: where it calls from; 0: one is taken. mac: aa:bb:cc:dd:ee:ff; else one made of the address.

        Raises ValueError.
        """
        _check_address(ip)
        return Host(ip, port, mac or "00:05:02:" + ":".join(f"{int(part):02x}" for part in ip.split(".")[1:]))

    def tcp(
        self,
        client: Host,
        server: Host,
        port: int = NETINFO_PORT,
        credential: Credential = NONE,
        dialect: Dialect | None = None,
    ) -> Conversation:
        """A TCP connection; its handshake is made where the first thing is said, and it is closed at the end.

        dialect: "previous": results are written as the server in the Previous emulator does. Raises ValueError.
        """
        return self._talk("tcp", client, server, port, credential, dialect)

    def udp(
        self,
        client: Host,
        server: Host,
        port: int = NETINFO_PORT,
        credential: Credential = NONE,
        dialect: Dialect | None = None,
    ) -> Conversation:
        """Datagrams between two ports. dialect: as in `tcp`."""
        return self._talk("udp", client, server, port, credential, dialect)

    def _talk(
        self, transport: str, client: Host, server: Host, port: int, credential: Credential, dialect: Dialect | None
    ) -> Conversation:
        if dialect not in (None, *get_args(Dialect)):
            raise ValueError(f"dialect: {dialect!r} is none; there are {', '.join(get_args(Dialect))}")
        number = len(self.talks)
        own = client.port or Seeded(self.seed, "port", number).number(49_152, 65_535)
        hosts = client._replace(port=own), server._replace(port=port)
        self.talks.append(Talk(number, transport, *hosts, previous=dialect == "previous"))
        return Conversation(self, number, credential)

    def dhcp(self, client: Host, server: Host, **said: Any) -> None:
        """DISCOVER, OFFER, REQUEST, ACK: the client gets an address, and NetInfo servers; see `dhcp.exchange`."""
        anybody = Host("255.255.255.255", dhcp.SERVER_PORT, "ff:ff:ff:ff:ff:ff")
        nobody = Host("0.0.0.0", dhcp.CLIENT_PORT, client.mac)
        asking = len(self.talks)
        self.talks.append(Talk(asking, "udp", nobody, anybody))
        leased = client._replace(port=dhcp.CLIENT_PORT)
        self.talks.append(Talk(asking + 1, "udp", leased, server._replace(port=dhcp.SERVER_PORT)))
        xid = Seeded(self.seed, "dhcp", asking).number(1, 0xFFFFFFFF)
        for side, data in dhcp.exchange(client, server, xid, **said):
            self.say(Said(asking + side, side, body=data))

    def say(self, said: Said) -> None:
        """Note what is said next."""
        said.pause, self._pause = self._pause, Decimal(0)
        if said.header is not None and said.call is None:
            self._exchanges += 1
            said.exchange = self._exchanges
        self._turns.append(said)

    def wait(self, seconds: float | str | Decimal) -> None:
        """Nothing is said for so long."""
        self._pause += Decimal(str(seconds))

    def transform(self, transform: AnyTransform | str, /, **parameters: Any) -> None:
        """Say it otherwise: a transform, or one by name with its parameters. Raises ValueError."""
        self.transforms.append(make_transform(transform, **parameters) if isinstance(transform, str) else transform)

    def make(self) -> Made:
        """The frames and the messages. Raises ValueError where a transform cannot be applied, a datagram be sent."""
        transforms = sorted(self.transforms, key=lambda each: each.stage)
        talks = [replace(talk) for talk in self.talks]
        turns = deepcopy(self._turns)
        for transform in transforms:
            _check_chosen(transform, turns)
        for transform in transforms:
            talks = transform.talks(talks)
            turns = transform.turns(turns, talks)
        assembly = Assembly(self.seed, self.start, talks, transforms)
        frames = assembly.frames(turns)
        messages = Observer(talks, assembly.spans, assembly.streams).observe(frames)
        concerned = {each.dst_port if each.type == "call" else each.src_port for each in messages}
        return Made(frames, messages, transforms, sorted(concerned - {NETINFO_PORT, PORTMAP_PORT}))

    def write(self, path: str | Path) -> Made:
        """Make it, write it as a pcap. Raises OSError, ValueError."""
        made = self.make()
        made.write(path)
        return made


def call(name: str, /, **values: Any) -> Call:
    """A call inside a call: `udp.ask("portmap.CALLIT", call=call("nibind.BIND", server_tag="network"))`."""
    numbers_of(name)
    return Call(name, values)


def _check_chosen(transform: Transform, turns: list[Said]) -> None:
    """Whether there is what a transform is for. Raises ValueError."""
    calls = [said for said in turns if said.call is None and said.expected is not None]
    known = {said.exchange for said in calls} | {said.called for said in calls}
    for chosen in transform.only:
        if chosen not in known:
            raise ValueError(f"{transform.name}: only: {chosen}: no such call; there are 1 to {len(calls)}, and names")


def _check_address(ip: str) -> None:
    try:
        IPv4Address(ip)
    except AddressValueError as error:
        raise ValueError(f"{ip}: not an IPv4 address") from error


__all__ = ["Call", "Conversation", "Credential", "Host", "Made", "Scenario", "call", "password", "unix"]
