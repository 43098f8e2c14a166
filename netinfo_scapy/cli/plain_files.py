"""Captures for other programs: as files, in the order of their times, and without a compression they may not know."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netinfo_scapy.capture.sources import Capture


def opened(sources: list[str], folder: Path) -> Iterator[tuple[str, Capture]]:
    """Each capture with the name it was given by. What can be read only once is stored in the folder first."""
    from netinfo_scapy.capture.sources import open_captures, order

    names: dict[str, str] = {}
    paths = []
    for source in dict.fromkeys(sources):
        path = source
        if source == "-" or _is_pipe(source):
            path = str(folder / f"input{len(names)}")
            names[path] = source
            with (
                open(source, "rb") if source != "-" else sys.stdin.buffer as stream,  # noqa: PTH123 - as it was given
                Path(path).open("wb") as target,
            ):
                shutil.copyfileobj(stream, target)
        paths.append(path)
    for capture in order(open_captures(paths)):
        yield names.get(capture.name, capture.name), capture


def _is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return False


def plain(capture: Capture, folder: Path, zstd_only: bool = True) -> Path:
    """The file for another program, which may not know zstd, and no URL; nor gzip, if not `zstd_only`.

    What has to be unpacked is `plain` in the folder, until the next one is.
    """
    from netinfo_scapy.capture import remote
    from netinfo_scapy.capture.compression import Chunks
    from netinfo_scapy.capture.errors import CaptureError

    is_url = remote.is_url(capture.name)
    if not is_url and (capture.compression is None or (zstd_only and capture.compression != "zstd")):
        return Path(capture.name)
    path = folder / "plain"
    try:
        with (
            remote.open_url(capture.name) if is_url else Path(capture.name).open("rb") as packed,
            path.open("wb") as target,
        ):
            chunks = Chunks(packed)
            while chunk := chunks.read():
                target.write(chunk)
    except (CaptureError, OSError):
        pass  # our own reading tells
    return path
