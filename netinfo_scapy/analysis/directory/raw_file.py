r"""Reads nidump's raw form, as any release of nidump and this project write it.

The form leaves things open, because a backslash is not escaped in it. What is read:

* `\"` is a quotation mark; at the end of a value, where what follows is the end of the list or the next
  value, it is a backslash and the closing mark.
* `\a \b \f \n \r \t \v`, a backslash and three octal digits up to 377, and release 208's sign-extended
  eleven digits (with or without a 0 before them) are one byte each. So a backslash that stood before such
  characters is taken for their escape: those values cannot be told apart. Any other backslash is itself.
* Releases from 272 on escape only the quotation mark. Where a string of a file has a control byte that the others
  escape, or bytes that are no UTF-8, the file is of that kind, and every other backslash in it is itself.
"""

from __future__ import annotations

import re

from netinfo_scapy.analysis.directory.errors import DirectoryFileError
from netinfo_scapy.analysis.directory.tree import Directory, Property

DEEPEST = 1_000
"""Directories within directories that are read; real trees have about five."""

TOO_DEEP = f"more than {DEEPEST:,} directories within each other; this is no tree of NetInfo's"
"""What is said of a file with more."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_CHILDREN = re.compile(rb"CHILDREN[ \t\r\n]*=[ \t\r\n]*\(")
_EQUALS = re.compile(rb"[ \t\r\n]*=[ \t\r\n]*\(")
_PLAIN = re.compile(rb'"([^"\\]*+)" = \(((?: "[^"\\]*+",)* "[^"\\]*+")? \);')
"""A property as nidump writes it, without a backslash in it."""
_TAKES_VALUES = re.compile(rb'"[ \t]*=[ \t]*\(')
_ENDS_LIST = re.compile(rb'"[ \t]*\)[ \t]*;[ \t]*\r?(\n|\Z)')
_NEXT_VALUE = re.compile(rb'",[ \t]*"(?!,[ \t]*"|[ \t]*\)[ \t]*;[ \t]*\r?(\n|\Z))')
_ESCAPE = re.compile(rb'\\(?:0?37777777([67][0-7][0-7])|([0-3][0-7][0-7])|([abfnrtv"]))')
_LETTERS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b'"': b'"'}
_NOT_ESCAPED = re.compile(rb"[\a\b\f\n\r\t\v]")
_BACKSLASH = ord("\\")


def read_raw(data: bytes, name: str) -> Directory:
    """The tree in a file. name: of the file, for errors. Raises DirectoryFileError, with line and column."""
    root, plain = _Reader(data, name).read()
    unescape = _unescape_mark if plain else _unescape
    for directory in root.walk():
        for each in directory.properties:
            each.name = unescape(each.name)
            each.values = [unescape(value) for value in each.values or []]
    return root


def _unescape_mark(text: bytes) -> bytes:
    return text.replace(b'\\"', b'"')


def _unescape(text: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, text) if b"\\" in text else text


def _unescaped(found: re.Match[bytes]) -> bytes:
    extended, octal, letter = found.groups()
    return _LETTERS[letter] if letter else bytes([int(extended or octal, 8) & 0xFF])


class _Reader:
    """Goes through the bytes once. What is open is a list, so that the nesting of a file is no recursion."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._at = 0
        self._plain = False

    def read(self) -> tuple[Directory, bool]:
        """The tree, its strings as they stand; and whether only quotation marks are escaped in them."""
        data, root = self._data, Directory()
        self._expect(b"{")
        above: list[Directory] = []
        directory = root
        while True:
            self._skip()
            head = data[self._at : self._at + 1]
            if head == b'"':
                directory.properties.append(self._property())
            elif head == b"}":
                self._at += 1
                if not above:
                    break
                self._skip()
                directory = above.pop()
                if self._took(b","):
                    # A comma behind the last of them is no error.
                    if not self._took(b")"):
                        directory = self._enter(directory, above)
                else:
                    self._expect(b")")
            elif children := _CHILDREN.match(data, self._at):
                self._at = children.end()
                if not self._took(b")"):
                    directory = self._enter(directory, above)
            elif head != b";":
                raise self._error('a property ("NAME" = ( "VALUE" );), CHILDREN = ( or } is expected')
            self._took(b";")
        self._skip()
        if self._at < len(data):
            raise self._error("the tree has ended, and more follows; a file holds one")
        return root, self._plain

    def _enter(self, parent: Directory, above: list[Directory]) -> Directory:
        self._expect(b"{")
        above.append(parent)
        if len(above) >= DEEPEST:
            raise self._error(TOO_DEEP)
        parent.children.append(Directory())
        return parent.children[-1]

    def _property(self) -> Property:
        plain = _PLAIN.match(self._data, self._at)
        if plain:
            self._at = plain.end()
            self._look_at(plain[0])
            # Between the marks, every other piece is a value.
            return Property(plain[1], plain[2].split(b'"')[1::2] if plain[2] else [])
        name = self._string(in_list=False)
        equals = _EQUALS.match(self._data, self._at)
        if not equals:
            raise self._error("= ( is expected behind a property's name")
        self._at = equals.end()
        values: list[bytes] = []
        while not self._took(b")"):
            if values:
                self._expect(b",")
            self._skip()
            if self._data[self._at : self._at + 1] != b'"':
                raise self._error('a value in " or ) is expected')
            values.append(self._string(in_list=True))
        return Property(name, values)

    def _string(self, in_list: bool) -> bytes:
        """The string whose quotation mark is next, as it stands."""
        data, start = self._data, self._at + 1
        end = data.find(b'"', start)
        while end > start and data[end - 1] == _BACKSLASH and not self._closes(end, in_list):
            end = data.find(b'"', end + 1)
        if end < 0:
            raise self._error("a string begins here and never ends")
        self._at = end + 1
        text = data[start:end]
        self._look_at(text)
        return text

    def _look_at(self, text: bytes) -> None:
        """See what a string tells of the file's kind."""
        self._plain = self._plain or _NOT_ESCAPED.search(text) is not None or not (text.isascii() or _is_utf8(text))

    def _closes(self, at: int, in_list: bool) -> bool:
        """Whether a quotation mark behind a backslash ends the string all the same."""
        data = self._data
        if not in_list:
            return _TAKES_VALUES.match(data, at) is not None
        return _ENDS_LIST.match(data, at) is not None or _NEXT_VALUE.match(data, at) is not None

    def _skip(self) -> None:
        space = _SPACE.match(self._data, self._at)
        self._at = space.end() if space else self._at

    def _took(self, token: bytes) -> bool:
        self._skip()
        found = self._data.startswith(token, self._at)
        self._at += len(token) if found else 0
        return found

    def _expect(self, token: bytes) -> None:
        if not self._took(token):
            raise self._error(f"{token.decode()} is expected")

    def _error(self, text: str) -> DirectoryFileError:
        if self._at >= len(self._data):
            text = f"the file ends here, but {text}"
        return DirectoryFileError.at(self._name, self._data, self._at, text)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
