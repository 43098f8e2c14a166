"""What `serve` serves: sources and the store made one host."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

import typer

from netinfo_scapy.cli import run

if TYPE_CHECKING:
    from types import TracebackType

    from netinfo_scapy.analysis.directory.tree import Directory, Domain
    from netinfo_scapy.live.responder.host import Host
    from netinfo_scapy.live.responder.store import Object
    from netinfo_scapy.live.store_file import StoreFile

_TAG = "network"
_OFFICE_HOST = "office"
_LOOPBACK = IPv4Address("127.0.0.1")
_MOST_ADDRESSES = 1_000


@dataclass(kw_only=True)
class Wish:
    """The options of `serve` that say what is served. address: what the host tells as its own, None: is to be found."""

    source: str | None
    tags: list[str]
    dialect: str
    hostname: str | None
    address: IPv4Address | None
    parent: tuple[bytes, IPv4Address] | None
    write: bool
    store: str | None
    root_password: str | None
    honeypot: bool


class Served:
    """A host with its domains; a context, at whose end the store is closed."""

    def __init__(self, host: Host, store: StoreFile | None) -> None:
        self.host = host
        self._store = store

    def __enter__(self) -> Served:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        if self._store is not None:
            self._store.close()

    @classmethod
    def of(cls, wish: Wish) -> Served:
        """What was wished for. Raises typer.BadParameter, typer.Exit, CaptureError, OSError."""
        from netinfo_scapy.live.responder.dialects import DIALECTS
        from netinfo_scapy.live.responder.host import Host, NoKeeper

        store = _open_store(wish.store)
        kept = store.domains() if store else {}
        domains = dict(kept)
        for tag, objects in _from_sources(wish, kept):
            domains[tag] = objects
        if not domains:
            raise typer.BadParameter("nothing to serve: give a SOURCE, --tag TAG=SOURCE, or --honeypot")
        if wish.write and store is None:
            run.say("warning: what is written is lost in the end; --store FILE keeps it")
        own = _own_addresses(domains)
        host = Host(
            name=_hostname(wish, domains),
            address=wish.address or next((each for each in own if not each.is_loopback), _LOOPBACK),
            addresses=frozenset(own),
            dialect=DIALECTS[wish.dialect],
            refusal="PERM" if wish.honeypot else None if wish.write else "RDONLY",
            root_password=_root_password(wish.root_password),
            parent=wish.parent,
            keeper=store or NoKeeper(),
        )
        for tag, objects in domains.items():
            if store and tag not in kept:
                store.keep(tag, objects)
            host.add(tag, objects)
        return cls(host, store)


def _root_password(text: str | None) -> bytes | None:
    """What is kept of root's password. Raises typer.BadParameter, which does not show what may be the password."""
    if text is None:
        return None
    from netinfo_scapy.live.responder.rights import is_hash

    kept = os.fsencode(text)
    if not is_hash(kept):
        raise typer.BadParameter("--root-password: this is no hash of DES or MD5; openssl passwd -1 makes one")
    return kept


def _open_store(path: str | None) -> StoreFile | None:
    if path is None:
        return None
    from netinfo_scapy.live.store_file import StoreFile, StoreFileError

    try:
        return StoreFile(path)
    except StoreFileError as error:
        raise run.refusal(str(error)) from None


def _own_addresses(domains: dict[bytes, dict[int, Object]]) -> list[IPv4Address]:
    """Those of the machines in the domains that are this machine's."""
    from netinfo_scapy.live.responder.machines import addresses
    from netinfo_scapy.live.responder.store import Store
    from netinfo_scapy.live.server_sockets import is_own

    named = dict.fromkeys(each for objects in domains.values() for each in addresses(Store(objects)))
    some = (each for each in list(named)[:_MOST_ADDRESSES] if not (each.is_unspecified or each.is_multicast))
    return [each for each in some if is_own(str(each))]


def _hostname(wish: Wish, domains: dict[bytes, dict[int, Object]]) -> bytes:
    from netinfo_scapy.live.responder.machines import master_of
    from netinfo_scapy.live.responder.store import Store

    if wish.hostname is not None:
        return os.fsencode(wish.hostname)
    masters = (master_of(Store(objects)) for objects in domains.values())
    named = next((each[0] for each in masters if each), None)
    return named or os.fsencode(socket.gethostname().partition(".")[0])


