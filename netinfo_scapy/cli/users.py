"""Names of users as uids: what the directories of a command's own captures say."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from netinfo_scapy.cli import run

if TYPE_CHECKING:
    from netinfo_scapy.analysis.directory.tree import Domain
    from netinfo_scapy.analysis.reading import Reading

_NUMBER = re.compile(r"-?[0-9]+")
_32_BITS = 0xFFFFFFFF
_MOST_DIGITS = 20
"""Characters of a number that can be a uid: zeros before it are none of it."""


def names_in(users: Sequence[str]) -> list[str]:
    """The users that were given by name."""
    return [each for each in users if not _NUMBER.fullmatch(each)]


def uid_of(number: str) -> int | None:
    """The uid that a number is, as credentials carry it; None for what is no number of 32 bits.

    NetInfo writes uids with a sign: nobody's is -2.
    """
    if len(number) > _MOST_DIGITS or not _NUMBER.fullmatch(number):
        return None
    uid = int(number)
    return uid & _32_BITS if -(1 << 31) <= uid <= _32_BITS else None


def as_uids(users: Sequence[str], captures: Sequence[str], read: Callable[[], Reading]) -> list[str]:
    """Users by uid, those that were given by name, too. read: opens the captures, which are read once more for names.

    Raises typer.BadParameter where a name is not known, or a number has more than 32 bits.
    """
    names, found = names_in(users), []
    for number in [each for each in users if each not in names]:
        uid = uid_of(number)
        if uid is None:
            raise typer.BadParameter(f"--user {number}: a uid has 32 bits")
        found.append(str(uid))
    if not names:
        return found
    if "-" in captures:
        raise typer.BadParameter(f"--user {names[0]}: standard input is read once; give the uid")
    from netinfo_scapy.analysis.directory.captures import domains_of

    domains = domains_of(read())
    for name in names:
        uids = sorted({uid for domain in domains for uid in _uids(domain, os.fsencode(name))})
        if not uids:
            raise typer.BadParameter(f"--user {name}: the captures show no such user with a uid; give the uid")
        run.say(f"--user {name}: uid {' and '.join(uids)}")
        found += uids
    return found


def _uids(domain: Domain, name: bytes) -> list[str]:
    """The uids of the users of a name, as credentials carry them."""
    above = domain.root.children if domain.root else []
    users = [child for each in above if each.first(b"name") == b"users" for child in each.children]
    texts = [each.first(b"uid") or b"" for each in users if name in (each.values(b"name") or ())]
    uids = [uid_of(each.decode("latin-1")) for each in texts]
    return [str(each) for each in uids if each is not None]
