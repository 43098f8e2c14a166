"""`--json` and `--format json` are one, wherever there is JSON."""

from __future__ import annotations

import pytest

from tests.cli.test_commands import one_line
from tests.support.captures import RECORDED
from tests.support.commands import call as run
from tests.support.servers import HOST, free_port
from tests.support.start import start_path

CAPTURE = RECORDED / "01-nibind-portmap.pcap"
LINES = {
    "analyze": (CAPTURE,),
    "findings": (CAPTURE,),
    "dump": (start_path("network"),),
    "listening": (free_port(),),
}


@pytest.mark.parametrize("command", LINES)
def test_the_short_form_is_the_long_one(command: str) -> None:
    short, long = (run(command, *LINES[command], *words) for words in (("--json",), ("--format", "json")))
    assert (short.returncode, short.stdout) == (long.returncode, long.stdout)
    assert short.returncode == 0


@pytest.mark.parametrize("words", [("analyze", CAPTURE, "--format", "html"), ("dump", CAPTURE, "--format", "ldif")])
def test_another_format_beside_it_is_refused(words: tuple[object, ...]) -> None:
    done = run(*words, "--json")
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert "--json is --format json" in done.stderr


def test_messages_an_object_a_line() -> None:
    short, long = (run("messages", CAPTURE, *words) for words in (("--json",), ("--format", "ndjson")))
    assert short.stdout == long.stdout
    assert short.stdout.startswith('{"capture":')


def test_a_probe() -> None:
    words = ("probe", HOST, "--no-usual-ports", "--port", free_port())
    assert run(*words, "--json").stdout.startswith('{"host":')
    assert run(*words, "--format", "json").stdout.startswith('{"host":')
