"""Each way in which the layers come into a process of Scapy, with its newest release and with the oldest supported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import netinfo_scapy
from tests.support.captures import RECORDED

ROOT = Path(__file__).parents[2]
AUTH = RECORDED / "04-auth.pcap"
OLDEST = "2.7.0"

# What must hold however the layers were loaded. `names` are those of the session.
CHECKS = """
import pickle, sys
import netinfo_scapy.layers, netinfo_scapy.layers.ni
from scapy.all import IP, UDP, Packet, conf, explore, load_layer, ls

assert names["NI_PING_Call"] is netinfo_scapy.layers.NI_PING_Call is netinfo_scapy.layers.ni.NI_PING_Call
assert set(netinfo_scapy.layers.__all__) <= set(names)
listed = [each for each in conf.layers if each.__name__ == "NI_PING_Call"]
assert listed == [netinfo_scapy.layers.NI_PING_Call], listed

call = IP(dst="192.0.2.1") / UDP() / names["RPC"](xid=7) / names["NI_LOOKUP_Call"](key="name", value="users")
read = IP(bytes(call))
assert type(read.lastlayer()) is names["NI_LOOKUP_Call"] and read.value == b"users", read
assert bytes(pickle.loads(pickle.dumps(call))) == bytes(call)
assert type(pickle.loads(pickle.dumps(read)).lastlayer()) is names["NI_LOOKUP_Call"]
assert pickle.loads(pickle.dumps(names["NI_PING_Call"])) is names["NI_PING_Call"]
assert bytes(eval(call.command(), {**vars(sys.modules["scapy.all"]), **names})) == bytes(call)

load_layer("netinfo")
assert NI_PING_Call is names["NI_PING_Call"]
import scapy.layers.netinfo
assert scapy.layers.netinfo is sys.modules["scapy.layers.netinfo"]
assert scapy.layers.netinfo.NI_PING_Call is names["NI_PING_Call"]
assert [doc for module, doc in conf.layers.layers() if "netinfo" in module] == [
    "NetInfo, nibind, the port mapper and bootparam over ONC RPC (netinfo-scapy)"
]
ls(names["NI_LOOKUP_Call"])
ls("NI_PING")
explore("netinfo")
explore("scapy.layers.netinfo")
print("all holds with Scapy", scapy.__version__)
"""
EXTENSION = """
import sys
from scapy.config import conf

conf.exts.load("netinfo-scapy")
assert not [each for each in sys.modules if each.startswith("netinfo_scapy.layers")], "loaded before it is needed"
conf.exts.load("netinfo-scapy")
from scapy.main import init_session

names = init_session(ret=True)
"""
LATER = """
import scapy.all
from scapy.config import conf
from scapy.main import init_session

names = init_session(ret=True)
assert "NI_PING_Call" not in names
conf.exts.load("netinfo-scapy")
"""
SCRIPT = """
from scapy.all import *
conf.exts.load("netinfo-scapy")
from scapy.layers.netinfo import *
names = globals()
"""
LAYER = """
import builtins
from scapy.all import *
conf.exts.load("netinfo-scapy")
load_layer("netinfo")
names = vars(builtins)
"""
PLAIN = """
from scapy.all import *
from netinfo_scapy.layers import *
names = globals()
"""
LIGHT = """
import sys
import netinfo_scapy
assert netinfo_scapy.scapy_ext
assert not {"scapy", "msgspec", "rich", "importlib.metadata"} & set(sys.modules)
"""
SHELL = """\
import scapy, pickle; print("Scapy", scapy.__version__)
call = IP(dst="192.0.2.1")/UDP()/RPC(xid=7)/NI_LOOKUP_Call(key="name", value="users")
print("crafted", IP(bytes(call)).summary())
print("typed", bytes(eval(call.command())) == bytes(call), bytes(pickle.loads(pickle.dumps(call))) == bytes(call))
print("read", len(pkts), len(netinfo(pkts)))
ls(NI_LOOKUP_Call)
explore("netinfo")
print("once", [each.__name__ for each in conf.layers].count("NI_PING_Call"))
import sys; print("words", sys.argv[1:])
"""


@pytest.fixture(scope="session")
def oldest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the oldest release of Scapy that is supported; kept from one run to the next."""
    cache: pytest.Cache | None = getattr(request.config, "cache", None)  # pytest may run without its cache
    kept = (cache.mkdir(f"scapy-{OLDEST}") if cache else tmp_path_factory.mktemp("scapy")) / "site"
    if not (kept / f"scapy-{OLDEST}.dist-info").is_dir():
        new = kept.with_name(f"new-{os.getpid()}")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", new, f"scapy=={OLDEST}"]
        subprocess.run(command, check=True, timeout=120)
        try:
            new.rename(kept)
        except OSError:  # another worker was faster, and its tests may be under way
            shutil.rmtree(new)
    return kept


