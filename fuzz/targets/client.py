"""The client: any bytes as answers to its calls, on their way through its records and its walks.

Input: a byte that says what is asked, then messages; what begins with an xid of zeros answers the call at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle, islice
from typing import Any

from fuzz import seeds, wire
from fuzz.host import make_host, services
from fuzz.packing import pack, unmarked, unpack
from fuzz.target import Target
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.channels import Place
from netinfo_scapy.live.client import NetInfo_Client, Nibind_Client, Portmap_Client
from netinfo_scapy.live.errors import BadAnswerError, ClientError, ClosedError, Step
from netinfo_scapy.live.records import RecordError, Records, marked
from netinfo_scapy.live.responder.service import Caller, answer
from netinfo_scapy.live.rpc_client import RpcClient
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.nibind import NIBIND

_PLACE = Place("192.0.2.2", 961, "tcp", Step.CALL)
_MOST_ANSWERS = 200
_PASSWORD = b"xyzzy-plugh"


class _Recording:
    """Answers as a host of ours does, and keeps that, with an xid of zeros."""

    resends = False
    peer = ("192.0.2.2", 961)

    def __init__(self) -> None:
        self._programs = services(make_host("apple-208", None))
        self._left: list[bytes] = []
        self.answers: list[bytes] = []

    def send(self, message: bytes) -> None:
        """Have it answered."""
        here = Endpoint(wire.SERVER, 700)
        self._left += answer(self._programs, message, Caller(here, here, Transport.TCP), lambda _seen: None)

    def receive(self, until: float) -> bytes:
        """The next answer."""
        if not self._left:
            raise ClosedError(Step.CALL, str(_PLACE), "there is no answer")
        self.answers.append(bytes(4) + self._left[0][4:])
        return self._left.pop(0)

    def end(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class _Channel:
    """Answers with what it is given, again and again, then closes; what it is sent it only looks at."""

    resends = False
    peer = ("192.0.2.2", 961)

    def __init__(self, messages: list[bytes], fragment: int) -> None:
        self._messages = islice(cycle(messages), _MOST_ANSWERS)
        self._fragment = fragment
        self._xids: list[bytes] = []

    def send(self, message: bytes) -> None:
        """Note the xid."""
        self._xids.append(message[:4])

    def receive(self, until: float) -> bytes:
        """The next message, in a record, to the oldest call. As the real one of TCP does."""
        message = next(self._messages, None)
        if message is None:
            raise ClosedError(Step.CALL, str(_PLACE), "the server closed the connection")
        if message[:4] == bytes(4) and self._xids:
            message = self._xids.pop(0) + message[4:]
        records = Records()
        try:
            records.feed(marked(message, self._fragment))
        except RecordError as error:
            raise BadAnswerError(Step.CALL, str(_PLACE), str(error)) from None
        taken = records.take()
        assert taken == message
        return taken

    def end(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def _walked(client: Any) -> Any:
    found = []
    for path, directory in client.walk():
        found.append((path, directory.object, [(each.name, each.values) for each in directory.properties]))
    assert len({each[1] for each in found}) == len(found)
    return found


def _tree(client: Any) -> Any:
    return [each.object for each in client.tree().walk()]


_ASKED: tuple[tuple[type[RpcClient], Callable[[Any], Any]], ...] = (
    (NetInfo_Client, _walked),
    (NetInfo_Client, _tree),
    (NetInfo_Client, lambda client: [each.object for each in client.tree("/", 1, b"name").walk()]),
    (NetInfo_Client, lambda client: client.find("/users/root")),
    (NetInfo_Client, lambda client: client.directory("/machines")),
    (NetInfo_Client, lambda client: client.facts()),
    (NetInfo_Client, lambda client: client.lookup(0, "name", "root")),
    (NetInfo_Client, lambda client: client.listall(0)),
    (NetInfo_Client, lambda client: client.list(0, "name")),
    (NetInfo_Client, lambda client: client.readall(0)),
    (NetInfo_Client, lambda client: client.rparent()),
    (NetInfo_Client, lambda client: client.write(client.current_id("/users"), [])),
    (Nibind_Client, lambda client: client.listreg()),
    (Nibind_Client, lambda client: client.find("network", "tcp")),
    (Portmap_Client, lambda client: client.dump()),
    (Portmap_Client, lambda client: client.find(NIBIND, "udp")),
    (Portmap_Client, lambda client: client.callit(NIBIND.number, 1, 0, b"")),
)


def _client(kind: type[RpcClient], channel: Any) -> Any:
    client: Any = kind("tcp", uid=0, password=_PASSWORD)
    client._xid = 0
    client.place = _PLACE
    client.timeout = 1.0
    client._channel = channel
    return client


def run(data: bytes) -> Any:
    """Ask, and be answered."""
    choice, data = unmarked(data)
    kind, ask = _ASKED[choice % len(_ASKED)]
    messages = list(unpack(data, 32))
    if not messages:
        return None
    client = _client(kind, _Channel(messages, 1 + choice * 16))

    def closed() -> Any:
        raise ClosedError(Step.CALL, str(_PLACE), "the server closed the connection")

    opened = client._open
    client._open = lambda: opened() if client._channel is not None else closed()
    try:
        return repr(ask(client))
    except ClientError as error:
        shown = f"{error} {error!r} {client!r}"
        assert _PASSWORD.decode() not in shown
        assert shown.isprintable()
        return shown


def inputs() -> Iterator[bytes]:
    """The replies of the captures, each to what may have been asked, and several in a row."""
    replies = [bytes(4) + reply[4:] for _, reply in seeds.exchanges()]
    for number, reply in enumerate(replies):
        yield bytes([number % len(_ASKED)]) + pack([reply])
    for number, (kind, ask) in enumerate(_ASKED):
        channel = _Recording()
        with suppress(ClientError):
            ask(_client(kind, channel))
        # Statistics tell of time, and differ.
        yield bytes([number]) + pack(each for each in channel.answers if b"cleanup_wait" not in each)
    for number in range(2 * len(_ASKED)):
        yield bytes([number]) + pack(replies[number::7][:8])
    accepted = bytes(4) + rpc.REPLY.to_bytes(4, "big") + bytes(16)
    for name in (b"a", b"\x1b[2J"):
        # A directory that is its own child.
        read = (
            accepted + bytes(12) + b"\0\0\0\1\0\0\0\4name\0\0\0\1" + len(name).to_bytes(4, "big") + name.ljust(4, b"\0")
        )
        yield b"\0" + pack([read, accepted + bytes(4) + b"\0\0\0\2\0\0\0\0\0\0\0\5" + bytes(8)])


_PARTS = ("arguments", "calls", "client", "directories", "errors", "records", "rpc_client")
TARGET = Target(
    run=run,
    seeds=inputs,
    rooms=tuple(f"live.{each}" for each in _PARTS),
    words=(bytes(7) + b"\1", b"\0\0\0\1"),
    longest=3000,
)
