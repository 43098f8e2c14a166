"""What a message says, without the password hashes and passwords in it: for outputs that show events.

Values of a property `passwd` are never shown. Where a message gives values without the name of their
property (READPROP, READNAME and what writes such), whatever looks like a hash counts as one.
"""

from __future__ import annotations

from typing import Any

from netinfo_scapy.analysis.findings.hashes import PASSWD, is_likely, is_of_passwords, scheme_of
from netinfo_scapy.capture.message import Message

_NAMELESS = ("values", "name")
"""Keys of values whose property is named by a number only."""

_NAMES_OF_PROPERTIES = frozenset({"LISTPROPS", "RENAMEPROP"})
"""NetInfo's procedures where these are no values."""

_LOCKED = frozenset(b"*!x")
"""What a value consists of that stands in the place of a hash."""


def redacted(message: Message) -> dict[str, Any] | None:
    """What `Message.value` gives, every hash in it as its scheme and first two characters."""
    value = message.value()
    if value is None or (message.row is not None and message.row.name in _NAMES_OF_PROPERTIES):
        return value
    asked = message.call.value() if message.call is not None else None
    return _struct(value, _key_of(asked))


def _key_of(arguments: dict[str, Any] | None) -> bytes | None:
    """The property that a call asks for by name."""
    key = (arguments or {}).get("key")
    return key if isinstance(key, bytes) else None


def _struct(value: dict[str, Any], asked: bytes | None) -> dict[str, Any]:
    name, values = value.get("name"), value.get("values")
    if isinstance(name, bytes) and isinstance(values, list):  # a property
        return {**value, "values": [_hidden(each, name) for each in values]}
    if isinstance(value.get("key"), bytes) and isinstance(value.get("value"), bytes):  # a lookup
        return {**value, "value": _hidden(value["value"], value["key"])}
    return {key: _any(each, key, asked) for key, each in value.items()}


def _any(value: Any, key: str, asked: bytes | None) -> Any:
    if isinstance(value, dict):
        return _struct(value, asked)
    if isinstance(value, list):
        return [_any(each, key, asked) for each in value]
    if not isinstance(value, bytes):
        return value
    if key == "names":  # of LIST: values of the property asked for
        return _hidden(value, asked)
    return _hidden(value, None) if key in _NAMELESS else value


def _hidden(value: bytes, name: bytes | None) -> bytes:
    """A value of a property. name: None where it is not known."""
    scheme = scheme_of(value)
    if scheme is None:
        return b"(hidden)" if name == PASSWD and not set(value) <= _LOCKED else value
    # A DES hash can look like a word of 13 letters: where the property's name says that it is none, it must not.
    if name is None or is_of_passwords(name) or is_likely(value):
        return f"{scheme}, {value[:2].decode('ascii')}...".encode()
    return value
