"""Transforms: ways to say the same otherwise, by name. Each keeps the ground truth."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from netinfo_scapy.craft.transforms.base import Transform
from netinfo_scapy.craft.transforms.calls import Duplicates, OtherCredential, Pipelining, Port, Retransmission
from netinfo_scapy.craft.transforms.chaff import ChaffAmbiguous, ChaffChecksum, ChaffTtl
from netinfo_scapy.craft.transforms.malformed import (
    LeftOver,
    ListCount,
    LongCredential,
    LongName,
    ProgramVersion,
    RpcVersion,
)
from netinfo_scapy.craft.transforms.network import IpFragments
from netinfo_scapy.craft.transforms.observed import NoHandshake, OneDirection, SnapLength
from netinfo_scapy.craft.transforms.records import RecordFragments, RecordMark
from netinfo_scapy.craft.transforms.segments import FragmentSegments, OutOfOrder, Overlap, Segments
from netinfo_scapy.craft.yaml_file import told

AnyTransform = (
    OtherCredential | Port | Pipelining | RpcVersion | ProgramVersion | LongCredential | LongName | ListCount | LeftOver
    | RecordFragments | RecordMark | Retransmission | Duplicates | Segments | FragmentSegments | OutOfOrder | Overlap
    | ChaffChecksum | ChaffTtl | ChaffAmbiguous | IpFragments | NoHandshake | OneDirection | SnapLength
)  # fmt: skip

TRANSFORMS: dict[str, type[Transform]] = {str(each.__struct_config__.tag): each for each in get_args(AnyTransform)}
"""Every transform by its name."""


def make_transform(name: str, **parameters: Any) -> AnyTransform:
    """A transform by name. Raises ValueError."""
    if name not in TRANSFORMS:
        raise ValueError(f"{name}: no such transform; there are {', '.join(TRANSFORMS)}")
    try:
        made: AnyTransform = msgspec.convert({"name": name, **parameters}, AnyTransform)
    except msgspec.ValidationError as error:
        place, said = told(error)
        if place == "$":
            said += f"; it has {', '.join(each.encode_name for each in msgspec.structs.fields(TRANSFORMS[name]))}"
        raise ValueError(f"{name}: {f'{place[2:]}: ' if place[2:] else ''}{said}") from error
    return made


__all__ = ["TRANSFORMS", "AnyTransform", "Transform", "make_transform"]
