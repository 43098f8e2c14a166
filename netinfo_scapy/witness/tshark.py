"""RPC messages as tshark sees them, through pyshark.

tshark's PDML is read: it alone tells several messages in a frame apart, and it has the raw bytes of every
field. tshark has no dissector for NetInfo; it is asked for the RPC header and the record around it, which is
where messages are lost, misplaced or joined wrongly.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from configparser import Error as ConfigError
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError
from typing import Any, Literal, NamedTuple

from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.protocol import rpc
from netinfo_scapy.witness.compare import Credential, Seen


class WitnessMissingError(Exception):
    """tshark cannot be asked at all; the text says what to do."""


class WitnessFailedError(Exception):
    """tshark failed on a capture, or what it printed makes no sense; what came before stands."""


class Options(NamedTuple):
    """One way to ask tshark: its preferences, and whether it then guesses (see `compare.Look`)."""

    preferences: dict[str, str]
    guesses: bool = False


_ALWAYS = {
    # NetInfo's programs are unknown to it.
    "rpc.dissect_unknown_programs": "TRUE",
    # Else a message is lost whose client or server port belongs to another protocol, as 631 and 664 do.
    "tcp.try_heuristic_first": "TRUE",
    "udp.try_heuristic_first": "TRUE",
    # These are so by default, but a user's own preferences may say otherwise.
    "rpc.desegment_rpc_over_tcp": "TRUE",
    "rpc.defragment_rpc_over_tcp": "TRUE",
    "tcp.desegment_tcp_streams": "TRUE",
    "ip.defragment": "TRUE",
    "ipv6.defragment": "TRUE",
}

LOOKS = (
    # Puts segments in order, and so waits at a hole for ever.
    Options({"tcp.reassemble_out_of_order": "TRUE"}),
    # Goes on behind a hole, and so is lost where segments overlap.
    Options({"tcp.reassemble_out_of_order": "FALSE"}),
    # Searches for a record in whatever a stream begins with, and takes replies without their call.
    Options({"tcp.reassemble_out_of_order": "FALSE", "rpc.find_fragment_start": "TRUE"}, guesses=True),
)
"""How tshark is asked, one after the other: the next as long as there are messages that it did not see."""

_LAYERS = "ip ipv6 icmp icmpv6 udp tcp tcp.segments rpc"
"""What tshark prints of a packet; tcp.segments is what it put together from several."""

_PATIENCE_SECONDS = 60.0
_BYTES_A_SECOND = 1_000_000
"""How long tshark may be silent: so many seconds, and as long as a slow machine takes for the whole file."""

_INSTALL_TSHARK = "tshark is not installed; on Debian or Ubuntu, as root: apt-get install tshark"
_INSTALL_PYSHARK = "pyshark is not installed; install it with: pip install 'netinfo-scapy[witness]'"


def tshark_version() -> str:
    """The version of the tshark that will be asked. Raises WitnessMissingError."""
    try:
        from pyshark.tshark import tshark
    except ImportError as error:
        raise WitnessMissingError(_INSTALL_PYSHARK) from error
    except ConfigError as error:
        raise WitnessMissingError(_foreign(error)) from error
    path = shutil.which("tshark")
    if path is None:
        raise WitnessMissingError(_INSTALL_TSHARK)
    try:
        return str(tshark.get_tshark_version(path))
    except ConfigError as error:
        raise WitnessMissingError(_foreign(error)) from error
    except (OSError, SubprocessError, ValueError, IndexError, tshark.TSharkVersionException) as error:
        raise WitnessMissingError(f"{path} does not tell its version; install tshark again") from error


def _foreign(error: ConfigError) -> str:
    """What to say: pyshark takes any config.ini in the current directory for its own."""
    return f"pyshark cannot use the config.ini of this directory ({' '.join(str(error).split())}); run it elsewhere"


def messages(path: Path, options: Options) -> Iterator[Seen]:
    """The RPC messages that tshark finds in a capture, in its order.

    Raises WitnessFailedError behind the last one that could be read, if tshark did not end well.
    """
    loop = asyncio.new_event_loop()
    capture = _open(path, options, loop)
    end = _End(loop, capture, _PATIENCE_SECONDS + path.stat().st_size / _BYTES_A_SECOND)
    said: str | None = None
    try:
        for packet in capture:
            end.put_off()
            yield from _messages_of(packet)
    except (SyntaxError, AttributeError, LookupError, TypeError, ValueError, OSError) as error:
        raise WitnessFailedError(f"what tshark prints cannot be read ({type(error).__name__}: {error})") from error
    finally:
        said = end.close()
    if said:
        raise WitnessFailedError(said)


def _open(path: Path, options: Options, loop: asyncio.AbstractEventLoop) -> Any:
    import pyshark

    return pyshark.FileCapture(
        str(path),
        display_filter="rpc.xid",
        keep_packets=False,
        eventloop=loop,  # its own way to one warns on some releases of Python, and fails on later ones
        tshark_path=shutil.which("tshark"),  # not what a config.ini beside a hostile capture may name
        override_prefs=_ALWAYS | options.preferences,
        custom_parameters=["-J", _LAYERS],
    )


class _End:
    """That tshark ends, and how.

    pyshark kills a tshark that has just closed its output, takes one that a signal killed for one
    that ended well, and raises an exception of its own for one that is dead before it is looked at.
    So its beginning and its clean-up are replaced by such that wait and look.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, capture: Any, patience: float) -> None:
        self.loop = loop
        self.capture = capture
        self.patience = patience
        self.code = 0
        self.stopped = False
        capture._created_new_process = self._began
        capture._cleanup_subprocess = self._wait
        self.alarm: asyncio.TimerHandle | None = None

    def _began(self, _parameters: Any, process: Any, **_: Any) -> None:
        # Only now is there something to stop: a busy machine can take its time to start a process.
        self.capture._running_processes.add(process)
        self.put_off()

    def put_off(self) -> None:
        """Begin the silence anew: tshark was started, or has said something."""
        if self.alarm is not None:
            self.alarm.cancel()
        self.alarm = self.loop.call_later(self.patience, self._stop)

    def _stop(self) -> None:
        self.stopped = True
        for process in self.capture._running_processes:
            with suppress(ProcessLookupError):
                process.kill()

    async def _wait(self, process: Any) -> None:
        if not self.capture._eof_reached:
            with suppress(ProcessLookupError):
                process.kill()
        self.code = await process.wait()

    def close(self) -> str | None:
        """End what still runs. What there is to say of how tshark ended."""
        try:
            self.capture.close()
        except ValueError:
            # Its last line is no text, or too long.
            self.capture._last_error_line = None
        finally:
            if self.alarm is not None:
                self.alarm.cancel()
            self.loop.close()
        if self.stopped:
            return f"tshark said nothing for {self.patience:.0f} seconds and was stopped"
        if self.code == 0:
            return None
        if self.code < 0:
            return f"tshark crashed (signal {-self.code}); what it saw until then was compared"
        line = self.capture._last_error_line or "it does not say why"
        return f"tshark ended with exit code {self.code}: {line.removeprefix('tshark: ')}"


