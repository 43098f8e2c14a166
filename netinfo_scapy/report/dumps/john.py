"""Input of John the Ripper: a line of passwd for each user that has a hash."""

from __future__ import annotations

from collections.abc import Iterator

from netinfo_scapy.analysis.directory.tree import Directory
from netinfo_scapy.analysis.values import counted

_FIELDS = (b"name", b"passwd", b"uid", b"gid", b"realname", b"home", b"shell")
_SEPARATORS = b":\r\n\0"
_BLANKED = bytes.maketrans(_SEPARATORS, b" " * len(_SEPARATORS))


def crackable(users: Directory) -> Iterator[Directory]:
    """The users whose name and hash can stand in such a line, the hash not empty."""
    for user in users.children:
        name, hashed = user.first(b"name"), user.first(b"passwd")
        if name is not None and hashed and not set(name + hashed) & set(_SEPARATORS):
            yield user


def left_out(users: Directory) -> str | None:
    """A line about the users that have a hash and no line; None if there are none."""
    hashed = sum(bool(user.first(b"passwd")) for user in users.children)
    lost = hashed - sum(1 for _ in crackable(users))
    return f"{counted(lost, 'user')} left out, whose name or hash cannot stand in such a line" if lost else None


def john(users: Directory) -> Iterator[bytes]:
    """Their lines: user:hash:uid:gid:gecos:home:shell. What separates fields and lines is a blank within one."""
    for user in crackable(users):
        yield b":".join((user.first(name) or b"").translate(_BLANKED) for name in _FIELDS) + b"\n"
