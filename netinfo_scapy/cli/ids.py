"""`netinfo-scapy ids`: rules for intrusion detection, and their proof by a real engine."""

from __future__ import annotations

import typer

from netinfo_scapy.cli.ids_corpus import corpus
from netinfo_scapy.cli.ids_explain import explain
from netinfo_scapy.cli.ids_export import export
from netinfo_scapy.cli.ids_rules import rules
from netinfo_scapy.cli.ids_run import run_engine

app = typer.Typer(help="Make rules for intrusion detection, and prove them on captures.", no_args_is_help=True)
app.command()(rules)
app.command("run")(run_engine)
app.command()(explain)
app.command()(export)
app.command()(corpus)
