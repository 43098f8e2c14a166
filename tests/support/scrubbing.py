"""Scrubbing as the command does, and what a source holds that must not be in the output."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from netinfo_scapy.analysis.scrub.known import KNOWN
from netinfo_scapy.cli.main import app
from netinfo_scapy.protocol.secret import inverted
from tests.support.compare import Message, run

KEY = bytes(range(100, 132))
REPLACED = ("src_ip", "dst_ip", "community_id", "capture")
TEXTS = ("arguments", "result", "credential")
_ENUMERATED = frozenset({"flavor"})


def scrub(source: Path, out: Path, *options: object, key: bytes = KEY) -> int:
    """Run the command; gives the exit code."""
    name = out.with_suffix(".key")
    name.write_bytes(key)
    command = ["scrub", str(source), "-o", str(out), "--key", str(name), *map(str, options)]
    return app(command, standalone_mode=False) or 0


def still(message: Message) -> Message:
    """What scrubbing must not change: everything but texts and addresses, and of texts their form."""
    kept = {key: value for key, value in message.items() if key not in REPLACED}
    return kept | {key: form(kept[key]) for key in TEXTS}


_NUMBERS_THAT_CHANGE = frozenset({"uid", "gid", "gids", "addr", "client_addr", "master_addr", "address"})


def form(value: Any, key: str = "") -> Any:
    """A decoded value with each text as its length, and each number that stands for somebody as nothing."""
    if key in _ENUMERATED:
        return value
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict):
        if list(value) == ["hex"]:
            return len(value["hex"]) // 2
        return {name: form(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [form(each, key) for each in value]
    return None if key in _NUMBERS_THAT_CHANGE and isinstance(value, int) else value


def texts_in(value: Any, key: str = "") -> Iterator[bytes]:
    """Every text in a decoded value."""
    if isinstance(value, str) and key not in _ENUMERATED:
        yield value.encode()
    elif isinstance(value, dict):
        if list(value) == ["hex"]:
            yield bytes.fromhex(value["hex"])
        else:
            for name, each in value.items():
                yield from texts_in(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each, key)


@cache
def texts_of(source: Path) -> frozenset[bytes]:
    """Every name, value, tag, machine name and password of a capture's messages."""
    found = set()
    for message in run(source, reveal=True):
        for key in TEXTS:
            found.update(texts_in(message[key]))
    return frozenset(found)


def is_known(text: bytes) -> bool:
    """Whether a text is made of nothing but words that stay, numbers that stay, punctuation, 127.0.0.1, fe80."""
    if text in (b"checksum", inverted(b"checksum")):
        return True  # what STATISTICS takes in the place of a password
    text = re.sub(rb"\b(?:127|0|255)\.\d+\.\d+\.\d+\b", b"", text)
    words = re.findall(rb"[0-9A-Za-z_\x80-\xff-]+", text.replace(b"_writers_", b""))
    return all(word.decode("latin-1") in KNOWN or word in (b"0", b"-1", b"-2", b"-", b"fe80") for word in words)


def secrets_of(source: Path) -> set[bytes]:
    """What a person would look for: texts of 3 bytes and more, and the words of more than one letter in them.

    Numbers alone are left to `changed_numbers`: any three digits turn up somewhere.
    """
    found: set[bytes] = set()
    for text in texts_of(source):
        for each in (text, *re.findall(rb"[0-9A-Za-z_\x80-\xff-]+", text)):
            if len(each) >= 3 and not is_known(each) and not re.fullmatch(rb"[0-9.]+", each):
                found |= {each, inverted(each)}
    return found
