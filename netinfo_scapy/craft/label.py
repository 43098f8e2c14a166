"""`case.yaml`: what a capture of the corpus is, what is to be decoded of it, and which rules are to alert."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from netinfo_scapy.craft.transforms import AnyTransform
from netinfo_scapy.craft.transforms.base import Break
from netinfo_scapy.craft.truth import Expected
from netinfo_scapy.craft.yaml_file import converted, dump_yaml, load_yaml

LABEL_NAME = "case.yaml"
Kind = Literal["procedure", "recipe", "negative", "evasion", "malformed"]
Engine = Literal["suricata", "snort2", "snort3"]


class KnownMiss(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule that should alert and is known not to. why: for people.

    checksums: only where the engine leaves out packets with wrong checksums (`all`), or takes them (`none`).
    """

    sid: int
    why: str
    checksums: Literal["all", "none"] | None = None


class Outcome(Struct, frozen=True, forbid_unknown_fields=True):
    """What an engine says of a case. must: the rules that alert; every rule that is not named here must not."""

    must: list[int] = []
    known_miss: list[KnownMiss] = []


class Label(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case. The keys stand in this order.

    case: its name, that of its folder. seed: of its scenario. transforms: in the order in which they were applied.
    breaks: what it is meant to break (`transforms.base.Break`). ambiguous: no passive observer can tell what the
    receiver took. ports: of servers that only calls name, other than 961 and 111. messages: what a perfect observer
    decodes. findings: ids of those that the analyzer reports. expected: by engine.
    """

    case: str
    kind: Kind
    summary: str
    seed: int
    transforms: list[AnyTransform]
    breaks: list[Break]
    ambiguous: bool
    ports: list[int]
    messages: list[Expected]
    findings: list[str]
    expected: dict[Engine, Outcome]
    references: list[str]


def write_label(path: Path, label: Label) -> None:
    """Write a label. Raises OSError."""
    path.write_text(dump_yaml(msgspec.to_builtins(label)), encoding="utf-8")


def read_label(path: Path) -> Label:
    """Read a label. Raises OSError, ValueError with file and place."""
    value, line_of = load_yaml(path)
    return converted(path, value, line_of, Label)
