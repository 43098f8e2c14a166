"""The parts of the site that are read off the program: commands, layers, schemas, anomalies.

A page asks for one with a block of its own, as ```{generated} commands```; what it gets is Markdown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer
from docutils import nodes
from scapy.packet import Packet
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from typer.cli import get_docs_for_click

from netinfo_scapy import layers as room
from netinfo_scapy.cli.main import app as cli
from netinfo_scapy.protocol.anomalies import MEANINGS

DOCS = Path(__file__).resolve().parents[1]
_NAME = "netinfo-scapy"


def commands() -> str:
    """Every command with its arguments and options, as typer documents them."""
    command = typer.main.get_command(cli)
    context = command.make_context(_NAME, [], resilient_parsing=True)
    text = get_docs_for_click(obj=command, ctx=context, name=_NAME, indent=1)
    # typer's own list of the commands cuts each line short.
    return re.sub(r"^\*\*Commands\*\*:\n\n(?:\* .*\n)+", lambda _: _list(command, context), text, count=1, flags=re.M)


def _list(command: Any, context: Any) -> str:
    described = ((name, command.get_command(context, name).help) for name in command.list_commands(context))
    return "".join(f"* [`{name}`](#{_NAME}-{name}): {_sentence(text or '')}\n" for name, text in described)


def _sentence(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())


def layers() -> str:
    """Every layer with its fields, a table for each module."""
    return "\n".join(_layers()) + "\n"


def _layers() -> Iterator[str]:
    classes = [each for name in room.__all__ if isinstance(each := getattr(room, name), type)]
    packets = [each for each in classes if issubclass(each, Packet)]
    for module in dict.fromkeys(each.__module__ for each in packets):
        yield from ("", f"## {module.rpartition('.')[2]}", "", _first_line(__import__(module, fromlist=["_"])), "")
        yield from _table(
            ("layer", "what it is", "fields"), map(_layer, (p for p in packets if p.__module__ == module))
        )


def _layer(packet: Any) -> tuple[str, str, str]:
    fields = ", ".join(f"`{each.name}`" for each in packet.fields_desc)
    return f"`{packet.__name__}`", _first_line(packet), fields or "none"


def _first_line(documented: Any) -> str:
    return (documented.__doc__ or "").strip().partition("\n")[0]


def schema(name: str) -> str:
    """What the objects of an output hold, a table for each kind of object."""
    return "\n".join(_schema(json.loads((DOCS / "schema" / f"{name}.json").read_text(encoding="utf-8"))))


def _schema(whole: dict[str, Any]) -> Iterator[str]:
    top = whole.get("$ref", "").rpartition("/")[2]
    kinds = whole.get("$defs", {})
    yield from (f"{whole['title']}.", "")
    for kind in sorted(kinds, key=lambda each: each != top):
        if "properties" not in kinds[kind]:
            continue
        described = kinds[kind].get("description", "")
        yield from (f"### {kind}", "", " ".join(described.split()), "")
        required = kinds[kind].get("required", ())
        properties = kinds[kind]["properties"].items()
        yield from _table(
            ("key", "type"),
            (
                (f"`{key}`" + ("" if key in required else ", may be missing"), _kind_of(each))
                for key, each in properties
            ),
        )
        yield ""


def _kind_of(value: dict[str, Any]) -> str:
    """A JSON Schema's type in words."""
    match value:
        case {"$ref": str(target)}:
            return f"[{(name := target.rpartition('/')[2])}](#{name.lower()})"
        case {"anyOf": options}:
            return " or ".join(map(_kind_of, options))
        case {"enum": options}:
            return ", ".join(f"`{json.dumps(each)}`" for each in options)
        case {"type": "array", "items": dict(items)}:
            return f"array of {_kind_of(items)}"
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"object of {_kind_of(values)}"
        case {"type": str(name)}:
            return name
        case _:
            return "any"


def anomalies() -> str:
    """What can be odd about a message."""
    return "\n".join(_table(("identifier", "meaning"), ((f"`{key}`", text) for key, text in MEANINGS.items())))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


PARTS: dict[str, Callable[..., str]] = {
    "commands": commands,
    "layers": layers,
    "schema": schema,
    "anomalies": anomalies,
}
"""What a block can ask for; a word after it is its argument."""


class Generated(SphinxDirective):
    """A block that stands for a generated part."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make the part, and read it as the Markdown of this page."""
        part, *rest = self.arguments
        text = PARTS[part](*rest)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


_SINGLE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
_DESCRIBED = re.compile(r"^([a-z_]+(?:, [a-z_]+)*): ")


def docstring_as_list(_app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Show what a docstring says of parameters, `name: text` a line, as a list."""
    shown: list[str] = []
    listed = False
    for line in (_SINGLE.sub(r"``\1``", each) for each in lines):
        described = _DESCRIBED.match(line)
        if described or (listed and line and not line.startswith(" ")):
            shown.append("")
        shown.append(
            f"* **{described[1]}**: {line[described.end() :]}"
            if described
            else line[2:]
            if listed and line.startswith("    ")
            else line
        )
        listed = bool(described) or (listed and line.startswith(" "))
    lines[:] = shown


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx of the block, and of how docstrings are written here."""
    app.add_directive("generated", Generated)
    app.connect("autodoc-process-docstring", docstring_as_list)
    return {"parallel_read_safe": True, "version": "1"}
