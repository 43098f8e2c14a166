"""RPC messages as tshark sees them, through pyshark.

How it is asked, watched and ended; what it prints is read in `pdml.py`. tshark has no dissector for NetInfo; it is
asked for the RPC header and the record around it, which is where messages are lost, misplaced or joined wrongly.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from configparser import Error as ConfigError
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError
from typing import Any, NamedTuple

from netinfo_scapy.witness.compare import Seen
from netinfo_scapy.witness.pdml import messages_of


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
            yield from messages_of(packet)
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
