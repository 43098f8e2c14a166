"""The options of every command that reads captures, in one place.

A command takes an `Input` (or another such class) as its first parameter and is wrapped with
`reads_captures`; typer then shows it the fields of that class as options of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from datetime import tzinfo
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import typer

if TYPE_CHECKING:
    from netinfo_scapy.analysis.filters import Filter
    from netinfo_scapy.analysis.findings.known import Known
    from netinfo_scapy.analysis.reading import Reading


class Learn(StrEnum):
    """How endpoints that the input names are used."""

    EXACT = "exact"
    ONCE = "once"


class Sensors(StrEnum):
    """How files whose times overlap are read."""

    AUTO = "auto"
    ONE = "one"
    EACH = "each"


_INPUT, OUTPUT = "Input", "Output"
_FILTERS = "Filters (given again: either value; a call and its reply are judged together)"


def _input(name: str, text: str, metavar: str | None = None) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel=_INPUT)


def _filter(name: str, metavar: str, text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel=_FILTERS)


_NETINFO_PORT = _input("--netinfo-port", "A port of NetInfo beside 961 and 111.", "[udp:|tcp:]N")

NetInfoPorts = Annotated[list[str] | None, _NETINFO_PORT]
Zone = Annotated[
    str | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        help="Show times in this zone, as Europe/Berlin; JSON stays in UTC.",
        rich_help_panel=OUTPUT,
    ),
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Show passwords and password hashes as they are.", rich_help_panel=OUTPUT)
]
KnownFile = Annotated[
    str | None,
    typer.Option(
        "--known",
        metavar="FILE",
        help="Servers that are known, beside those that the captures' directories name: an address or network a line, "
        "with a tag after it or without.",
        rich_help_panel=_INPUT,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", min=1, metavar="N", help="Processes to use; as many as there are processors, if not given."
    ),
]


class TextOrJson(StrEnum):
    """How a command's result is printed that has no other forms."""

    TEXT = "text"
    JSON = "json"


AsTextOrJson = Annotated[
    TextOrJson,
    typer.Option("--format", help="text: for people; json: an object a line, as --json.", rich_help_panel=OUTPUT),
]
AsTextOrObject = Annotated[
    TextOrJson,
    typer.Option("--format", help="text: for people; json: one object.", rich_help_panel=OUTPUT),
]
AsJson = Annotated[bool, typer.Option("--json", help="Short for --format json.", rich_help_panel=OUTPUT)]
Full = Annotated[bool, typer.Option("--full", help="Shorten nothing.", rich_help_panel=OUTPUT)]


Captures = Annotated[
    list[str],
    typer.Argument(
        metavar="CAPTURE...",
        help="pcap or pcapng files, also gzip or zstd; a directory: every capture in it, at any depth; "
        "-: standard input; also URLs: s3://, https://, zip://*::FILE and what else fsspec opens.",
    ),
]


@dataclass(kw_only=True)
class HowRead:
    """How captures are read. Options that take a list can be given several times."""

    netinfo_port: Annotated[list[str], _NETINFO_PORT] = field(default_factory=list)
    learn: Annotated[
        Learn,
        _input(
            "--learn",
            "exact: an endpoint that the input names counts for all of it, which may be read twice for that; "
            "once: from the frame on that names it.",
        ),
    ] = Learn.EXACT
    as_sensors: Annotated[
        Sensors,
        _input("--as", "auto: files whose times overlap are different sensors; one: all are one; each: each is one."),
    ] = Sensors.AUTO

    def read(self, captures: Any, wanted: Filter | None = None, learn: Learn | None = None, **others: Any) -> Reading:
        """Captures, ready to be read. learn: other than the option says.

        captures: as `capture.sources.open_captures` takes them. others: as `api.open_reading` does.
        Raises ValueError that begins with an option's name, CaptureError, FileNotFoundError.
        """
        from netinfo_scapy import api

        return api.open_reading(
            captures,
            netinfo_ports=self.netinfo_port,
            learn=(learn or self.learn).value,
            as_sensors=self.as_sensors.value,
            wanted=wanted,
            **others,
        )


