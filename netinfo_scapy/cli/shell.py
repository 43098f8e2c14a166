"""`netinfo-scapy shell`: Scapy's own shell, with the layers of NetInfo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from netinfo_scapy.cli import run

_GUIDE = Path(__file__).parents[2] / "docs" / "shell.md"
_BANNER = """NetInfo's layers are loaded{read}. Three things to type:
  {first}
  ls(NI_LOOKUP_Call)
  (IP(dst="192.0.2.1")/UDP()/RPC()/NI_LOOKUP_Call(key="name", value="users")).show2()
What else there is: {guide}
"""


def shell(
    captures: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="CAPTURE...", exists=True, dir_okay=False, readable=True, help="Files to read into `pkts`."
        ),
    ] = None,
) -> None:
    """Start Scapy's shell with all of netinfo_scapy.layers, and the clients; `pkts` has the captures' packets."""
    names: dict[str, Any] = {}
    if captures:
        names["pkts"] = _read(captures)
    from scapy import config, main

    from netinfo_scapy import clients, layers

    # As an extension, it is also what load_layer() and explore() find.
    config.conf.exts.load("netinfo-scapy")
    config.conf.fancy_banner = False
    # Scapy shows a banner that it is given in IPython only.
    read = f", and pkts has {len(names['pkts']):,} packets" if captures else ""
    first = "netinfo(pkts).exchanges()" if captures else 'netinfo(rdpcap("old.pcap")).exchanges()'
    guide = _GUIDE if _GUIDE.exists() else "docs/shell.md of netinfo-scapy"
    typer.echo(_BANNER.format(read=read, first=first, guide=guide))
    shown = {name: getattr(layers, name) for name in layers.__all__} | clients()
    # Scapy has options of its own; the words of this command are none of them.
    main.interact(mydict=shown | names, argv=["netinfo-scapy"])


def _read(captures: list[Path]) -> Any:
    """The packets of captures, as one list; a capture that Scapy cannot read ends the command."""
    import scapy.all as scapy

    import netinfo_scapy.layers  # noqa: F401 - before reading: packets are dissected by the layers that are there

    packets: list[Any] = []
    for capture in captures:
        try:
            packets += scapy.rdpcap(str(capture))
        except (scapy.Scapy_Exception, EOFError, OSError) as error:
            run.say(f"{capture}: Scapy cannot read it: {error}")
            raise typer.Exit(run.NOTHING_READ) from None
    return scapy.PacketList(packets, name=", ".join(capture.name for capture in captures))
