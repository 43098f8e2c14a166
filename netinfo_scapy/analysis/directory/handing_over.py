"""Sightings -> the plain values that go to another process, all or a few at a time, and sightings again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from netinfo_scapy.analysis.directory.sightings import Sighting, Sightings, Table, Write
from netinfo_scapy.analysis.portions import Portion, few
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.frames import FrameRef, ref_at
from netinfo_scapy.protocol.netinfo import NETINFO

_ROWS = {row.name: row for row in NETINFO.procedures}


def reduced(sightings: Sightings) -> tuple[Any, ...]:
    """What `__reduce__` gives of sightings."""
    return restored, (
        _room(sightings),
        sightings.others,
        sightings.evicted,
        list(table_rows(sightings)),
        list(write_rows(sightings)),
    )


def portions(sightings: Sightings) -> Iterator[Any]:
    """What other processes unpickle as sightings, a few each: merged in this order, they are these."""
    room = _room(sightings)
    tables: list[Any] = [(key, table.evicted, [], []) for key, table in sightings.tables.items()]
    yield Portion(restored, room, sightings.others, sightings.evicted, tables, [])
    for some in few(chain.from_iterable(table.seen.values() for table in sightings.tables.values())):
        groups = [(table, list(group)) for table, group in groupby(some, attrgetter("table"))]
        rows = [(_key(table), 0, [each.body for each in group], _numbers(group)) for table, group in groups]
        yield Portion(restored, room, [], 0, rows, [])
    for writes in few(write_rows(sightings)):
        yield Portion(restored, room, [], 0, [], writes)


def table_rows(sightings: Sightings) -> Iterator[tuple[Any, ...]]:
    """Each table as plain values, with its sightings: the bodies, and eight numbers of each of them."""
    for key, table in sightings.tables.items():
        yield key, table.evicted, list(table.seen), _numbers(list(table.seen.values()))


def write_rows(sightings: Sightings) -> Iterator[tuple[Any, ...]]:
    """Each write as plain values."""
    return map(_write_row, sightings.writes)


def restored(
    room: tuple[int, int], others: list[Sightings], evicted: int, tables: list[Any], writes: list[Any]
) -> Sightings:
    """The sightings of plain values. room: for bodies and for writes. tables, writes: rows, as above."""
    sightings = Sightings(*room, others=others)
    for (transport, endpoint, name), let_go, bodies, numbers in tables:
        table = sightings._place(transport, endpoint, _ROWS[name])
        table.evicted += let_go
        place = 0
        for body in bodies:
            for _ in range(2):
                ref = ref_at(numbers[place], numbers[place + 1], numbers[place + 2])
                sightings._note(table, body, ref, numbers[place + 3])
                place += 4
    clients: dict[Endpoint, Endpoint] = {}
    for (transport, endpoint, name), at, order, call_at, client, uid, asked, told in writes:
        table = sightings._place(transport, endpoint, _ROWS[name])
        one = clients.setdefault(client, client)
        write = Write(table, FrameRef(*at), order, FrameRef(*call_at), one, uid, asked, told)
        sightings._keep(write)
    sightings.evicted = evicted
    return sightings


def _room(sightings: Sightings) -> tuple[int, int]:
    return sightings._most_bytes, sightings._most_write_bytes


def _key(table: Table) -> tuple[Transport, Endpoint, str]:
    return table.transport, table.endpoint, table.row.name


def _numbers(sightings: list[Sighting]) -> list[int]:
    """Of each sighting where it was seen first and last, and in which order."""
    numbers: list[int] = []
    for each in sightings:
        first, last = each.first, each.last
        numbers += (first.capture, first.number, first.time_ns, each.first_order)
        numbers += (last.capture, last.number, last.time_ns, each.last_order)
    return numbers


def _write_row(each: Write) -> tuple[Any, ...]:
    at, call_at = _plain(each.at), _plain(each.call_at)
    return _key(each.table), at, each.order, call_at, each.client, each.uid, each.asked, each.told


def _plain(at: FrameRef) -> tuple[int, int, int]:
    return at.capture, at.number, at.time_ns
