"""Passwords and hashes of the recordings, from their ground truth, and what they may be written as."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache

from tests.support.captures import NAMES, RECORDED, truth_path


def _turned(data: bytes) -> bytes:
    return bytes(byte ^ 0xFF for byte in data)


@cache
def passwords(name: str) -> frozenset[bytes]:
    """The passwords that a recording's credentials carry; not `bad`, which is part of other words."""
    found = set()
    for line in map(json.loads, truth_path(name).read_text().splitlines()):
        machine = bytes.fromhex(line.get("auth_unix", {}).get("machine_hex", ""))
        if machine and min(machine) >= 0x80:
            found.add(_turned(machine))
    return frozenset(found - {b"bad", b"checksum"})  # the latter is what STATISTICS is asked with


@cache
def hashes() -> frozenset[bytes]:
    """The hashes that the recordings' databases began with, and those that were written to them later."""
    texts = [path.read_text() for path in (RECORDED / "start").glob("*.json")]
    texts += [truth_path(name).read_text() for name in NAMES]
    found = {each for text in texts for each in re.findall(r'"([./0-9A-Za-z]{13})"', text)}
    return frozenset(each.encode() for each in found if re.search(r"[A-Z].*[a-z]|[a-z].*[A-Z]", each))


def _base64(data: bytes) -> Iterator[bytes]:
    """The characters that stand for it and nothing else, wherever it begins."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + data)
        yield text[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]


def encodings(secret: bytes) -> dict[str, bytes]:
    """What a secret may be written as, by name."""
    found = {"plain": secret, "reversed": secret[::-1], "UTF-16": secret.decode("latin-1").encode("utf-16-le")}
    for name, data in (("plain", secret), ("inverted", _turned(secret))):
        found[name] = data
        found[f"{name} hex"] = data.hex().encode()
        found[f"{name} HEX"] = data.hex().upper().encode()
        found[f"{name} spaced hex"] = data.hex(" ").encode()
        found[f"{name} percent"] = b"".join(b"%%%02X" % each for each in data)
        found[f"{name} escaped"] = b"".join(b"\\x%02x" % each for each in data)
        found[f"{name} JSON"] = b"".join(b"\\u%04x" % each for each in data)
        found[f"{name} octal"] = b"".join(b"\\%03o" % each for each in data)
        found[f"{name} UTF-8"] = data.decode("latin-1").encode()
        found |= {f"{name} base64 {at}": text for at, text in enumerate(_base64(data)) if len(text) > 6}
    return found


def traces(data: bytes, secrets: Iterable[bytes]) -> set[tuple[bytes, str]]:
    """Which secrets are in some bytes, and as what."""
    return {(secret, name) for secret in secrets for name, text in encodings(secret).items() if text in data}
