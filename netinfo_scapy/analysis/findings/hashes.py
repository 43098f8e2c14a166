"""Password hashes: which values of `passwd` are one, of which scheme, and how one is shown."""

from __future__ import annotations

import re
from itertools import pairwise

from netinfo_scapy.analysis.summary import Text
from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.protocol.secret import Secret

PASSWD = b"passwd"
"""The property that holds the hash."""

_MODULAR = {
    "1": "MD5 crypt",
    "2": "bcrypt",
    "2a": "bcrypt",
    "2b": "bcrypt",
    "2x": "bcrypt",
    "2y": "bcrypt",
    "3": "NT hash crypt",
    "5": "SHA-256 crypt",
    "6": "SHA-512 crypt",
    "7": "scrypt",
    "apr1": "Apache MD5",
    "gy": "gost-yescrypt",
    "md5": "Sun MD5",
    "sha1": "SHA-1 crypt",
    "y": "yescrypt",
}
"""What stands between the first two dollars (crypt(5)) -> the scheme."""

_FORMS = (
    # Two characters of salt and eleven of hash; some systems append the password's age.
    ("DES crypt", re.compile(rb"[./0-9A-Za-z]{13}(,[./0-9A-Za-z]{2,4})?")),
    ("extended DES crypt", re.compile(rb"_[./0-9A-Za-z]{19}")),
)
_MODULAR_FORM = re.compile(rb"\$([0-9a-z]{1,8})[$,][!-9;-~]{8,}")

SHORTEST = 11
"""Bytes that a value of any of these forms has at the least."""
_LONGEST_PLAIN = 20
"""Bytes that one has at the most that does not begin with a dollar."""

_KINDS = bytes(ord("a" if 97 <= each < 123 else "A" if 65 <= each < 91 else "0") for each in range(256))
"""Each byte's kind: a small letter, a large one, anything else."""

_DES_BYTES, _FEWEST_STEPS = 13, 5
"""Bytes of a DES hash without an age; steps from one kind to another that make it look like one."""

_DES_LAST = frozenset(b".26AEIMQUYcgkosw")
"""What a DES hash ends in: its 64 bits are eleven characters of six, so the two lowest of the last one are 0."""

_LENGTHS = re.compile(rb"\0\0\0(?:[\x0d\x10-\x12][./0-9A-Za-z]{13}|\x14_[./0-9A-Za-z]{19})")
"""The same forms behind their lengths, as XDR has them. It begins with what all begin with: that is found quickly."""


def may_stand(data: bytes, begin: int) -> bool:
    """Whether a hash may stand among values of XDR, from an offset on; where it says no, there is none."""
    return _LENGTHS.search(data, begin) is not None or _MODULAR_FORM.search(data, begin) is not None


def scheme_of(value: bytes) -> str | None:
    """The scheme of a password hash; None for what is none, as `*` (locked) or `********` (kept elsewhere)."""
    if len(value) < SHORTEST:
        return None
    if not value.startswith(b"$"):
        for scheme, form in _FORMS if len(value) <= _LONGEST_PLAIN else ():
            if form.fullmatch(value):
                return scheme
        return None
    modular = _MODULAR_FORM.fullmatch(value)
    if modular is None:
        return None
    name = modular[1].decode()
    return _MODULAR.get(name, f"crypt ${name}$")


def is_unmistakable(value: bytes) -> bool:
    """Whether a value is a hash wherever it stands: a DES hash looks like a word of 13 letters."""
    return value.startswith(b"$") and _MODULAR_FORM.fullmatch(value) is not None


def is_likely(value: bytes) -> bool:
    """Whether a value is hidden whatever its property is called: an unmistakable hash, or one of DES by its looks.

    Those look like letters and digits at random: of the twelve steps from one character to the next five or more lead
    to another kind, there are large and small letters, and the last is one of sixteen. Words, paths and addresses are
    not like that; one hash in 24 is not, either (docs/reliability.md).
    """
    if len(value) < SHORTEST:
        return False
    if is_unmistakable(value):
        return True
    if scheme_of(value) is None or value[_DES_BYTES - 1] not in _DES_LAST:
        return False
    if value.startswith(b"/") and value.rfind(b"/") > 0:
        return False
    kinds = value[:_DES_BYTES].translate(_KINDS)
    steps = sum(before != after for before, after in pairwise(kinds))
    return steps >= _FEWEST_STEPS and {*b"aA"} <= {*kinds}


def is_of_passwords(name: bytes) -> bool:
    """Whether a property's name says that hashes are in it: `passwd`, `_shadow_passwd`, `oldPassword`."""
    folded = name.lower()
    return not folded.startswith(b"_writers_") and (b"passwd" in folded or b"password" in folded)


def shown_hash(value: Secret, reveal: bool) -> Text:
    """A hash as an output shows it: its first two characters, or all of it."""
    hash_ = value.reveal()
    return text_of(hash_) if reveal else f"{hash_[:2].decode('ascii', 'backslashreplace')}..."


def shown_value(name: bytes, value: bytes, reveal: bool) -> Text:
    """The value of a property, called `name`, as a finding shows it: where it is a hash, as `shown_hash` has it."""
    secret = scheme_of(value) is not None and (is_of_passwords(name) or is_likely(value))
    return shown_hash(Secret(value), reveal) if secret else text_of(value)
