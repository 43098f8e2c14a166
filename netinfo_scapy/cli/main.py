"""`netinfo-scapy`: the commands, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from netinfo_scapy.cli import run
from netinfo_scapy.cli.analyze import analyze
from netinfo_scapy.cli.messages import messages

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
    sys.exit(_run())


def _run() -> int:
    # click is what typer raises through; imported here, where it is loaded anyway.
    import click

    from netinfo_scapy.capture.errors import CaptureError

    try:
        return app(standalone_mode=False) or run.DONE
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "netinfo-scapy"
        run.say(f"{error.format_message()} (see {command} --help)")
        return run.WRONG_USE
    except click.ClickException as error:
        run.say(error.format_message())
        return run.WRONG_USE
    except FileNotFoundError as error:
        run.say(f"{error.filename}: no such file or directory; check the path")
        return run.WRONG_USE
    except CaptureError as error:
        run.say(str(error))
        return run.NOTHING_READ
    except BrokenPipeError:
        # The reader of our output has gone (as `head` does): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return run.DONE
    except (KeyboardInterrupt, click.Abort):
        run.say("interrupted")
        return run.INTERRUPTED
