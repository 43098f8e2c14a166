"""What the commands that ask a server share: how it is named, as whom it is asked, for how long."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netinfo_scapy.cli.users import names_in, uid_of

if TYPE_CHECKING:
    from netinfo_scapy.analysis.directory.source import DirectorySource
    from netinfo_scapy.live.client import NetInfo_Client
    from netinfo_scapy.live.urls import ServerName
    from netinfo_scapy.protocol.secret import Secret

_PANEL = "Servers (netinfo://HOST[:PORT]/TAG)"
_STDIN = "-"

Server = Annotated[
    str,
    typer.Argument(metavar="SERVER", help="netinfo://HOST/TAG; netinfo://HOST:PORT/TAG asks no port mapper."),
]

Timeout = Annotated[
    float,
    typer.Option("--timeout", metavar="SECONDS", min=0.1, max=600, help="For each answer.", rich_help_panel=_PANEL),
]


@dataclass(kw_only=True)
class AsUser:
    """As whom a server is asked, and how patiently."""

    user: Annotated[
        str | None,
        typer.Option(
            "--user",
            metavar="UID|NAME",
            help="Ask as this user, by uid or name; else as nobody.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    password_file: Annotated[
        str | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="The user's password is the first line; -: of standard input.",
            rich_help_panel=_PANEL,
        ),
    ] = None
    password: Annotated[
        bool, typer.Option("--password", help="Ask for the user's password.", rich_help_panel=_PANEL)
    ] = False
    reserved_port: Annotated[
        bool,
        typer.Option("--reserved-port", help="Ask from a source port under 1024; needs root.", rich_help_panel=_PANEL),
    ] = False
    timeout: Timeout = 5.0

    def connect(self, name: ServerName) -> NetInfo_Client:
        """A client of the server, logged in. Raises ClientError, typer.BadParameter, OSError."""
        secret = self._secret()
        ni = name.connect(self.timeout, reserved=self.reserved_port)
        try:
            if self.user is not None or secret is not None:
                ni.log_in(_uid(ni, self.user), secret)
        except ValueError as error:
            ni.close()
            raise typer.BadParameter(f"--password-file: {error}") from error
        except BaseException:
            ni.close()
            raise
        return ni

    def _secret(self) -> Secret | None:
        from netinfo_scapy.protocol.secret import Secret

        if self.password_file is not None and self.password:
            raise typer.BadParameter("--password-file and --password: give one of the two")
        if self.password:
            if not (sys.stdin.isatty() or _has_terminal()):
                raise typer.BadParameter("--password asks on a terminal, and there is none; give --password-file FILE")
            return Secret(os.fsencode(typer.prompt("password", hide_input=True, err=True)))
        if self.password_file is None:
            return None
        if self.password_file == _STDIN:
            line = sys.stdin.buffer.readline()
        else:
            with Path(self.password_file).open("rb") as stream:
                line = stream.readline()
        return Secret(line.rstrip(b"\r\n"))

    def source(self, url: str) -> DirectorySource:
        """A server as a source of directories. Raises typer.BadParameter."""
        from netinfo_scapy.live.source import ServerSource

        name = named(url)
        return ServerSource(url, lambda: self.connect(name), name.tag)

    @contextmanager
    def client(self, url: str) -> Iterator[NetInfo_Client]:
        """A client of the server that is named, for a while."""
        with self.connect(named(url)) as ni:
            yield ni


def _has_terminal() -> bool:
    """Whether a person can be asked something that is not to be shown, whatever standard input is."""
    try:
        with Path("/dev/tty").open("rb"):
            return True
    except OSError:
        return False


def named(url: str) -> ServerName:
    """The server of a URL. Raises typer.BadParameter."""
    from netinfo_scapy.live.urls import ServerName

    try:
        return ServerName.parse(url)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _uid(ni: NetInfo_Client, user: str | None) -> int:
    """The uid of a user; the domain is asked for a name's."""
    if user is None:
        return 0
    if not names_in([user]):
        return _fitting(user, user)
    from netinfo_scapy.analysis.directory.paths import NAME, Step
    from netinfo_scapy.live.errors import NoDirectoryError

    try:
        values: Any = ni.directory((Step(NAME, b"users"), Step(NAME, os.fsencode(user)))).values(b"uid")
    except NoDirectoryError:
        values = None
    told = (values or [b""])[0].decode("latin-1")
    if names_in([told]):
        raise typer.BadParameter(f"--user {user}: /users has no such user with a uid; give the uid")
    return _fitting(told, user)


def _fitting(number: str, user: str) -> int:
    uid = uid_of(number)
    if uid is None:
        raise typer.BadParameter(f"--user {user}: a uid has 32 bits")
    return uid