def _from_sources(wish: Wish, kept: Any) -> Iterator[tuple[bytes, dict[int, Object]]]:
    """The domains of every source, but those that the store has already. Raises typer.BadParameter, typer.Exit."""
    from netinfo_scapy.live.responder.store import LoadError, objects_of

    seen: set[bytes] = set()
    for tag, domain, name in _named(wish):
        if tag in seen:
            raise typer.BadParameter(
                f"two domains with the tag {os.fsdecode(tag)!r}; give each its own with --tag TAG=SOURCE"
            )
        seen.add(tag)
        if tag in kept:
            run.say(f"{os.fsdecode(tag)}: taken from {wish.store}, as it was last; {name} is left aside")
            continue
        if domain.root is None:
            raise run.refusal(f"{name}: its root directory is not known, so it cannot be served")
        _warn(domain, domain.root, f"{os.fsdecode(tag)} of {name}")
        try:
            yield tag, objects_of(domain.root)
        except LoadError as error:
            raise run.refusal(f"{name}: {error}") from None


def _warn(domain: Domain, root: Directory, name: str) -> None:
    if domain.loose:
        run.say(f"{name}: warning: {len(domain.loose):,} directories are left out, because their parents are not known")
    if not root.complete:
        run.say(f"{name}: warning: not all of it is known; what is missing is served as if it were not there")


def _named(wish: Wish) -> Iterator[tuple[bytes, Domain, str]]:
    """Every domain to serve, its tag and the name of its source."""
    pairs = [each.partition("=") for each in wish.tags]
    chosen = [tag for tag, equals, _ in pairs if not equals]
    if chosen and wish.source is None and not wish.honeypot:
        raise typer.BadParameter(f"--tag {chosen[0]}: of which SOURCE? write --tag {chosen[0]}=SOURCE")
    if wish.source is not None:
        yield from _of_source(wish.source, chosen)
    elif wish.honeypot and not any(equals for _, equals, _ in pairs):
        yield _office(wish, chosen[0] if chosen else _TAG)
    for tag, equals, name in pairs:
        if equals:
            yield from _of_source(name, [tag])


def _office(wish: Wish, tag: str) -> tuple[bytes, Domain, str]:
    from netinfo_scapy.analysis.directory.tree import Domain
    from netinfo_scapy.live.responder.honeypot import office

    root = office(wish.hostname or _OFFICE_HOST, tag, str(wish.address or _LOOPBACK))
    return os.fsencode(tag), Domain(root=root), "the office"


def _of_source(name: str, chosen: list[str]) -> Iterator[tuple[bytes, Domain, str]]:
    """The domains of a source: those chosen by their tags, or the only one under the tag chosen, or all."""
    domains = _domains(name)
    if not domains:
        raise run.refusal(f"{name}: no directory is read or written in it")
    known = {each.tag: each for each in domains if each.tag is not None}
    if not chosen:
        for each in domains:
            yield each.tag or _tag_of(each), each, name
    elif len(chosen) == 1 and len(domains) == 1:
        yield os.fsencode(chosen[0]), domains[0], name
    else:
        for tag in map(os.fsencode, chosen):
            if tag not in known:
                there = ", ".join(sorted(os.fsdecode(each) for each in known)) or "none with a tag"
                raise typer.BadParameter(f"--tag {os.fsdecode(tag)}: {name} has no such domain; there is {there}")
            yield tag, known[tag], name


def _tag_of(domain: Domain) -> bytes:
    """The tag that a domain's `master` names; the usual one where it names none."""
    master = (domain.root.first(b"master") if domain.root else None) or b""
    return master.rpartition(b"/")[2] or _TAG.encode()


def _domains(name: str) -> list[Domain]:
    """The domains of a source. Raises typer.Exit, CaptureError, OSError."""
    from netinfo_scapy import api
    from netinfo_scapy.analysis.directory.errors import MisuseError
    from netinfo_scapy.analysis.directory.source import open_source

    try:
        source = open_source([name], api.open_reading)
        domains = source.domains()
    except MisuseError as error:
        raise run.refusal(str(error)) from None
    reading = source.reading
    if reading is not None and run.nothing_read(reading.captures):
        run.finish(reading)
    for capture in reading.captures if reading else ():
        if capture.error or capture.warning:
            run.say(f"{capture.name}: warning: {capture.error or capture.warning}")
    return domains
