"""`netinfo-scapy create`, `set`, `append`, `rename`, `destroy`: changes of a directory, as niutil makes them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.directories import Path
from netinfo_scapy.cli.options import reads_captures
from netinfo_scapy.cli.servers import AsUser, Server

if TYPE_CHECKING:
    from netinfo_scapy.live.client import NetInfo_Client

Write = Annotated[bool, typer.Option("--write", help="Do it: without this nothing is written.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The property's name.")]
Values = Annotated[list[str] | None, typer.Argument(metavar="[VALUE...]", help="None: an empty list.")]


def _change(user: AsUser, server: str, wanted: bool, change: Callable[[NetInfo_Client], Any]) -> None:
    """Carry a change out, if that is wanted. Raises typer.Exit, typer.BadParameter, ClientError.

    What is not there is refused as by the commands that read: the path was wrong, not the server.
    """
    from netinfo_scapy.live.errors import NoDirectoryError, NoPropertyError

    if not wanted:
        raise run.refusal(f"nothing was written to {server}: say so with --write")
    try:
        with user.client(server) as ni:
            change(ni)
    except (NoDirectoryError, NoPropertyError) as error:
        raise run.refusal(str(error)) from error
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@reads_captures
def create(user: AsUser, server: Server, path: Path, write: Write = False) -> None:
    """Make a directory; the one above it must be there. niutil -create."""
    from netinfo_scapy.live.writes import create_directory

    _change(user, server, write, lambda ni: create_directory(ni, os.fsencode(path)))


@reads_captures
def set_values(user: AsUser, server: Server, path: Path, key: Key, values: Values = None, write: Write = False) -> None:
    """Give a property values, in place of those it has. niutil -createprop."""
    from netinfo_scapy.live.writes import set_property

    wanted = [os.fsencode(each) for each in values or ()]
    _change(user, server, write, lambda ni: set_property(ni, os.fsencode(path), os.fsencode(key), wanted))


@reads_captures
def append(user: AsUser, server: Server, path: Path, key: Key, values: Values = None, write: Write = False) -> None:
    """Add values to a property, behind those it has. niutil -appendprop."""
    from netinfo_scapy.live.writes import append_values

    wanted = [os.fsencode(each) for each in values or ()]
    _change(user, server, write, lambda ni: append_values(ni, os.fsencode(path), os.fsencode(key), wanted))


@reads_captures
def rename(
    user: AsUser,
    server: Server,
    path: Path,
    key: Key,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its new name.")],
    write: Write = False,
) -> None:
    """Give a property another name. niutil -renameprop."""
    from netinfo_scapy.live.writes import rename_property

    _change(user, server, write, lambda ni: rename_property(ni, os.fsencode(path), os.fsencode(key), os.fsencode(name)))


@reads_captures
def destroy(
    user: AsUser,
    server: Server,
    path: Path,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="A property; else the directory.")] = None,
    recursive: Annotated[bool, typer.Option("--recursive", help="With all directories below it.")] = False,
    write: Write = False,
) -> None:
    """Remove a directory, or one of its properties. niutil -destroy, -destroyprop."""
    from netinfo_scapy.live.writes import destroy_directory, destroy_property

    where = os.fsencode(path)
    if key is None:
        _change(user, server, write, lambda ni: destroy_directory(ni, where, recursive))
    elif recursive:
        raise typer.BadParameter("--recursive: a property has nothing below it")
    else:
        _change(user, server, write, lambda ni: destroy_property(ni, where, os.fsencode(key)))
