"""Captures with bytes flipped, cut, and lengths enlarged: nothing raises, runs away in time or takes memory.

`NETINFO_MUTATIONS` says how many in process, `NETINFO_MUTATIONS_INSTALLED` how many through the installed command.
"""

import gzip
import io
import os
import random
import resource
import signal
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

import netinfo_scapy
from tests.support.captures import NAMES, SMALL, capture_path, convert, pcap_bytes, recording
from tests.support.measured import OvertimeError, measured

COUNT = int(os.environ.get("NETINFO_MUTATIONS", "1000"))
COMMAND_COUNT = int(os.environ.get("NETINFO_MUTATIONS_INSTALLED", "25"))
SEED = int(os.environ.get("NETINFO_MUTATION_SEED", "2"))
SHARDS = 20
FRAMES = 200
SECONDS = 10
MEMORY = 200 << 20
LARGE = (0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFC, 0x00100000, 0x0000FFFF, 0x40000000, 0x8000FFFF)


@cache
def originals() -> tuple[bytes, ...]:
    """The recordings' first and middle frames as pcap, and some in the other formats."""
    found = []
    for name in NAMES:
        frames = recording(name)
        starts = {0, len(frames) // 2, max(0, len(frames) - FRAMES)}
        found += [pcap_bytes(frames[start : start + FRAMES], nano=False) for start in sorted(starts)]
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("pcapng", "pcapng-sections", "gzip", "zstd", "pcap-big-endian"):
            found += [convert(capture_path(name), Path(folder), kind).read_bytes() for name in SMALL[:2]]
            for file in Path(folder).iterdir():
                file.unlink()
    return tuple(found)


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)


def _flip_head(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 4))):
        data[chance.randrange(min(60, len(data)))] = chance.randrange(256)


def _overwrite(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at : at + chance.randrange(1, 40)] = chance.randbytes(chance.randrange(1, 40))


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _cut_inside(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.randrange(1, 200)]


def _enlarge(data: bytearray, chance: random.Random) -> None:
    """Make a 32-bit number that looks like a length a large one, in either byte order."""
    for _ in range(chance.choice((1, 1, 3, 10))):
        places = [
            at for at in chance.sample(range(len(data) - 4), min(200, len(data) - 4)) if data[at] == data[at + 1] == 0
        ]
        at = chance.choice(places or [0])
        data[at : at + 4] = chance.choice(LARGE).to_bytes(4, chance.choice(("big", "little")))


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at:at] = data[at : at + chance.randrange(1, 400)]


MUTATIONS = (_flip, _flip, _flip_head, _overwrite, _cut, _cut_inside, _enlarge, _enlarge, _repeat)


def mutated(number: int) -> bytes:
    chance = random.Random(SEED * 1_000_003 + number)
    data = bytearray(chance.choice(originals()))
    for _ in range(chance.choice((1, 1, 2, 3))):
        if len(data) > 8:
            chance.choice(MUTATIONS)(data, chance)
    return bytes(data)


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise OvertimeError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def resident() -> int:
    """Bytes of memory that the process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def read_whole(data: bytes) -> None:
    """What must come to an end without any other exception than the one that says: no capture."""
    with suppress(netinfo_scapy.CaptureError):
        for message in netinfo_scapy.messages(io.BytesIO(data)):
            assert message["type"] in ("call", "reply")
    with suppress(netinfo_scapy.CaptureError):
        assert netinfo_scapy.analyze(io.BytesIO(data))["totals"]["messages"] >= 0


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_mutated_captures_in_process(shard: int) -> None:
    originals()
    netinfo_scapy.analyze(capture_path(NAMES[0]))
    start = resident()
    for number in range(shard, COUNT, SHARDS):
        data = mutated(number)
        try:
            with time_limit(SECONDS):
                read_whole(data)
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            raise AssertionError(
                f"mutation {number} (NETINFO_MUTATION_SEED={SEED}): {error!r} at {where.filename}:{where.lineno}"
            ) from error
        grown = resident() - start
        assert grown < MEMORY, f"mutation {number} (NETINFO_MUTATION_SEED={SEED}): {grown >> 20} MB more"


@pytest.mark.parametrize("number", range(COMMAND_COUNT))
def test_mutated_captures_through_the_command(number: int, tmp_path: Path) -> None:
    path = tmp_path / "mutated.pcap"
    path.write_bytes(mutated(number))
    code, errors, peak = measured("analyze", "--format", "json", path, seconds=SECONDS)
    assert code in (0, 1, 3), errors[-2000:]
    assert "Traceback" not in errors
    assert peak < MEMORY


NO_CAPTURES = {
    "empty": b"",
    "one-byte": b"\xd4",
    "text": b"This is no capture.\n" * 50,
    "snoop": b"snoop\0\0\0" + b"\0\0\0\2\0\0\0\4",
    "gzip-of-text": gzip.compress(b"This is no capture.\n" * 50),
    "cut-gzip-head": b"\x1f\x8b\x08",
    "zstd-head": b"\x28\xb5\x2f\xfd",
}


@pytest.mark.parametrize("case", NO_CAPTURES)
def test_what_is_no_capture(case: str) -> None:
    """`messages` has no other way to say it; `analyze` may say it in `captures`, as the command does."""
    with pytest.raises(netinfo_scapy.CaptureError):
        list(netinfo_scapy.messages(io.BytesIO(NO_CAPTURES[case])))
    with suppress(netinfo_scapy.CaptureError):
        (capture,) = netinfo_scapy.analyze(io.BytesIO(NO_CAPTURES[case]))["captures"]
        assert capture["error"]