@dataclass(kw_only=True)
class Input(HowRead):
    """What is read, and which of it is wanted."""

    captures: Captures
    host: Annotated[list[str], _filter("--host", "ADDRESS", "Either side has this address.")] = field(
        default_factory=list
    )
    net: Annotated[list[str], _filter("--net", "NETWORK", "Either side is in this network, as 10.0.0.0/8.")] = field(
        default_factory=list
    )
    port: Annotated[list[str], _filter("--port", "N", "Either side has this port.")] = field(default_factory=list)
    since: Annotated[
        str | None, _filter("--since", "TIME", "Not before this time, as 2003-05-01T12:00 (UTC unless it says else).")
    ] = None
    until: Annotated[
        str | None, _filter("--until", "TIME", "Not after this time; of a date alone, not after that day.")
    ] = None
    procedure: Annotated[
        list[str], _filter("--procedure", "NAME", "NetInfo.READ, READ, NetInfo, or 200100000.2.7.")
    ] = field(default_factory=list)
    tag: Annotated[list[str], _filter("--tag", "TAG", "The server's domain, or one named to nibind, is this.")] = field(
        default_factory=list
    )
    user: Annotated[
        list[str],
        _filter(
            "--user", "UID|NAME", "The call's credential has this uid; of a name the captures' directories tell it."
        ),
    ] = field(default_factory=list)
    status: Annotated[
        list[str],
        _filter("--status", "NAME", "The reply has this status: NI_PERM, AUTH_TOOWEAK, ...; ok: it succeeded."),
    ] = field(default_factory=list)

    def wanted(self) -> Filter | None:
        """What the filters ask for, if anything. Raises typer.BadParameter."""
        from netinfo_scapy.analysis.filters import Filter
        from netinfo_scapy.cli.users import as_uids

        # Asked for once: for a name, the captures are read.
        self.user = as_uids(self.user, self.captures, lambda: self.read(self.captures))
        try:
            wanted = Filter.of(
                host=self.host,
                net=self.net,
                port=self.port,
                since=self.since,
                until=self.until,
                procedure=self.procedure,
                tag=self.tag,
                user=self.user,
                status=self.status,
            )
        except ValueError as error:
            raise typer.BadParameter(f"--{error}") from error
        return None if wanted == Filter() else wanted

    def open(self, *, filtered: bool = True, stream: IO[bytes] | None = None) -> Reading:
        """The input, ready to be read; not `filtered`, it gives what does not pass the filters, too.

        stream: read instead of `captures`, once.
        Raises typer.BadParameter, CaptureError, FileNotFoundError.
        """
        wanted = self.wanted() if filtered else None
        try:
            return self.read(self.captures, wanted) if stream is None else self.read(stream, wanted, Learn.ONCE)
        except ValueError as error:
            raise typer.BadParameter(f"--{error}") from error


@dataclass(kw_only=True)
class Counted(Input):
    """The same, and whether it is only counted."""

    counts_only: Annotated[
        bool,
        _input(
            "--counts-only",
            "Count and time every message, but look for no findings and rebuild no directory: about twice as fast.",
        ),
    ] = False

    def read(self, captures: Any, wanted: Filter | None = None, learn: Learn | None = None, **others: Any) -> Reading:
        """As `HowRead.read`."""
        return super().read(captures, wanted, learn, counts_only=self.counts_only, **others)


def reads_captures(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of its first parameter's class, of which it is called with one."""
    own = get_type_hints(command, include_extras=True)
    kind = own[next(iter(inspect.signature(command).parameters))]
    hints = get_type_hints(kind, include_extras=True)
    shared = [
        inspect.Parameter(
            each.name, inspect.Parameter.KEYWORD_ONLY, default=_default(each), annotation=hints[each.name]
        )
        for each in fields(kind)
    ]
    rest = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=own[name])
        for name, each in list(inspect.signature(command).parameters.items())[1:]
    ]

    def wrapped(**given: Any) -> None:
        command(kind(**{each.name: given.pop(each.name) for each in fields(kind)}), **given)

    made: Any = wrapped
    made.__name__, made.__doc__ = command.__name__, command.__doc__
    made.__signature__ = inspect.Signature([*shared, *rest])
    made.__annotations__ = {each.name: each.annotation for each in (*shared, *rest)}
    return wrapped


def _default(option: Any) -> Any:
    if option.default_factory is not MISSING:
        return option.default_factory()
    return inspect.Parameter.empty if option.default is MISSING else option.default


_Form = TypeVar("_Form", bound=StrEnum)


def capture_output(help_text: str, panel: str | None = OUTPUT) -> Any:
    """The option of a command that writes a capture: -o as elsewhere, -w as in tcpdump and tshark."""
    return typer.Option("-o", "--output", "-w", "--write-to", metavar="FILE", help=help_text, rich_help_panel=panel)


def json_if(wanted: bool, form: _Form, usual: _Form, json: _Form) -> _Form:
    """The format that --format and --json choose. Raises typer.BadParameter where they are at odds."""
    if wanted and form not in (usual, json):
        raise typer.BadParameter(f"--json is --format {json.value}; leave out --format {form.value}")
    return json if wanted else form


def find_known(name: str | None) -> Known | None:
    """The known servers in a file. Raises typer.BadParameter, FileNotFoundError."""
    if name is None:
        return None
    from pathlib import Path

    from netinfo_scapy.analysis.findings.known import Known, read_known

    try:
        return Known(read_known(Path(name)))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise typer.BadParameter(f"--known {name}: {error.strerror or error}; give a file that can be read") from error
    except ValueError as error:
        raise typer.BadParameter(f"--known {error}") from error


def check_ids(option: str, wanted: list[str] | None) -> list[str]:
    """The ids of findings given with an option. Raises typer.BadParameter."""
    from netinfo_scapy.analysis.findings.table import DETECTORS

    for each in wanted or ():
        if each not in DETECTORS:
            raise typer.BadParameter(unknown_id(option, each))
    return wanted or []


def unknown_id(option: str, wanted: str) -> str:
    """What is said of an id that no finding has."""
    from difflib import get_close_matches

    from netinfo_scapy.analysis.findings.table import DETECTORS

    close = get_close_matches(wanted, DETECTORS, cutoff=0.5)
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    return f"{option} {wanted!r} is no finding; {meant}netinfo-scapy findings --explain lists them"


def find_zone(name: str | None) -> tzinfo | None:
    """The time zone of a name. Raises typer.BadParameter."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise typer.BadParameter(f"--tz {name!r} is no time zone known here; write Europe/Berlin or UTC") from error
