"""`netinfo-scapy wireshark`: where the script is and goes, and how each mistake ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from netinfo_scapy.wireshark import script
from netinfo_scapy.wireshark.script import SCRIPT
from tests.cli.test_commands import one_line
from tests.support.commands import call


def test_it_tells_where_the_script_is() -> None:
    done = call("wireshark")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{SCRIPT}\n", "")


def test_it_writes_the_script(tmp_path: Path) -> None:
    target = tmp_path / "mine.lua"
    assert call("wireshark", "-o", target).returncode == 0
    assert target.read_bytes() == SCRIPT.read_bytes()
    assert call("wireshark", "--output", "-").stdout == SCRIPT.read_text(encoding="utf-8")


def a_tshark(folder: Path, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "bin" / "tshark"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent))


def test_it_is_installed_where_tshark_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "with space" / "plugins"
    a_tshark(tmp_path, f"printf 'Temp:\\t/tmp\\nPersonal Lua Plugins:\\t{folder}\\n'", monkeypatch)
    for _ in range(2):  # a newer release takes the place of an older one
        done = call("wireshark", "--install")
        assert done.returncode == 0
        assert str(folder) in done.stdout
        assert (folder / "netinfo.lua").read_bytes() == SCRIPT.read_bytes()
    assert call("wireshark", "--uninstall").returncode == 0
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("says", ["exit 1", "echo Personal configuration: /x", "exec sleep 60"])
def test_where_tshark_says_nothing_it_goes_where_the_platform_has_it(
    says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_tshark(tmp_path, says.replace("sleep", "/bin/sleep"), monkeypatch)
    monkeypatch.setattr(script, "_PATIENCE_SECONDS", 0.3)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert script.plugin_folder() == tmp_path / ".local/lib/wireshark/plugins"
    monkeypatch.setenv("APPDATA", str(tmp_path / "AppData"))
    assert script.default_folder("win32") == tmp_path / "AppData" / "Wireshark" / "plugins"


def test_the_real_tshark_says_where(tshark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert script.plugin_folder().is_relative_to(tmp_path)


def refused(*words: object) -> str:
    done = call("wireshark", *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert one_line(done.stderr), done.stderr
    return done.stderr


def test_each_mistake_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "netinfo.lua").write_text("-- somebody else's\n")
    taken = tmp_path / "taken"
    (taken / "netinfo.lua").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    assert "choose one" in refused("--install", "--uninstall")
    assert "add one of them" in refused("--folder", tmp_path)
    assert "not netinfo-scapy's" in refused("--install", "--folder", foreign)
    assert "not netinfo-scapy's" in refused("--uninstall", "--folder", foreign)
    assert (foreign / "netinfo.lua").read_text() == "-- somebody else's\n"
    assert "is a folder" in refused("--install", "--folder", taken)
    assert "cannot be made" in refused("--install", "--folder", tmp_path / "file" / "plugins")
    assert "cannot be written" in refused("--install", "--folder", "/proc/self")  # not even by root
    assert "there is none" in refused("--uninstall", "--folder", tmp_path / "nowhere")
    assert "make it first" in refused("-o", tmp_path / "nowhere" / "x.lua")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(script, "_BUNDLE", str(tmp_path))
    assert "not installed" in refused("--install")