@pytest.fixture(params=["newest", "oldest"])
def scapy(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, dict[str, str]]:
    """A release of Scapy: its version, and the environment in which it is found, with a home that is empty."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON"))}
    environment = {**kept, "HOME": str(home), "NO_COLOR": "1"}
    if request.param == "newest":
        from importlib.metadata import version

        return version("scapy"), environment
    return OLDEST, {**environment, "PYTHONPATH": str(request.getfixturevalue("oldest"))}


def run(command: list[str], environment: dict[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        cwd=environment["HOME"],
    )


@pytest.mark.parametrize(
    "load",
    [EXTENSION, LATER, SCRIPT, LAYER, PLAIN],
    ids=["extension", "into a running session", "script", "load_layer", "plain import"],
)
def test_the_layers_are_the_same_however_they_are_loaded(load: str, scapy: tuple[str, dict[str, str]]) -> None:
    version, environment = scapy
    done = run(["-c", load + CHECKS], environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"all holds with Scapy {version}"
    assert "Traceback" not in done.stderr
    assert "ERROR" not in done.stderr


@pytest.mark.parametrize("said", ['conf.load_extensions = ["netinfo-scapy"]', 'conf.exts.load("netinfo-scapy")'])
def test_the_prestart_file_puts_the_names_into_the_shell(said: str, scapy: tuple[str, dict[str, str]]) -> None:
    version, environment = scapy
    prestart = Path(environment["HOME"]) / ".config" / "scapy" / "prestart.py"
    prestart.parent.mkdir(parents=True)
    prestart.write_text(f'conf.interactive_shell = "python"\n{said}\n')
    # A block of the console's ends with an empty line; so the checks are one expression.
    done = run(["-m", "scapy", "-H"], environment, f"names = globals()\nexec({CHECKS!r})\n")
    assert f"all holds with Scapy {version}" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr


def test_the_shell_has_everything(scapy: tuple[str, dict[str, str]]) -> None:
    version, environment = scapy
    done = run(["-m", "netinfo_scapy", "shell", str(AUTH)], environment, SHELL)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr, done.stderr
    for said in (
        "netinfo(pkts).exchanges()\n",
        "What else there is: ",
        f"Scapy {version}\n",
        "crafted IP / UDP 192.0.2.2:49161 > 192.0.2.1:961 / RPC / NetInfo.LOOKUP id=0/0 key=b'name' value=b'users'\n",
        "typed True True\n",
        f"read 325 {len(list(netinfo_scapy.messages(AUTH)))}\n",
        "XDRStringField",
        "Packets contained in scapy.layers.netinfo:",
        "NetInfo LOOKUP call",
        "once 1\n",
        "words []\n",
    ):
        assert said in done.stdout, said


@pytest.mark.parametrize("name", ["nothing.pcap", "."])
def test_the_shell_needs_captures_that_are_there(name: str, tmp_path: Path) -> None:
    done = run(["-m", "netinfo_scapy", "shell", name], {**os.environ, "HOME": str(tmp_path)})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert name in done.stderr


def test_the_shell_does_not_start_with_what_is_no_capture(tmp_path: Path) -> None:
    (tmp_path / "notes.pcap").write_text("no capture at all, but long enough to be one")
    done = run(["-m", "netinfo_scapy", "shell", "notes.pcap"], {**os.environ, "HOME": str(tmp_path)})
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "notes.pcap: Scapy cannot read it" in done.stderr


def test_what_scapy_asks_for_is_there_without_scapy() -> None:
    done = run(["-c", LIGHT], dict(os.environ) | {"HOME": str(ROOT)})
    assert done.returncode == 0, done.stderr
