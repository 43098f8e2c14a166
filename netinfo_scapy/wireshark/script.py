"""The script as a file: where it is, where Wireshark looks for it, how it gets there and away again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("netinfo.lua")

SIGNATURE = "-- netinfo-scapy's dissector of NetInfo for Wireshark"
"""The first line of the script, of any release."""

_FOLDER_LINE = "Personal Lua Plugins:"
_PATIENCE_SECONDS = 30
_BUNDLE = "/Applications/Wireshark.app/Contents/MacOS"


class ScriptError(Exception):
    """The script cannot be put in its place, or not be taken from there; the text says why and what to do."""


def plugin_folder() -> Path:
    """The folder from which Wireshark loads a user's Lua scripts: as tshark tells, else the platform's.

    Raises ScriptError where there is no Wireshark.
    """
    tshark = _program("tshark")
    told = _told_by(tshark) if tshark else None
    if told:
        return told
    if not tshark and not _program("wireshark"):
        raise ScriptError(
            "Wireshark is not installed, or not in PATH; install it, or name the folder of its Lua plugins: --folder"
        )
    return default_folder(sys.platform)


def default_folder(platform: str) -> Path:
    """Where Wireshark looks on a platform (as `sys.platform` names it) unless told otherwise."""
    if platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "Wireshark" / "plugins"
    return Path.home() / ".local" / "lib" / "wireshark" / "plugins"


def _program(name: str) -> str | None:
    """A program of Wireshark's, in PATH or where its installers put it."""
    places = [os.environ.get("PATH", os.defpath), _BUNDLE]
    places += [str(Path(root) / "Wireshark") for root in map(os.environ.get, ("ProgramFiles", "ProgramW6432")) if root]
    return shutil.which(name, path=os.pathsep.join(places))


def _told_by(tshark: str) -> Path | None:
    """What `tshark -G folders` (Wireshark 2.6 and later) says; None where it says nothing of it."""
    try:
        done = subprocess.run(
            [tshark, "-G", "folders"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    for line in os.fsdecode(done.stdout).splitlines():
        if line.startswith(_FOLDER_LINE):
            return Path(line.removeprefix(_FOLDER_LINE).strip())
    return None


def target_in(folder: Path) -> Path:
    """Where the script is, or goes, in a folder. Raises ScriptError where another file has its name."""
    target = folder / SCRIPT.name
    try:
        if target.is_dir():
            raise ScriptError(f"{target}: is a folder; move it away first")
        if target.exists() and not _is_ours(target):
            raise ScriptError(f"{target}: is not netinfo-scapy's script; move it away first")
    except OSError as error:
        raise ScriptError(f"{target}: cannot be read: {error.strerror or error}") from None
    return target


def _is_ours(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(SIGNATURE)) == SIGNATURE.encode()


def make_folder(folder: Path) -> None:
    """Make the plugin folder where Wireshark has not made it yet. Raises ScriptError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScriptError(f"{folder}: cannot be made: {error.strerror or error}; name another: --folder") from None


def remove_from(folder: Path) -> Path:
    """Remove the script from a folder; where it was. Raises ScriptError."""
    target = target_in(folder)
    try:
        target.unlink()
    except FileNotFoundError:
        raise ScriptError(f"{target}: there is none; name the folder where it is: --folder") from None
    except OSError as error:
        raise ScriptError(f"{target}: cannot be removed: {error.strerror or error}") from None
    return target
