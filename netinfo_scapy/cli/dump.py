"""`netinfo-scapy dump`: directories, as nidump printed them and as other systems take them."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.directories import Which, find_or_refuse, finish, named, say_all, write
from netinfo_scapy.cli.history import History, print_history
from netinfo_scapy.cli.options import OUTPUT, AsJson, Zone, find_zone, json_if, reads_captures
from netinfo_scapy.cli.output import STREAM, check_folder, check_source

if TYPE_CHECKING:
    from netinfo_scapy.analysis.directory.source import DirectorySource
    from netinfo_scapy.analysis.directory.tree import Directory, Domain


class Format(StrEnum):
    """How a directory is written."""

    RAW = "raw"
    JSON = "json"
    LDIF = "ldif"
    DSLOCAL = "dslocal"
    JOHN = "john"
    PASSWD = "passwd"
    GROUP = "group"
    HOSTS = "hosts"
    ETHERS = "ethers"
    ALIASES = "aliases"
    NETWORKS = "networks"
    SERVICES = "services"
    PROTOCOLS = "protocols"
    RPC = "rpc"
    FSTAB = "fstab"
    EXPORTS = "exports"
    PRINTCAP = "printcap"
    BOOTPARAMS = "bootparams"
    BOOTPTAB = "bootptab"


@reads_captures
def dump(
    which: Which,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Captures, folders or URLs of them; or a file with nidump's raw form or JSON, -: standard input; or netinfo://HOST[:PORT]/TAG.",
        ),
    ],
    form: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="raw, if nothing is given: nidump's own; json: all that is known; ldif: with RFC 2307's classes; "
            "dslocal: property lists; john: for John the Ripper; the others: the files of Unix.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    as_json: AsJson = False,
    raw: Annotated[
        str | None,
        typer.Option("-r", metavar="PATH", help="Short for --format raw --path PATH.", rich_help_panel=OUTPUT),
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            "--path",
            metavar="PATH",
            help="The directory, as /users; else the root, or for a file of Unix that directory which it is of.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|DIR",
            help="The file to write, else standard output; dslocal: the folder to make and fill.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="DN",
            help="ldif: where the root stands, as dc=example,dc=com; else the tag.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    utf8: Annotated[
        bool, typer.Option("--utf8", help="raw: UTF-8 as it is, not in octal.", rich_help_panel=OUTPUT)
    ] = False,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="john: print the hashes for it.", rich_help_panel=OUTPUT)
    ] = False,
    history: History = None,
    tz: Zone = None,
) -> None:
    """Print the directory of a domain, rebuilt from what captures show, or from a file or a server.

    What is not known is left out, and said on standard error. Values are as they are, hashes included.
    """
    zone = find_zone(tz)
    form = json_if(as_json, form or Format.RAW, Format.RAW, Format.JSON) if as_json else form
    if raw is not None and (form not in (None, Format.RAW) or path is not None):
        raise typer.BadParameter("-r is --format raw with a path; leave out the other --format or --path")
    form, path = form or Format.RAW, raw or path
    _check(form, output, base, reveal)
    if history is not None:
        if output is not None:
            raise typer.BadParameter("--history goes to standard output; leave out -o")
        print_history(which, sources, history, zone)
    source = which.open(sources)
    if form is Format.DSLOCAL:
        _write_files(source, which, path, output or "")
        finish([source])
    target = output or STREAM
    check_source(source, target)
    if form is Format.JSON:
        _print_json(source, which, path, target)
    else:
        _print(source, which, form, path, base, utf8, target)
    finish([source])


def _check(form: Format, output: str | None, base: str | None, reveal: bool) -> None:
    """Refuse what does not go together, before anything is read."""
    from netinfo_scapy.report.dumps.ldif import BaseError, check_base

    if form is Format.JOHN and not reveal:
        raise run.refusal("--format john is for finding passwords; it needs --reveal")
    if form is not Format.DSLOCAL:
        if output not in (None, STREAM):
            check_folder(output)
    elif output is None:
        raise typer.BadParameter("--format dslocal needs -o DIR")
    elif FilePath(output).exists() and not _is_empty_folder(FilePath(output)):
        raise run.refusal(f"{output}: is there, and not an empty folder; name one to be made")
    if base is not None:
        try:
            check_base(base)
        except BaseError as error:
            raise typer.BadParameter(f"--{error}") from error


def _is_empty_folder(path: FilePath) -> bool:
    return path.is_dir() and next(path.iterdir(), None) is None


def _on_terminal(output: str) -> bool:
    return output == STREAM and sys.stdout.isatty()


def _print(
    source: DirectorySource,
    which: Which,
    form: Format,
    path: str | None,
    base: str | None,
    utf8: bool,
    output: str,
) -> None:
    from netinfo_scapy.report.dumps.depth import TooDeepError
    from netinfo_scapy.report.dumps.forms import FORMS, Settings
    from netinfo_scapy.report.dumps.john import left_out
    from netinfo_scapy.report.dumps.known import beside, not_known
    from netinfo_scapy.report.dumps.ldif import default_base

    domain = which.choose_one(source)
    directory = find_or_refuse(source, domain, path or FORMS[form].where)
    settings = Settings(utf8, base or default_base(domain.tag), _on_terminal(output))
    try:
        write(FORMS[form].write(directory, settings), output)
    except TooDeepError as error:
        raise run.refusal(f"{source.name}: {error}") from error
    say_all([left_out(directory) if form is Format.JOHN else None])
    say_all([not_known(directory), *(beside(domain) if directory is domain.root else ())])


def _print_json(source: DirectorySource, which: Which, path: str | None, output: str) -> None:
    from netinfo_scapy import __version__
    from netinfo_scapy.analysis.directory.document import make_document
    from netinfo_scapy.report.dumps.known import not_known
    from netinfo_scapy.report.json_text import json_pieces

    domains = which.choose(source)
    whole = path is None or not path.strip("/")
    found = [(each, _root(source, each) if whole else find_or_refuse(source, each, path or "")) for each in domains]
    top = b"/" if whole else os.fsencode(path or "")
    document = make_document(found, version=__version__, source=source.name, captures=source.captures, path=top)
    write(json_pieces(document), output)
    for domain, directory in found:
        mark = not_known(directory) if directory else "nothing is known of its root directory"
        if mark:
            run.say(f"{named(domain)}: {mark}")


def _root(source: DirectorySource, domain: Domain) -> Directory | None:
    """The root of a domain, if it is known; a server is asked for it."""
    from netinfo_scapy.live.source import ServerSource

    return find_or_refuse(source, domain, "/") if isinstance(source, ServerSource) else domain.root


def _write_files(source: DirectorySource, which: Which, path: str | None, output: str) -> None:
    from netinfo_scapy.report.dumps.depth import TooDeepError
    from netinfo_scapy.report.dumps.dslocal import dslocal
    from netinfo_scapy.report.dumps.known import beside, not_known

    domain = which.choose_one(source)
    directory = find_or_refuse(source, domain, path or "/")
    folder = FilePath(output)
    try:
        # All of it, before the first file is written.
        records = list(dslocal(directory))
        folder.mkdir(parents=True, exist_ok=True)
        for record in records:
            (folder / record.path).parent.mkdir(parents=True, exist_ok=True)
            with (folder / record.path).open("xb") as stream:
                stream.write(record.content)
    except TooDeepError as error:
        raise run.refusal(f"{source.name}: {error}") from error
    except OSError as error:
        raise run.refusal(
            f"{error.filename or output}: cannot be written: {error.strerror or error}; give another path"
        ) from error
    say_all([not_known(directory), *(beside(domain) if directory is domain.root else ())])
