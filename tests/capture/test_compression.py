import gzip
import io
import random
import struct

import pytest
import zstandard

from netinfo_scapy.capture.compression import CHUNK, Chunks
from netinfo_scapy.capture.errors import CaptureError, Truncated

RANDOM = random.Random(961)
CONTENT = b"".join(RANDOM.randbytes(40) + bytes(RANDOM.randrange(200)) for _ in range(8000))


class Pipe(io.RawIOBase):
    """A stream that cannot be sought and gives what it likes."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size, self.asked = io.BytesIO(data), size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, into) -> int:
        part = self.data.read(min(self.size, len(into)))
        into[: len(part)] = part
        self.asked += len(part)
        return len(part)


def zstd(data: bytes, checksum: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(data)


def everything(raw) -> tuple[bytes, CaptureError | None]:
    chunks, parts = Chunks(raw), []
    try:
        while part := chunks.read():
            assert len(part) <= CHUNK + 64
            parts.append(part)
    except CaptureError as error:
        return b"".join(parts), error
    return b"".join(parts), None


PACKERS = {"gzip": gzip.compress, "zstd": zstd}


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
def test_whole_streams_however_they_come(name, size):
    content = CONTENT if size > 1 else CONTENT[:3000]
    packed = PACKERS[name](content)
    assert everything(io.BufferedReader(Pipe(packed, size))) == (content, None)
    assert everything(Pipe(packed, size)) == (content, None)
    assert Chunks(io.BytesIO(packed)).compression == name


def test_what_is_not_compressed_passes_through():
    assert everything(io.BytesIO(CONTENT)) == (CONTENT, None)
    assert Chunks(io.BytesIO(CONTENT)).compression is None
    for short in (b"", b"\x1f", b"\x1f\x8b", b"\x28\xb5\x2f"):
        assert everything(io.BytesIO(short)) == (short, None)


@pytest.mark.parametrize("name", PACKERS)
def test_several_members_in_a_row(name):
    pack = PACKERS[name]
    assert everything(io.BytesIO(pack(b"one") + pack(b"") + pack(b"two" * 99999))) == (b"one" + b"two" * 99999, None)


def test_padding_and_garbage_behind_the_end():
    packed = gzip.compress(CONTENT)
    assert everything(io.BytesIO(packed + bytes(1000))) == (CONTENT, None)
    data, failure = everything(io.BytesIO(packed + b"garbage that is no gzip"))
    assert data == CONTENT and isinstance(failure, Truncated)


def test_skippable_frames_of_zstd():
    skip = struct.pack("<II", 0x184D2A50, 5) + b"hello"
    assert everything(io.BytesIO(skip + zstd(CONTENT) + skip)) == (CONTENT, None)


@pytest.mark.parametrize("name", PACKERS)
def test_cut_anywhere_is_a_warning_and_gives_a_prefix(name):
    packed = PACKERS[name](CONTENT[:5000])
    for cut in range(4, len(packed)):
        data, failure = everything(io.BytesIO(packed[:cut]))
        assert CONTENT.startswith(data)
        assert isinstance(failure, Truncated), cut
    data, _ = everything(io.BytesIO(gzip.compress(CONTENT)[:-5]))
    assert data == CONTENT


@pytest.mark.parametrize("name", PACKERS)
def test_a_wrong_check_sum_spoils_nothing_before_it(name):
    packed = PACKERS[name](CONTENT)
    broken = packed[:-4] + bytes(byte ^ 255 for byte in packed[-4:])
    data, failure = everything(io.BytesIO(broken))
    assert data == CONTENT
    assert type(failure) is CaptureError and name in str(failure)


@pytest.mark.parametrize("name", PACKERS)
def test_damage_in_the_middle_is_an_error_and_gives_what_precedes_it(name):
    content = RANDOM.randbytes(2_000_000)
    packed = bytearray(PACKERS[name](content[:1_000_000]) + PACKERS[name](content[1_000_000:]))
    middle = len(packed) * 3 // 4
    packed[middle : middle + 400] = RANDOM.randbytes(400)
    data, failure = everything(io.BytesIO(bytes(packed)))
    assert failure is not None
    assert len(data) >= 1_000_000 and content.startswith(data[:1_000_000])


def test_bombs_are_read_in_chunks():
    import tracemalloc

    packed = gzip.compress(bytes(50 << 20)), zstd(bytes(50 << 20))
    for each in packed:
        tracemalloc.start()
        chunks, size = Chunks(io.BytesIO(each)), 0
        while part := chunks.read():
            size += len(part)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert size == 50 << 20
        assert peak < 40 << 20


def test_a_window_beyond_all_measure_is_refused():
    # Frame header: no single segment, window descriptor for 2**41 bytes; then one raw block.
    data, failure = everything(io.BytesIO(b"\x28\xb5\x2f\xfd\x00\xf8\x09\x00\x00a"))
    assert data == b"" and type(failure) is CaptureError


def test_peeking_takes_nothing_and_no_more_than_needed():
    pipe = Pipe(CONTENT, 10)
    chunks = Chunks(pipe)
    assert chunks.peek(4) == CONTENT[:4] and pipe.asked == 10
    assert chunks.peek(15) == CONTENT[:15] and pipe.asked == 20
    assert chunks.read() == CONTENT[:20]
    assert chunks.fill(b"rest", 24) == b"rest" + CONTENT[20:40]


def test_text_is_refused():
    with pytest.raises(TypeError, match="binary"):
        Chunks(io.StringIO("text"))
