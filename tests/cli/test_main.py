"""What is prepared of the commands before one of them runs."""

from __future__ import annotations

import sys

import pytest

from netinfo_scapy.cli import main


def names(commands: list) -> list[str]:
    return [each.name or each.callback.__name__ for each in commands]


@pytest.mark.parametrize("command", names(main.app.registered_commands))
def test_only_the_command_that_is_asked_for(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To prepare them all takes longer than many captures do."""
    monkeypatch.setattr(sys, "argv", ["netinfo-scapy", command, "x"])
    assert names(main._needed().registered_commands) == [command]


def test_all_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ([], ["--help"], ["nosuch"]):
        monkeypatch.setattr(sys, "argv", ["netinfo-scapy", *words])
        needed, every = main._needed(), main.app
        assert names(needed.registered_commands) == names(every.registered_commands)
        assert len(needed.registered_groups) == len(every.registered_groups) == 2


def test_every_command_has_its_place_in_the_help() -> None:
    app = main.app
    every = [*app.registered_commands, *app.registered_groups]
    assert {each.rich_help_panel for each in every} == set(main._PLACES)
    assert len(every) == sum(map(len, main._PLACES.values()))
