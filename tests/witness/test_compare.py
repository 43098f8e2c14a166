"""Each thing on which the two sides can differ is found, and nothing else; no password is told."""

from __future__ import annotations

from typing import Any

import pytest

from netinfo_scapy.capture.flows import Endpoint, Flow, Transport
from netinfo_scapy.witness.compare import HIDDEN, Credential, Difference, Look, Seen, compare, server_port

CLIENT, SERVER = Endpoint(bytes([10, 0, 0, 1]), 1023), Endpoint(bytes([10, 0, 0, 2]), 961)
FLOW = Flow(Transport.TCP, CLIENT, SERVER)
CREDENTIAL = Credential(1, 7, b"host", 501, 20, (20, 80))
CALL = Seen(4, FLOW, 99, "call", 200100000, 2, 7, CREDENTIAL, 88)
REPLY = Seen(5, FLOW.back, 99, "reply", 200100000, 2, 7, None, 120)
PASSWORD = bytes(byte ^ 0xFF for byte in b"secret")


def one_look(*theirs: Seen) -> list[Look]:
    return [Look(theirs)]


def told(ours: Seen, theirs: Seen) -> list[tuple[str, Any, Any]]:
    return [(each.field, each.ours, each.tshark) for each in compare([ours], one_look(theirs)).differences]


def test_equal_messages_agree() -> None:
    found = compare([CALL, REPLY], one_look(REPLY, CALL))
    assert (found.ours, found.tshark, found.agreed, found.differing) == (2, 2, 2, 0)
    assert not found.differences
    assert not found.only_ours


FALSIFIED = {
    "frame": (3, 4),
    "xid": (98, 99),
    "type": ("reply", "call"),
    "program": (200100001, 200100000),
    "version": (1, 2),
    "procedure": (8, 7),
    "length": (87, 88),
    "flow": (FLOW._replace(source=SERVER), FLOW),
}


@pytest.mark.parametrize("field", FALSIFIED)
def test_each_field_is_compared(field: str) -> None:
    ours, theirs = FALSIFIED[field]
    found = compare([CALL._replace(**{field: ours}), REPLY], one_look(CALL, REPLY))
    assert [each.field for each in found.differences] == [field]
    if field != "flow":
        assert found.differences[0][2:] == (ours, theirs)
    assert (found.ours, found.tshark, found.agreed, found.differing) == (2, 2, 1, 1)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("flavor", 57, ("AUTH_57", "AUTH_SYS")),
        ("stamp", 8, (8, 7)),
        ("machinename", b"hosT", ("hosT", "host")),
        ("uid", 0, (0, 501)),
        ("gid", 0, (0, 20)),
        ("gids", (20,), ([20], [20, 80])),
        ("gids", (), ([], [20, 80])),
    ],
)
def test_each_field_of_a_credential_is_compared(field: str, value: Any, shown: tuple[Any, Any]) -> None:
    ours = CALL._replace(credential=CREDENTIAL._replace(**{field: value}))
    assert told(ours, CALL) == [(f"credential.{field}", *shown)]


def test_a_credential_that_we_could_not_read_is_none() -> None:
    """tshark shows a name of 300 bytes; to us such a body has no value, and an anomaly says so."""
    assert told(CALL._replace(credential=Credential(1)), CALL) == []


def test_fields_of_a_reply_are_compared_where_both_know_the_call() -> None:
    unpaired = REPLY._replace(program=None, version=None, procedure=None)
    assert told(unpaired, REPLY) == told(REPLY, unpaired) == []
    assert told(REPLY._replace(procedure=1), REPLY) == [("procedure", 1, 7)]
    # A call has no excuse.
    assert told(CALL._replace(procedure=None), CALL) == [("procedure", None, 7)]


def test_the_length_of_an_incomplete_message_is_not_compared() -> None:
    assert not told(CALL._replace(length=None), CALL)


@pytest.mark.parametrize("cut", [PASSWORD, PASSWORD + b"\0", PASSWORD[1:] + b"ab", b"host", b"", None])
@pytest.mark.parametrize("mine", [True, False])
def test_no_password_is_told(cut: bytes | None, mine: bool) -> None:
    with_password = CALL._replace(credential=CREDENTIAL._replace(machinename=PASSWORD))
    other = CALL._replace(credential=CREDENTIAL._replace(machinename=cut))
    found = told(with_password, other) if mine else told(other, with_password)
    assert all(each == ("credential.machinename", HIDDEN, HIDDEN) for each in found)
    assert bool(found) == (cut != PASSWORD and not (mine and cut is None))


def test_what_only_one_side_sees() -> None:
    found = compare([CALL], one_look(CALL, REPLY))
    assert found.differences == [
        Difference(5, "message", None, "reply of 200100000.2.7, xid 99, tcp 10.0.0.2 961 > 10.0.0.1 1023")
    ]
    assert (found.ours, found.tshark, found.agreed, found.differing) == (1, 2, 1, 1)
    found = compare([CALL, REPLY], one_look(CALL))
    assert not found.differences
    assert found.only_ours == [REPLY]


def test_an_xid_used_again_is_matched_by_frame() -> None:
    ours = [CALL, CALL._replace(frame=14, procedure=8), CALL._replace(frame=24, procedure=9)]
    assert compare(ours, one_look(*reversed(ours))).agreed == 3
    found = compare(ours, one_look(ours[0], ours[2]))
    assert found.agreed == 2
    assert found.only_ours == [ours[1]]


def test_what_is_none_by_our_rules_is_set_apart() -> None:
    quoted = CALL._replace(note="quoted")
    found = compare([CALL], one_look(CALL, quoted))
    assert found.left_out == [quoted]
    assert (found.tshark, found.agreed) == (1, 1)


def test_a_later_look_adds_what_the_first_missed() -> None:
    late = REPLY._replace(frame=9, xid=100)
    found = compare([CALL, REPLY], [Look([CALL]), Look([CALL._replace(frame=6), REPLY, late])])
    assert (found.agreed, found.tshark) == (2, 3)
    assert [each.frame for each in found.differences] == [9]


def test_a_later_look_may_show_a_segment_again() -> None:
    again = CALL._replace(frame=6)
    found = compare([CALL, REPLY], [Look([CALL]), Look([CALL, again, REPLY])])
    assert not found.differences
    assert [each.frame for each in found.left_out] == [6]
    # In the first look it is a message of its own.
    assert compare([CALL, REPLY], one_look(CALL, again, REPLY)).differing == 1


def test_a_guess_witnesses_ours_and_accuses_nobody() -> None:
    guesses = Look([REPLY, REPLY._replace(xid=1), CALL._replace(frame=44)], guesses=True)
    found = compare([CALL, REPLY], [Look([CALL]), guesses])
    assert (found.agreed, found.tshark) == (2, 2)
    assert not found.differences
    wrong = compare([CALL, REPLY], [Look([CALL]), guesses._replace(messages=[REPLY._replace(length=1)])])
    assert [each.field for each in wrong.differences] == ["length"]


def test_server_port() -> None:
    assert server_port(CALL) == server_port(REPLY) == ("tcp", 961)
