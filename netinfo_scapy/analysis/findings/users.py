"""The directory of users, and which of its accounts have uid 0."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netinfo_scapy.analysis.directory.tree import Directory, Domain

ROOT = b"root"
_USERS = b"users"
_NUMBER = re.compile(rb"[ \t\n\v\f\r]*[-+]?0*([0-9]*)")
_WORD = 1 << 32
_MOST_DIGITS = 18


def users_of(domain: Domain | None) -> Directory | None:
    """/users of a domain; else a directory of that name of which it is not known where it is."""
    if domain is None:
        return None
    near = [*(domain.root.children if domain.root else ()), *domain.loose]
    return next((each for each in near if each.first(b"name") == _USERS), None)


def is_zero(uids: Sequence[bytes]) -> bool:
    """Whether the values of `uid` are those of the superuser.

    The server looks for the value `0`, wherever it stands; the hosts read the first value as C's atoi does, to which
    `00` is 0, and so is what is no number.
    """
    return b"0" in uids or (bool(uids) and _read(uids[0]) == 0)


def _read(value: bytes) -> int:
    number = _NUMBER.match(value)
    digits = b"" if number is None else number[1]
    return 1 if len(digits) > _MOST_DIGITS else int(digits or b"0") % _WORD
