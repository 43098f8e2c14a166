"""What the commands that read captures share."""

from __future__ import annotations

import gc

import pytest

from netinfo_scapy.cli import run


def test_circles_are_looked_for_again_after_concluding() -> None:
    frozen = gc.get_freeze_count()
    with run.concluding():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > frozen
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_circles_are_looked_for_again_after_an_error() -> None:
    with pytest.raises(KeyboardInterrupt), run.concluding():
        raise KeyboardInterrupt
    assert gc.isenabled()
