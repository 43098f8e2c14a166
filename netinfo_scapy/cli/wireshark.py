"""`netinfo-scapy wireshark`: the script that shows NetInfo in Wireshark, and its installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netinfo_scapy.cli import run


def wireshark(
    install: Annotated[bool, typer.Option("--install", help="Copy it where Wireshark looks for it.")] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Remove it from there.")] = False,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file; -: to standard output.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="FOLDER", help="Of Lua plugins; else Wireshark is asked for yours."),
    ] = None,
) -> None:
    """Show NetInfo and nibind in Wireshark and tshark, with a Lua script.

    Without an option: print where the script is, as for tshark -X lua_script:FILE.
    """
    from netinfo_scapy.wireshark import script

    if install + uninstall + (output is not None) > 1:
        raise run.refusal("--install, --uninstall and --output are three things to do; choose one")
    if folder is not None and not (install or uninstall):
        raise run.refusal("--folder says where to --install or --uninstall; add one of them")
    try:
        if output is not None:
            _write(output)
        elif install:
            place = folder or script.plugin_folder()
            script.make_folder(place)
            target = script.target_in(place)
            _write(str(target))
            _tell(f"{target}: installed; Wireshark loads it at its next start")
        elif uninstall:
            _tell(f"{script.remove_from(folder or script.plugin_folder())}: removed")
        else:
            _tell(str(script.SCRIPT))
    except script.ScriptError as error:
        raise run.refusal(str(error)) from None


def _write(target: str) -> None:
    from netinfo_scapy.cli.output import STREAM, check_folder, opened
    from netinfo_scapy.wireshark.script import SCRIPT

    if target != STREAM:
        check_folder(target)
    with opened(target) as stream:
        stream.write(SCRIPT.read_bytes())


def _tell(line: str) -> None:
    with run.output():
        typer.echo(line)
