"""Captures as lists of frames: reading and writing pcap, and where the recordings are."""

import gzip
import io
import shutil
import struct
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import zstandard

RECORDED = Path(__file__).resolve().parents[2] / "pcaps" / "recorded"
CRAFTED = RECORDED.parent / "crafted"
NAMES = tuple(sorted(path.stem for path in RECORDED.glob("*.pcap")))
SMALL = tuple(name for name in NAMES if name[:2] not in ("06", "07"))

ETHERNET = 1
_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}


class Frame(NamedTuple):
    """One captured frame; the time is in integer nanoseconds."""

    time: int
    link: int
    data: bytes


def capture_path(name: str) -> Path:
    return RECORDED / f"{name}.pcap"


def truth_path(name: str) -> Path:
    return RECORDED / f"{name}.truth.jsonl"


def parse_pcap(data: bytes) -> list[Frame]:
    order, unit = _MAGIC[data[:4]]
    link = struct.unpack_from(order + "I", data, 20)[0]
    head = struct.Struct(order + "IIII")
    frames, at = [], 24
    while at < len(data):
        seconds, fraction, size, _ = head.unpack_from(data, at)
        at += 16
        frames.append(Frame(seconds * 10**9 + fraction * unit, link, data[at : at + size]))
        at += size
    return frames


@cache
def recording(name: str) -> tuple[Frame, ...]:
    return tuple(parse_pcap(capture_path(name).read_bytes()))


def pcap_bytes(frames: Iterable[Frame], *, order: str = "<", nano: bool = True) -> bytes:
    """A pcap file; frames must all have the link type of the first."""
    out = io.BytesIO()
    head = struct.Struct(order + "IIII")
    unit = 1 if nano else 1000
    link = None
    for frame in frames:
        if link is None:
            link = frame.link
            magic = 0xA1B23C4D if nano else 0xA1B2C3D4
            out.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link))
        elif frame.link != link:
            raise ValueError("one pcap file holds one link type")
        seconds, rest = divmod(frame.time, 10**9)
        out.write(head.pack(seconds, rest // unit, len(frame.data), len(frame.data)))
        out.write(frame.data)
    return out.getvalue()


def write_pcap(path: Path, frames: Iterable[Frame], **kwargs: object) -> Path:
    path.write_bytes(pcap_bytes(frames, **kwargs))
    return path


def _editcap(kind: str) -> object:
    def convert(source: Path, target: Path) -> None:
        subprocess.run(["editcap", "-F", kind, str(source), str(target)], check=True, capture_output=True)

    return convert


def _rewrite(**kwargs: object) -> object:
    return lambda source, target: target.write_bytes(pcap_bytes(parse_pcap(source.read_bytes()), **kwargs))


def _in_parts(source: Path, target: Path) -> None:
    """Two pcapng sections, one after the other: mergecap -a would make one of it."""
    frames = parse_pcap(source.read_bytes())
    half = len(frames) // 2
    for part, chosen in enumerate((frames[:half], frames[half:])):
        plain, section = target.with_suffix(f".{part}.pcap"), target.with_suffix(f".{part}.pcapng")
        _editcap("pcapng")(write_pcap(plain, chosen, nano=False), section)
        with target.open("ab") as out:
            out.write(section.read_bytes())
        plain.unlink()
        section.unlink()


# How the same frames are stored in another file format: (source path, target path) -> written target.
FILE_FORMATS = {
    "pcapng": ("pcapng", _editcap("pcapng")),
    "pcapng-sections": ("pcapng", _in_parts),
    "pcap-nanoseconds": ("pcap", _editcap("nsecpcap")),
    "pcap-big-endian": ("pcap", _rewrite(order=">", nano=False)),
    "pcap-big-endian-nanoseconds": ("pcap", _rewrite(order=">", nano=True)),
    "gzip": ("pcap.gz", lambda source, target: target.write_bytes(gzip.compress(source.read_bytes()))),
    "gzip-members": (
        "pcap.gz",
        lambda source, target: target.write_bytes(
            gzip.compress(source.read_bytes()[:1000]) + gzip.compress(source.read_bytes()[1000:])
        ),
    ),
    "zstd": ("pcap.zst", lambda source, target: target.write_bytes(zstandard.compress(source.read_bytes()))),
    "no-extension": ("", shutil.copyfile),
}


def convert(source: Path, folder: Path, kind: str) -> Path:
    extension, write = FILE_FORMATS[kind]
    target = folder / (f"{source.stem}.{extension}" if extension else source.stem)
    write(source, target)
    return target
