"""Names, values, tags, hashes and passwords -> others of the same form and length.

A text is replaced word by word, whatever stands between the words stays: `server/network` and
`server:/export` still name the same server. A word's letters become capital letters, its digits digits: what
is replaced is seen at a glance, and is not by chance a word of the source. Only what a text looks like
decides, not where it stands: the same word is the same everywhere. Words that differ, in more than
whether their letters are capitals, never become the same one; those that differ in that alone hardly ever.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from string import ascii_lowercase, ascii_uppercase, digits, hexdigits

from netinfo_scapy.analysis.scrub.addresses import Addresses
from netinfo_scapy.analysis.scrub.known import KNOWN
from netinfo_scapy.analysis.scrub.permutation import Key
from netinfo_scapy.protocol.secret import inverted

_MOST_REMEMBERED, _LONGEST_REMEMBERED = 1 << 16, 256
_HASH_ALPHABET = "./" + digits + ascii_uppercase + ascii_lowercase
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
_CONTROLS = "".join(chr(code) for code in (*range(1, 9), 11, 12, *range(14, 32), 127))

_CLASSES: tuple[tuple[str, str], ...] = (
    (ascii_lowercase, ascii_uppercase),
    (ascii_uppercase, ascii_uppercase),
    (digits, digits),
    (_CONTROLS, _CONTROLS),
)
"""Characters -> those that they become."""

_PLANES = ((0x80, 0x800), (0x800, 0xD800), (0xDC80, 0xDD00), (0xE000, 0x10000), (0x10000, 0x110000))
"""Other characters, by their length in UTF-8; 0xDC80 to 0xDCFF stand for bytes that are not UTF-8."""

_PARTS = re.compile(
    r"(?P<mac>(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}(?![0-9A-Za-z:]))"
    r"|(?P<ipv6>(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{0,40}:[0-9A-Fa-f]{0,4}(?:\.\d{1,3}\.\d{1,3})?(?![0-9A-Za-z:.]))"
    r"|(?P<ipv4>(?<![0-9A-Za-z_.-])\d{1,3}(?:\.\d{1,3}){1,5}(?![0-9A-Za-z_.-]))"
    r"|(?P<word>[0-9A-Za-z_\-\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\U0010ffff]+)",
    re.ASCII,
)
_NUMBER = re.compile(r"0|[1-9][0-9]*")
_KEPT_NUMBERS = frozenset({"0", "4294967294", "4294967295"})
_MODULAR = re.compile(r"(\$[0-9A-Za-z-]{1,10}\$(?:rounds=[0-9]{1,9}\$)?)([./0-9A-Za-z$=+]+)")
_DES, _BSDI = re.compile(r"[./0-9A-Za-z]{13}"), re.compile(r"_[./0-9A-Za-z]{19}")
_HEX = re.compile(r"(?=.*[0-9])(?=.*[A-Fa-f])(?:[0-9a-f]+|[0-9A-F]+)")
_HEX_LENGTHS = frozenset({32, 40, 48, 64, 104, 128, 136, 1240})
"""Characters of MD5, NT and LM; SHA-1 and SHA-512, plain and salted; LM and NT together; a shadow file."""

_WRITERS = "_writers_"


class Texts:
    """The replacements of texts."""

    def __init__(self, key: Key) -> None:
        self.addresses = Addresses(key)
        self._key = key
        self._remembered_text = lru_cache(_MOST_REMEMBERED)(self._text)
        self._remembered_word = lru_cache(_MOST_REMEMBERED)(self._any_word)

    def text(self, value: bytes, numbers_stay: bool = False) -> bytes:
        """Of a name or value. numbers_stay: they are counters."""
        found = self._remembered_text if len(value) <= _LONGEST_REMEMBERED else self._text
        return found(value, numbers_stay)

    def _word(self, word: str) -> str:
        found = self._remembered_word if len(word) <= _LONGEST_REMEMBERED else self._any_word
        return found(word)

    def _text(self, value: bytes, numbers_stay: bool) -> bytes:
        text = value.decode("utf-8", "surrogateescape")
        found = self._hash(text)
        if found is None:
            found = _PARTS.sub(lambda match: self._of_part(match, numbers_stay), text)
        return found.encode("utf-8", "surrogateescape")

    def password(self, machinename: bytes) -> bytes:
        """Of a password as a credential carries it: inverted, and all of it."""
        text = inverted(machinename).decode("ascii")
        return inverted(self._spelled("password", text, [(_PRINTABLE, _PRINTABLE), *_CLASSES]).encode("ascii"))

    def number(self, number: int) -> int:
        """Of a user's or group's number: the same as in a text."""
        return int(self._number(str(number)))

    def _of_part(self, match: re.Match[str], numbers_stay: bool) -> str:
        part = match.group()
        if match.lastgroup == "word":
            return part if numbers_stay and _NUMBER.fullmatch(part) else self._word(part)
        return {"mac": self._mac, "ipv6": self._ipv6, "ipv4": self._ipv4}[match.lastgroup or ""](part)

    # addresses

    def _words(self, text: str) -> str:
        """Of what looked like an address, and is none."""
        return re.sub(r"[0-9A-Za-z]+", lambda match: self._word(match.group()), text)

    def _ipv4(self, text: str) -> str:
        """Of an address, of the first octets of one, or of one with a port behind it (RFC 1833's universal address)."""
        parts = text.split(".")
        numbers = [int(part) for part in parts]
        if max(numbers) > 255 or any(str(number) != part for number, part in zip(numbers, parts, strict=True)):
            return self._words(text)
        return ".".join(map(str, self.addresses.octets(numbers[:4]) + numbers[4:]))

    def _ipv6(self, text: str) -> str:
        text, dot, port = text.partition(".")
        try:
            found = self.addresses.ip(IPv6Address(text).packed)
        except AddressValueError:
            return self._words(text + dot + port)
        head, gap, tail = text.partition("::")
        before, behind = head.split(":") if head else [], tail.split(":") if tail else []
        places = [*range(len(before)), *range(8 - len(behind), 8)]
        groups = [
            _hex(int.from_bytes(found[2 * place : 2 * place + 2], "big"), len(group), text)
            for place, group in zip(places, before + behind, strict=True)
        ]
        return ":".join(groups[: len(before)]) + gap + ":".join(groups[len(before) :]) + dot + port

    def _mac(self, text: str) -> str:
        parts = text.split(":")
        found = self.addresses.mac(bytes(int(part, 16) for part in parts))
        return ":".join(_hex(number, len(part), text) for number, part in zip(found, parts, strict=True))

    # words

    def _hash(self, text: str) -> str | None:
        """Of a password hash: one of the same scheme. None for what does not look like one."""
        if text in KNOWN:
            return None
        modular = _MODULAR.fullmatch(text)
        if modular:
            return modular[1] + self._spelled("hash", modular[2], [(_HASH_ALPHABET, _HASH_ALPHABET)])
        if _BSDI.fullmatch(text):
            return "_" + self._spelled("hash", text[1:], [(_HASH_ALPHABET, _HASH_ALPHABET)])
        if _DES.fullmatch(text) and sum(any(each in kind for each in text) for kind, _ in _CLASSES) > 1:
            return self._spelled("hash", text, [(_HASH_ALPHABET, _HASH_ALPHABET)])
        if len(text) in _HEX_LENGTHS and _HEX.fullmatch(text):
            alphabet = hexdigits[:16] if text == text.lower() else digits + "ABCDEF"
            return self._spelled("hash", text, [(alphabet, alphabet)])
        return None

    def _any_word(self, word: str) -> str:
        if word in KNOWN:
            return word
        if word.startswith(_WRITERS):
            return _WRITERS + self._word(word[len(_WRITERS) :])
        number = word.removeprefix("-")
        if _NUMBER.fullmatch(number):
            return word if word in ("-1", "-2") else word[: len(word) - len(number)] + self._number(number)
        return self._spelled("word", word, list(_CLASSES))

    def _number(self, text: str) -> str:
        """Of a number, with as many digits. One of 32 bits stays one."""
        if text in _KEPT_NUMBERS:
            return text
        small = int(text) <= 0xFFFFFFFF if len(text) == 10 else True

        def written(found: list[int]) -> str:
            return "".join(map(str, (found[0] + 1, *found[1:])))

        def fits(found: list[int]) -> bool:
            made = written(found)
            return made not in _KEPT_NUMBERS and (len(made) != 10 or (int(made) <= 0xFFFFFFFF) == small)

        values = [int(text[0]) - 1, *map(int, text[1:])]
        return written(self._key.walked(b"number", values, [9] + [10] * (len(text) - 1), fits))

    def _spelled(self, context: str, text: str, classes: list[tuple[str, str]]) -> str:
        """A text whose characters become others of their class; what is of none stays."""
        form: list[tuple[str, str] | tuple[int, int] | None] = []
        values, radices = [], []
        for each in text:
            found: tuple[str, str] | tuple[int, int] | None = next((kind for kind in classes if each in kind[0]), None)
            if found is None and ord(each) >= 0x80:
                found = next((plane for plane in _PLANES if plane[0] <= ord(each) < plane[1]), None)
            form.append(found)
            match found:
                case (str(source), str()):
                    values.append(source.index(each))
                    radices.append(len(source))
                case (int(first), int(end)):
                    values.append(ord(each) - first)
                    radices.append(end - first)
        # Both kinds of letters become capitals, so each pattern of them has a permutation of its own.
        pattern = bytes(each in ascii_uppercase for each in text)
        changed = iter(self._key.permuted(context.encode() + pattern.rstrip(b"\0"), values, radices))
        out = []
        for each, found in zip(text, form, strict=True):
            match found:
                case (str(), str(target)):
                    out.append(target[next(changed)])
                case (int(first), int()):
                    out.append(chr(first + next(changed)))
                case _:
                    out.append(each)
        return "".join(out)


def _hex(number: int, width: int, like: str) -> str:
    """A number in hexadecimal digits, in capitals where another text is."""
    text = f"{number:0{width}x}"
    return text.upper() if like != like.lower() else text
