"""What a case of the corpus is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from netinfo_scapy.craft.label import Kind
from netinfo_scapy.craft.said import Host
from netinfo_scapy.craft.scenario import SEED, Scenario
from netinfo_scapy.craft.seeded import Seeded
from netinfo_scapy.craft.transforms import AnyTransform
from netinfo_scapy.craft.transforms.base import Break

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

CLIENT = Host("192.0.2.10", 0, "00:05:02:00:02:0a")
SERVER = Host("192.0.2.1", 0, "00:05:02:00:02:01")
STRANGER = Host("203.0.113.66", 0, "00:05:02:00:71:42")
"""Who is in most cases: a workstation, its server, and somebody of another network."""

Say = Callable[[Scenario], None]
"""What says something in a scenario."""


@dataclass(frozen=True)
class Case:
    """A case.

    name: lower case and dashes. summary: one sentence. say: says what is said. transforms: how.
    findings: ids of what the analyzer reports. breaks: beside those of the transforms.
    """

    name: str
    kind: Kind
    summary: str
    say: Say
    transforms: tuple[AnyTransform, ...] = ()
    findings: frozenset[str] = frozenset()
    references: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a case: lower case, digits and dashes")

    @property
    def seed(self) -> int:
        """Another one for each name, so that no two cases have their ports in common and all can be read as one."""
        return Seeded(SEED, self.name).number(1, 99_999)

    def scenario(self) -> Scenario:
        """Its scenario. Raises ValueError."""
        scenario = Scenario(self.seed)
        self.say(scenario)
        for transform in self.transforms:
            scenario.transform(transform)
        return scenario