_QUOTING = ("icmp", "icmpv6")
_ADDRESSES = ("ip", "ipv6")
_TRANSPORTS = {"udp": Transport.UDP, "tcp": Transport.TCP}
_UDP_HEADER = 8
_RECORD_MARK = 4


class _Piece(NamedTuple):
    """A segment's part of what tshark put together from several: [start, end) in it, and the segment's frame."""

    start: int
    end: int
    frame: int


class _Place:
    """Where a message stands: the nearest addresses and ports in the layers before it.

    number: the frame in which tshark shows it. flow: None before UDP or TCP, and inside a quoted
    packet, whose layers are part of ICMP's. datagram: bytes of the UDP datagram. note: as in `Seen`.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.addresses: tuple[bytes, bytes] | None = None
        self.flow: Flow | None = None
        self.datagram: int | None = None
        self.note = ""
        self._pieces: list[_Piece] = []
        self._reached = 0  # in what the pieces make up
        self._fragments: list[int] = []  # frames of those of a record that is not complete yet

    def enter(self, layer: Any) -> None:
        """A layer that is not RPC."""
        name = layer.layer_name
        if name in _QUOTING:
            self.note = "quoted in an ICMP error"
        elif name in _ADDRESSES:
            source, target = _bytes(layer, f"{name}.src"), _bytes(layer, f"{name}.dst")
            self.addresses = None if source is None or target is None else (source, target)
        elif name in _TRANSPORTS:
            self._enter_transport(layer, name)
        else:
            self._enter_pieces(_fields(layer, "tcp.segment"))

    def _enter_transport(self, layer: Any, name: str) -> None:
        source, target = _number(layer, f"{name}.srcport"), _number(layer, f"{name}.dstport")
        if self.addresses is None or source is None or target is None:
            return
        ends = (Endpoint(self.addresses[0], source), Endpoint(self.addresses[1], target))
        self.flow = Flow(_TRANSPORTS[name], *ends)
        length = _number(layer, "udp.length") if name == "udp" else None
        self.datagram = None if length is None else length - _UDP_HEADER
        self._pieces = []

    def _enter_pieces(self, segments: list[Any]) -> None:
        if segments:
            spans = ((int(each.pos), int(each.size), int(each.show)) for each in segments)
            self._pieces = [_Piece(start, start + size, frame) for start, size, frame in spans]
            self._reached = 0

    def frame_of(self, layer: Any) -> int:
        """The frame that brought the last of a message.

        Where segments come out of order, tshark shows a message in the frame that filled the hole before it.
        """
        fragment, length = _fields(layer, "rpc.fraglen"), _number(layer, "rpc.fraglen")
        if not fragment or length is None or int(fragment[0].pos) != self._reached:
            # Not in what was put together, but in the frame itself.
            self._pieces = []
        frame = self.number
        if self._pieces and length is not None:
            start, self._reached = self._reached, self._reached + _RECORD_MARK + length
            frame = max(each.frame for each in self._pieces if each.start < self._reached and each.end > start)
        self._fragments.append(frame)
        if not _fields(layer, "rpc.xid"):
            return frame
        # Of a record in fragments this is the last. Of the others it tells where they were shown.
        elsewhere = {_value(each) for each in _fields(layer, "rpc.fragment")} - {self.number, None}
        frame = max(self._fragments + [number for number in elsewhere if number is not None])
        self._fragments = []
        return frame


_NOWHERE = Flow(Transport.UDP, Endpoint(bytes(4), 0), Endpoint(bytes(4), 0))


def _messages_of(packet: Any) -> Iterator[Seen]:
    """The messages of a packet: each is a layer of its own that has an xid; others are parts of records."""
    place = _Place(int(packet.number))
    for layer in packet.layers:
        if layer.layer_name != "rpc":
            place.enter(layer)
            continue
        xid, kind = _number(layer, "rpc.xid"), _number(layer, "rpc.msgtyp")
        frame = place.frame_of(layer)
        if xid is not None and kind in (rpc.CALL, rpc.REPLY):
            yield _message(frame, place, layer, xid, kind == rpc.CALL)


def _message(frame: int, place: _Place, layer: Any, xid: int, is_call: bool) -> Seen:
    flow, note = place.flow, place.note
    if flow is None:
        flow, note = _NOWHERE, note or "over neither UDP nor TCP"
    # A reply without its call gets a made-up one, all zeros.
    known = is_call or bool(_fields(layer, "rpc.repframe"))
    names = ("rpc.program", "rpc.programversion", "rpc.procedure")
    program, version, procedure = (_number(layer, name) if known else None for name in names)
    kind: Literal["call", "reply"] = "call" if is_call else "reply"
    credential = _credential(layer) if is_call else None
    length = place.datagram if flow.transport is Transport.UDP else _record_length(layer)
    return Seen(frame, flow, xid, kind, program, version, procedure, credential, length, note)


def _record_length(layer: Any) -> int | None:
    """Bytes of a record: what its fragments hold together, or its only one."""
    together = _number(layer, "rpc.reassembled.length")
    return _number(layer, "rpc.fraglen") if together is None else together


def _credential(layer: Any) -> Credential | None:
    """The credential of a call: the first flavor, and the fields in the body that follows it."""
    flavors, length = _fields(layer, "rpc.auth.flavor"), _number(layer, "rpc.auth.length")
    flavor = _value(flavors[0]) if flavors else None
    if flavor is None or flavor != rpc.AUTH_SYS or length is None:
        return None if flavor is None else Credential(flavor)
    # The verifier behind it may hold fields of the same names.
    start = int(flavors[0].pos) + 8
    body = range(start, start + length)

    def within(name: str) -> list[Any]:
        return [each for each in _fields(layer, f"rpc.auth.{name}") if int(each.pos) in body]

    stamp, uid = ([_value(each) for each in within(name)] or [None] for name in ("stamp", "uid"))
    names = [bytes.fromhex(each.raw_value or "") for each in within("machinename")]
    gid, *gids = [_value(each) for each in within("gid")] or [None]
    further = None if gid is None else tuple(each for each in gids if each is not None)
    return Credential(flavor, stamp[0], names[0] if names else None, uid[0], gid, further)


def _fields(layer: Any, name: str) -> list[Any]:
    found = layer.get_field(name)
    return [] if found is None else list(found.all_fields)


def _value(field: Any) -> int | None:
    """A number as PDML shows it, decimal or with 0x."""
    try:
        return int(field.show, 0)
    except (TypeError, ValueError):
        return None


def _number(layer: Any, name: str) -> int | None:
    """The first field of a name, as a number."""
    fields = _fields(layer, name)
    return _value(fields[0]) if fields else None


def _bytes(layer: Any, name: str) -> bytes | None:
    """The first field of a name, as its bytes."""
    fields = _fields(layer, name)
    return bytes.fromhex(fields[0].raw_value or "") if fields else None
