"""What the commands that show directories share: how a source, a domain and a path are given, and what ends them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.options import HowRead, Jobs
from netinfo_scapy.cli.output import STREAM, opened
from netinfo_scapy.cli.servers import AsUser

if TYPE_CHECKING:
    from netinfo_scapy.analysis.directory.paths import Path as PathOfDirectory
    from netinfo_scapy.analysis.directory.rebuild import Source as SourceOfDomain
    from netinfo_scapy.analysis.directory.source import DirectorySource
    from netinfo_scapy.analysis.directory.tree import Directory, Domain
    from netinfo_scapy.analysis.directory.until import Until
    from netinfo_scapy.analysis.reading import Reading

    Served = Domain | SourceOfDomain

_SOURCE = "captures; a file with nidump's raw form or JSON, - is standard input; or netinfo://HOST[:PORT]/TAG"

Source = Annotated[str, typer.Argument(metavar="SOURCE", help=f"A capture or a directory of {_SOURCE}.")]
Path = Annotated[
    str, typer.Argument(metavar="PATH", help="Of the directory, as /users, /users/uid=501, or its number.")
]
_PANEL = "Directory"

_MOST_LISTED = 20
"""Domains that a line names, to choose one of."""


@dataclass(kw_only=True)
class Which(HowRead, AsUser):
    """Which domain of a source is meant, and as of when."""

    server: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS[:PORT]", help="The domain that is served there.", rich_help_panel=_PANEL),
    ] = None
    tag: Annotated[
        str | None, typer.Option(metavar="TAG", help="The domain with this tag.", rich_help_panel=_PANEL)
    ] = None
    at: Annotated[
        list[str],
        typer.Option(
            metavar="TIME",
            help="What was learned until then, that included: a time as 2003-05-01T12:00 (UTC unless it says else), "
            "frame:796, or frame:FILE:796 where there are several captures.",
            rich_help_panel=_PANEL,
        ),
    ] = field(default_factory=list)
    jobs: Jobs = None

    def open(self, names: list[str]) -> DirectorySource:
        """The source that is named, as of the moment that is given.

        Raises typer.BadParameter, typer.Exit, CaptureError, FileNotFoundError, OSError.
        """
        if len(self.at) > 1:
            raise typer.BadParameter("--at: one moment is enough here; `diff` takes two of one source")
        source = self.open_any(names)
        return self.as_of(source, self.at)[0] if self.at else source

    def open_any(self, names: list[str]) -> DirectorySource:
        """The source that is named, as it is in the end; raises as `open`."""
        from netinfo_scapy.analysis.directory.captures import ROOMY
        from netinfo_scapy.analysis.directory.source import open_source
        from netinfo_scapy.live.urls import SCHEME

        if self.server is not None:
            _server(self.server)
        with _refusing():
            return open_source(
                names,
                lambda captures: self.read(captures, limits=ROOMY),
                rebuild=self._rebuild,
                schemes={SCHEME: self.source},
            )

    def _rebuild(self, reading: Reading, moments: Sequence[Until | None]) -> list[list[Domain]]:
        from netinfo_scapy.analysis.directory.captures import domains_at
        from netinfo_scapy.cli.workers import workers

        with workers(reading, self.jobs, None) as found, run.progress(reading, shown=True):
            return domains_at(reading, moments, found.executor, found.jobs)

    def as_of(self, source: DirectorySource, moments: list[str]) -> list[DirectorySource]:
        """A source as of moments. Raises typer.Exit where it does not have them."""
        from netinfo_scapy.analysis.directory.source import CaptureSource

        if not isinstance(source, CaptureSource):
            raise run.refusal(f"--at is of captures, which know more than one time; {source.name} is none")
        with _refusing():
            return [*source.as_of(moments)]

    def fits(self, domain: Served) -> bool:
        """Whether a domain is what was asked for. That of a file, which tells neither, is."""
        if domain.address is None and domain.tag is None:
            return True
        if self.tag is not None and domain.tag != os.fsencode(self.tag):
            return False
        if self.server is None or domain.address is None:
            return True
        address, port = _server(self.server)
        return domain.address == address and (port is None or any(each.port == port for _, each in domain.endpoints))

    def choose(self, source: DirectorySource) -> list[Domain]:
        """The domains of a source that fit, at least one. Raises typer.Exit where nothing is known."""
        from netinfo_scapy.analysis.directory.source import CaptureSource

        domains = source.domains()
        if source.reading and run.nothing_read(source.reading.captures):
            run.finish(source.reading)
        fit = [each for each in domains if self.fits(each)]
        if not domains:
            until = ", not until the moment of --at" if isinstance(source, CaptureSource) and source.moment else ""
            finish([source], failed=f"{source.name}: no directory is read or written in it{until}")
        if not fit:
            raise run.refusal(f"{source.name}: no such domain; there is {listed(domains)}")
        return fit

    def choose_one(self, source: DirectorySource) -> Domain:
        """The one domain of a source that fits. Raises typer.Exit where there are several."""
        fit = self.choose(source)
        if len(fit) > 1:
            raise run.refusal(f"{source.name}: {len(fit)} domains, choose one: {listed(fit)}")
        return fit[0]


@contextmanager
def _refusing() -> Iterator[None]:
    """Around what may ask for something that cannot be meant."""
    from netinfo_scapy.analysis.directory.errors import MisuseError

    try:
        yield
    except MisuseError as error:
        raise run.refusal(str(error)) from error


def _server(text: str) -> tuple[bytes, int | None]:
    """The address, packed, and the port of a server. Raises typer.BadParameter."""
    from ipaddress import ip_address

    found = re.fullmatch(
        r"\[(?P<six>[^]]*)\](:(?P<port6>\d{1,5}))?|(?P<four>[^:]*)(:(?P<port4>\d{1,5}))?|(?P<any>.*)", text
    )
    parts = found.groupdict() if found else {}
    port = parts.get("port6") or parts.get("port4")
    try:
        address = ip_address(parts.get("six") or parts.get("four") or parts.get("any") or "")
        if port is not None and not 0 < int(port) < 65536:
            raise ValueError
    except ValueError:
        raise typer.BadParameter(
            f"--server {text!r} is no address; write 10.0.0.1, 10.0.0.1:1033 or [fe80::1]:1033"
        ) from None
    return address.packed, None if port is None else int(port)


def listed(domains: Sequence[Served]) -> str:
    """Domains by the options that choose them."""
    more = f" and {len(domains) - _MOST_LISTED:,} more" if len(domains) > _MOST_LISTED else ""
    return ", ".join(named(each) for each in domains[:_MOST_LISTED]) + more


def named(domain: Served) -> str:
    """A domain by the options that choose it."""
    from netinfo_scapy.analysis.values import file_name
    from netinfo_scapy.capture.flows import ip_text

    options: list[str] = []
    if domain.address is not None:
        # Without a tag only the port tells a server's domains apart.
        port = domain.endpoints[0][1].port if domain.tag is None and domain.endpoints else None
        address = ip_text(domain.address)
        host = f"[{address}]" if port is not None and ":" in address else address
        options.append(f"--server {host}" + (f":{port}" if port is not None else ""))
    if domain.tag is not None:
        options.append(f"--tag {file_name(os.fsdecode(domain.tag))}")
    return " ".join(options) or "the one without a name"


def find(
    source: DirectorySource, domain: Domain, path: str, *, depth: int | None = None, key: str | None = None
) -> Directory:
    """The directory at a path. Raises NoSuchDirectoryError, typer.BadParameter for what is no path."""
    return source.directory(domain, parsed(path), depth=depth, key=None if key is None else os.fsencode(key))


def find_or_refuse(
    source: DirectorySource, domain: Domain, path: str, *, depth: int | None = None, key: str | None = None
) -> Directory:
    """The same; where there is none, that ends the command."""
    with missing(source):
        return find(source, domain, path, depth=depth, key=key)


def parsed(path: str) -> PathOfDirectory | int:
    """What a path means. Raises typer.BadParameter."""
    from netinfo_scapy.analysis.directory.paths import parse_path

    try:
        return parse_path(os.fsencode(path))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@contextmanager
def missing(source: DirectorySource) -> Iterator[None]:
    """Around what asks a source for a directory that may not be there."""
    from netinfo_scapy.analysis.directory.paths import NoSuchDirectoryError

    try:
        yield
    except NoSuchDirectoryError as error:
        raise run.refusal(f"{source.name}: {error}") from error


def finish(sources: Sequence[DirectorySource], failed: str | None = None, otherwise: int = run.DONE) -> NoReturn:
    """Tell what could not be read, and exit.

    failed: what was asked for and is not there. otherwise: the code that says more than what was read.
    """
    code = run.DONE
    say_all(_beyond_the_end(source) for source in sources)
    for source in sources:
        if source.reading is not None:
            try:
                run.finish(source.reading)
            except typer.Exit as end:
                code = max(code, end.exit_code)
    if failed:
        raise run.refusal(failed)
    raise typer.Exit(otherwise if otherwise != run.DONE else code)


def _beyond_the_end(source: DirectorySource) -> str | None:
    """What is said of a moment that no frame of the captures has reached."""
    from netinfo_scapy.analysis.directory.source import CaptureSource

    moment = source.moment if isinstance(source, CaptureSource) else None
    if moment is None or moment.number is None or source.reading is None:
        return None
    capture = source.reading.captures[moment.capture]
    if moment.number <= capture.frames_read:
        return None
    return f"--at frame:{moment.number}: {capture.name} ends with frame {capture.frames_read}; this is all of it"


def write(chunks: Iterable[bytes], output: str = STREAM) -> None:
    """Write to a file or standard output; what a reader does not want any more is no error."""
    with opened(output) as stream:
        for chunk in chunks:
            stream.write(chunk)


def say_all(lines: Iterable[str | None]) -> None:
    """Marks beside a result."""
    for line in lines:
        if line:
            run.say(line)
