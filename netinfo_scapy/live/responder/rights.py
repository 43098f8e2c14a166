"""Who may write: credentials, passwords, `_writers` (docs/specification.md, 8).

A password rides in AUTH_SYS's machinename, its bits inverted; the uid names the user. It is compared by crypt(3)
with the first value of `passwd` of each child of /users that has this uid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from netinfo_scapy.live.responder.service import Caller, Refused
from netinfo_scapy.live.responder.store import ROOT, Object, Store
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.secret import inverted

if TYPE_CHECKING:
    from passlib.context import CryptContext

_ANYONE = b"*"
_WRITERS = b"_writers"
_ROOT_NAME = b"root"


class Person(NamedTuple):
    """Whom a server takes a caller for. name: None for anonymous ones."""

    name: bytes | None = None
    is_superuser: bool = False


ANONYMOUS = Person()
SUPERUSER = Person(is_superuser=True)


@dataclass
class Tally:
    """What STATISTICS tells of authentications: passwords that were right and wrong, writes allowed and refused."""

    good: int = 0
    bad: int = 0
    good_writes: int = 0
    bad_writes: int = 0


@cache
def _schemes() -> CryptContext:
    # Made when the first password is compared: loading it takes longer than starting a server.
    from passlib.context import CryptContext  # noqa: PLC0415

    return CryptContext(["des_crypt", "md5_crypt"])


def is_hash(kept: bytes) -> bool:
    """Whether this is what `password_fits` can compare a password with."""
    try:
        return not kept or _schemes().identify(kept.decode("ascii")) is not None
    except ValueError:
        return False


def password_fits(password: bytes, kept: bytes) -> bool:
    """Whether crypt(3) of a password is what is kept; of a kept text that is no crypt(3) of anything, never.

    An empty one lets any password pass. Traditional DES and MD5 (`$1$`) are known.
    """
    if not kept:
        return True
    try:
        return bool(_schemes().verify(password.partition(b"\0")[0], kept.decode("ascii")))
    except ValueError:
        return False


def carried(caller: Caller) -> bytes:
    """What a caller's AUTH_SYS credential carries where a password would be."""
    return inverted(caller.fields["machinename"]) if caller.fields else b""


def identify(store: Store, caller: Caller, tally: Tally) -> Person:
    """Whom a write comes from. Raises Refused: NOUSER, AUTHERROR."""
    if caller.is_root_here:
        return SUPERUSER
    if caller.flavor == rpc.AUTH_NONE or caller.fields is None:
        return ANONYMOUS
    password = carried(caller)
    uid = _signed(caller.fields["uid"])
    users = store.child(ROOT, b"name", b"users")
    found = list(store.matching(users, b"uid", b"%d" % uid)) if users is not None else []
    for user in (store.objects[number] for number in found):
        if _passes(user, password):
            tally.good += 1
            name = user.first(b"name")
            return Person(name, uid == 0 or name == _ROOT_NAME)
    tally.bad += 1
    raise Refused("AUTHERROR" if found else "NOUSER")


def _passes(user: Object, password: bytes) -> bool:
    kept = user.values(b"passwd")
    return kept is not None and password_fits(password, kept[0] if kept else b"")


def _signed(uid: int) -> int:
    return uid - (1 << 32) if uid >> 31 else uid


def may_write(person: Person, directory: Object, name: bytes | None) -> bool:
    """Whether somebody may change a directory. name: of the property whose values change, None for more than that."""
    if person.is_superuser:
        return True
    lists = [directory.values(_WRITERS)]
    if name is not None:
        lists.append(directory.values(_WRITERS + b"_" + name))
    allowed = {each for values in lists for each in values or ()}
    return _ANYONE in allowed or (person.name is not None and person.name in allowed)
