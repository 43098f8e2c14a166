"""`netinfo-scapy ids`: what authors of IDS rules need."""

from __future__ import annotations

import typer

from netinfo_scapy.cli.ids_corpus import corpus

app = typer.Typer(help="Make, and try, rules for intrusion detection.", no_args_is_help=True)
app.command()(corpus)
