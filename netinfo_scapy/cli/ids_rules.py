"""`netinfo-scapy ids rules`: the rule set, in the words of an engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from netinfo_scapy.cli import output, run
from netinfo_scapy.cli.ids_cases import EngineName
from netinfo_scapy.craft.rules.rule import Engine


def rules(
    engine: EngineName = Engine.SURICATA,
    target: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write, replaced if it is there; scripts of rules go beside it. -: standard output.",
        ),
    ] = output.STREAM,
) -> None:
    """Write the rules for an engine: what can be seen on the wire of what `findings` tells."""
    from netinfo_scapy.craft.rules.render import rules_file
    from netinfo_scapy.craft.rules.table import RULES

    if target == output.STREAM:
        with run.output():
            sys.stdout.write(rules_file(RULES.values(), engine))
        scripts = sum(1 for _ in _scripts(engine))
        if scripts:
            run.say(f"{scripts} of the rules have a script each, which only -o FILE writes, beside the file")
        return
    output.check_folder(target)
    write_rules(Path(target), engine)


def write_rules(path: Path, engine: Engine) -> None:
    """The rules into a file, and beside it the scripts that they name. Raises typer.Exit."""
    from netinfo_scapy.craft.rules.render import rules_file
    from netinfo_scapy.craft.rules.table import RULES

    texts = {path: rules_file(RULES.values(), engine)}
    texts |= {path.parent / name: text for name, text in _scripts(engine)}
    for each, text in texts.items():
        with output.opened(str(each)) as stream:
            stream.write(text.encode())


def _scripts(engine: Engine) -> list[tuple[str, str]]:
    from netinfo_scapy.craft.rules.lua import script_name, script_of
    from netinfo_scapy.craft.rules.table import RULES

    found = ((script_name(rule), script_of(rule)) for rule in RULES.values() if engine in rule.engines)
    return [(name, text) for name, text in found if text is not None]
