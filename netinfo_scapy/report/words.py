"""Numbers, lists and names as people read them; the reports in a terminal and in a browser share them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from netinfo_scapy.analysis.summary import ConversationSummary, DomainSummary, ServerSummary, Statuses
from netinfo_scapy.report.escape import shown

Row = TypeVar("Row", ServerSummary, ConversationSummary)
Key = TypeVar("Key")

OK = "ok"
_GOOD = {"NI_OK", "SUCCESS"}


def quoted(text: str) -> str:
    """A text of the documentation as the reports show it: its words of code in quotation marks."""
    return text.replace("`", '"')


def tag_name(tag: str | dict[str, str]) -> str:
    """A tag for people, the empty one too."""
    return shown(tag) or '""'


def domain_name(domain: DomainSummary) -> str:
    """A domain's tag, or where it is served."""
    if domain.tag is not None:
        return tag_name(domain.tag)
    return ", ".join(f"{each.transport} port {each.server_port}" for each in domain.endpoints) + ", tag unknown"


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def service_of(server: ServerSummary) -> tuple[str, str, tuple[str, ...]]:
    """What is served where, whatever the ports: host, programs and tags."""
    programs = ", ".join(server.program_names) or "no RPC seen"
    return server.server_ip, programs, tuple(tag_name(tag) for tag in server.tags)


def talk_of(conversation: ConversationSummary) -> tuple[str, str, str]:
    """Who asked whom about which program, whatever the ports."""
    return conversation.client_ip, conversation.server_ip, conversation.program_name or "calls not seen"


def grouped(rows: Iterable[Row], key: Callable[[Row], Key]) -> list[tuple[Key, list[Row]]]:
    """The rows by key; the key with the most calls first."""
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return sorted(groups.items(), key=lambda item: -sum(row.calls for row in item[1]))


def by_status(all_statuses: Iterable[Statuses]) -> list[tuple[str, int]]:
    """How often calls were answered how: `OK` first, whatever its name, then the others by how often."""
    counts: Counter[str] = Counter()
    for statuses in all_statuses:
        for status, count in statuses.items():
            counts[OK if status in _GOOD else status] += count
    return sorted(counts.items(), key=lambda item: (item[0] != OK, -item[1], item[0]))
