"""`netinfo-scapy`: the commands, and what becomes of errors."""

from __future__ import annotations

import gc
import os
import sys
from copy import copy
from typing import Annotated, Any

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.analyze import analyze
from netinfo_scapy.cli.craft import app as craft
from netinfo_scapy.cli.diff import diff
from netinfo_scapy.cli.dump import dump
from netinfo_scapy.cli.extract import extract
from netinfo_scapy.cli.findings import Explaining, findings
from netinfo_scapy.cli.ids import app as ids
from netinfo_scapy.cli.list_directories import list_directories
from netinfo_scapy.cli.listening import listening
from netinfo_scapy.cli.lookup import lookup
from netinfo_scapy.cli.messages import messages
from netinfo_scapy.cli.probe import probe
from netinfo_scapy.cli.read import read
from netinfo_scapy.cli.scrub import scrub
from netinfo_scapy.cli.serve import serve
from netinfo_scapy.cli.shell import shell
from netinfo_scapy.cli.sniff import sniff
from netinfo_scapy.cli.stats import rparent, stats, tags
from netinfo_scapy.cli.verify import verify
from netinfo_scapy.cli.wireshark import wireshark
from netinfo_scapy.cli.writing import append, create, destroy, rename, set_values

# typer raises click's exceptions, and brings a click of its own from some release on; both have this family.
_UsageError: Any = typer.BadParameter.__mro__[1]
_ClickError: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="netinfo-scapy",
    help="Dissect and summarize NetInfo, the directory service of NeXTSTEP and early Mac OS X.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(analyze)
app.command()(messages)
app.command()(dump)
app.command("list")(list_directories)
app.command()(read)
app.command()(lookup)
app.command()(diff)
app.command(cls=Explaining)(findings)
app.command()(extract)
app.command()(scrub)
app.command()(verify)
app.command()(wireshark)
app.command()(serve)
app.add_typer(craft, name="craft")
app.add_typer(ids, name="ids")
app.command()(sniff)
app.command()(probe)
app.command()(listening)
app.command()(stats)
app.command()(rparent)
app.command()(tags)
app.command()(create)
app.command("set")(set_values)
app.command()(append)
app.command()(rename)
app.command()(destroy)
app.command()(shell)


def _print_version(wanted: bool) -> None:
    if wanted:
        from netinfo_scapy import __version__

        typer.echo(f"netinfo-scapy {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run a command; every error a user can cause ends as one line and an exit code."""
    if sys.stdout is None:
        run.say("standard output is closed; there is nowhere to write to")
        sys.exit(run.WRONG_USE)
    gc.freeze()
    code = _run()
    # Nor does anything have to be taken apart at the end.
    gc.freeze()
    sys.exit(code)


def _needed() -> typer.Typer:
    """The app, with only the command that is asked for: to prepare the others, too, takes longer than many captures."""
    commands = [each for each in app.registered_commands if _name(each) in sys.argv[1:2]]
    if not commands:
        return app
    needed = copy(app)
    needed.registered_commands, needed.registered_groups = commands, []
    return needed


def _name(command: Any) -> str:
    return str(command.name or command.callback.__name__.replace("_", "-"))


_WORDS = {
    "Value error, ": "",
    "is not a valid int range": "is no whole number",
    "is not a valid float range": "is no number",
}
"""What typer says -> what a person understands."""


def _first_line(error: Any) -> str:
    said = error.format_message()
    for theirs, ours in _WORDS.items():
        said = said.replace(theirs, ours)
    return " ".join(said.split())


def _command(error: Any) -> str:
    """The command that was used wrongly; where typer does not tell, the first word names it, if it is one."""
    if error.ctx:
        return str(error.ctx.command_path)
    named = {_name(each) for each in app.registered_commands}
    return " ".join(["netinfo-scapy", *(word for word in sys.argv[1:2] if word in named)])


def _run() -> int:
    from netinfo_scapy.capture.errors import CaptureError
    from netinfo_scapy.live.errors import ClientError, UsageError

    try:
        code = _needed()(standalone_mode=False) or run.DONE
        if code != run.INTERRUPTED:
            return code
    except _UsageError as error:
        if not _first_line(error):
            return run.WRONG_USE  # the help was printed instead
        run.say(f"{_first_line(error)} (see {_command(error)} --help)")
        return run.WRONG_USE
    except _ClickError as error:
        run.say(_first_line(error))
        return run.WRONG_USE
    except FileNotFoundError as error:
        run.say(f"{error.filename}: no such file or directory; check the path")
        return run.WRONG_USE
    except OSError as error:
        if error.filename is None:
            return run.give_up(error)
        run.say(f"{os.fsdecode(error.filename)}: {error.strerror or error}; name a file that can be used")
        return run.WRONG_USE
    except SystemExit as error:
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        return run.DONE  # the reader of a help went away
    except CaptureError as error:
        run.say(str(error))
        return run.NOTHING_READ
    except ClientError as error:
        run.say(str(error))
        return run.WRONG_USE if isinstance(error, UsageError) else run.NOTHING_READ
    except run.Interrupted:
        return run.INTERRUPTED
    except (KeyboardInterrupt, typer.Abort):
        pass
    # Releases of typer differ in whether they tell of an interrupt by an exception or by the exit code.
    run.say("interrupted; what was printed so far is right, but not all")
    return run.INTERRUPTED
