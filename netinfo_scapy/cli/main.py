"""`netinfo-scapy`: the commands, and what becomes of errors."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

import netinfo_scapy
from netinfo_scapy.cli import run

# typer raises click's exceptions, and brings a click of its own from some release on; both have this family.
_UsageError: Any = typer.BadParameter.__mro__[1]
_ClickError: Any = typer.BadParameter.__mro__[2]

_COMMANDS = {
    "analyze": "analyze.analyze",
    "messages": "messages.messages",
    "findings": "findings.findings",
    "extract": "extract.extract",
    "scrub": "scrub.scrub",
    "verify": "verify.verify",
    "dump": "dump.dump",
    "list": "list_directories.list_directories",
    "read": "read.read",
    "lookup": "lookup.lookup",
    "diff": "diff.diff",
    "create": "writing.create",
    "set": "writing.set_values",
    "append": "writing.append",
    "rename": "writing.rename",
    "destroy": "writing.destroy",
    "serve": "serve.serve",
    "probe": "probe.probe",
    "sniff": "sniff.sniff",
    "listening": "listening.listening",
    "stats": "stats.stats",
    "rparent": "stats.rparent",
    "tags": "stats.tags",
    "craft": "craft.app",
    "ids": "ids.app",
    "wireshark": "wireshark.wireshark",
    "shell": "shell.shell",
}
"""Each command: the module of this package that it is in, and its name there."""

_KINDS = {"findings": "Explaining"}
"""The commands whose class is one of their own: its name in their module."""

_PLACES = {
    "Captures": ("analyze", "messages", "findings", "extract", "scrub", "verify"),
    "Directories, of captures, files and servers": (
        "dump",
        "list",
        "read",
        "lookup",
        "diff",
        "create",
        "set",
        "append",
        "rename",
        "destroy",
    ),
    "Servers and interfaces": ("serve", "probe", "sniff", "listening", "stats", "rparent", "tags"),
    "Packets, rules, other programs": ("craft", "ids", "wireshark", "shell"),
}
"""Where the help shows each."""

_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names}

_YOUNG = 50_000
"""Objects that may be made before those that are no longer reached are looked for among them: a look goes over all that
is kept meanwhile, which a processor's cache does not hold, and nearly always finds nothing."""


def __getattr__(name: str) -> Any:
    if name == "app":
        return _app(_COMMANDS)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _app(names: Iterable[str]) -> typer.Typer:
    """The commands with some names, loaded."""
    app = typer.Typer(
        name="netinfo-scapy",
        help="Dissect and summarize NetInfo, the directory service of NeXTSTEP and early Mac OS X.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in names:
        home, _, function = _COMMANDS[name].partition(".")
        module = import_module(f"netinfo_scapy.cli.{home}")
        command = getattr(module, function)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, rich_help_panel=_PLACE_OF[name])
        else:
            kind = getattr(module, _KINDS[name]) if name in _KINDS else None
            app.command(name, cls=kind, rich_help_panel=_PLACE_OF[name])(command)
    app.callback()(_options)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        from netinfo_scapy import __version__

        typer.echo(f"netinfo-scapy {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run a command; every error a user can cause ends as one line and an exit code."""
    # Closed streams: there is nothing in the one, and what goes to the other is lost, not printed among the results.
    for name, mode in (("stdin", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - for as long as the command runs
    if sys.stdout is None:
        run.say("standard output is closed; there is nowhere to write to")
        sys.exit(run.WRONG_USE)
    # Nearly nothing that is made is part of a circle; to look for those as often as Python does takes time.
    gc.set_threshold(_YOUNG, 10, 10)
    gc.freeze()
    code = _run()
    # Nor does anything have to be taken apart at the end.
    gc.freeze()
    sys.exit(code)


def _needed() -> typer.Typer:
    """The app, with only the command that is asked for: to load the others takes longer than many captures."""
    return _app([each for each in sys.argv[1:2] if each in _COMMANDS] or _COMMANDS)


_WORDS = {
    "Value error, ": "",
    "is not a valid int range": "is no whole number",
    "is not a valid int": "is no whole number",
    "is not a valid float range": "is no number",
    "is not a valid float": "is no number",
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
    return " ".join(["netinfo-scapy", *(word for word in sys.argv[1:2] if word in _COMMANDS)])


def _run() -> int:
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
    except run.Interrupted:
        return run.INTERRUPTED
    except (KeyboardInterrupt, typer.Abort):
        pass
    # These are loaded when they are first looked at, which is here.
    except netinfo_scapy.CaptureError as error:
        run.say(str(error))
        return run.NOTHING_READ
    except netinfo_scapy.ClientError as error:
        from netinfo_scapy.live.errors import UsageError

        run.say(str(error))
        return run.WRONG_USE if isinstance(error, UsageError) else run.NOTHING_READ
    # Releases of typer differ in whether they tell of an interrupt by an exception or by the exit code.
    run.say("interrupted; what was printed so far is right, but not all")
    return run.INTERRUPTED
