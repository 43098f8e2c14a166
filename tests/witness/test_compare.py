"""Each thing that is compared is found when it differs."""

from __future__ import annotations

from typing import Any

import pytest

from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.message import CallHeader, read_credential
from netinfo_scapy.witness.compare import compare
from netinfo_scapy.witness.tshark import Seen
from tests.support.captures import capture_path


def ours() -> list[Message]:
    events = Reading(str(capture_path("04-auth"))).events()
    return [event for event in events if isinstance(event, Message)]


def witnessed(message: Message) -> Seen:
    """What a witness that agrees would say."""
    called, header = message.called, message.header
    assert called is not None
    credential: dict[str, Any] | None = None
    if isinstance(header, CallHeader) and header.credential is not None:
        credential = {"flavor": header.credential.flavor}
        if header.credential.flavor == rpc.AUTH_SYS:
            fields = read_credential(header.credential, set()) or {}
            credential |= {name: fields[name] for name in ("stamp", "machinename", "uid", "gid")}
    return Seen(
        message.record.at.number,
        message.xid,
        message.is_call,
        called.program,
        called.version,
        called.procedure,
        len(message.record.data),
        credential,
        "tcp",
        1,
    )


def test_what_agrees_agrees() -> None:
    mine = ours()
    verdict = compare(mine, [witnessed(message) for message in mine])
    assert (verdict.ours, verdict.tshark, verdict.agreed) == (226, 226, 226)
    assert not verdict.differences
    assert not verdict.only_ours


@pytest.mark.parametrize("field", ["program", "version", "procedure", "length", "frame"])
def test_a_difference_is_found(field: str) -> None:
    mine = ours()
    theirs = [witnessed(message) for message in mine]
    theirs[100] = theirs[100]._replace(**{field: getattr(theirs[100], field) + 1000})
    verdict = compare(mine, theirs)
    assert [each.field for each in verdict.differences] == [field]
    assert verdict.agreed == 225


@pytest.mark.parametrize(("field", "value"), [("flavor", 0), ("stamp", 5), ("uid", 77), ("gid", 77)])
def test_a_credential_that_differs_is_found(field: str, value: int) -> None:
    mine = ours()
    theirs = [witnessed(message) for message in mine]
    at = next(at for at, seen in enumerate(theirs) if seen.credential and seen.credential["flavor"] == 1)
    theirs[at] = theirs[at]._replace(credential={**(theirs[at].credential or {}), field: value})
    assert [each.field for each in compare(mine, theirs).differences] == [f"credential.{field}"]


def test_a_password_is_not_told() -> None:
    mine = ours()
    theirs = [witnessed(message) for message in mine]
    secret = bytes(byte ^ 0xFF for byte in b"rootpw")
    at = next(at for at, seen in enumerate(theirs) if (seen.credential or {}).get("machinename") == secret)
    theirs[at] = theirs[at]._replace(credential={**(theirs[at].credential or {}), "machinename": b"other"})
    [difference] = compare(mine, theirs).differences
    assert difference.field == "credential.machinename"
    assert difference.ours == "(not shown)"
    assert difference.tshark == "(another)"


def test_a_message_that_one_side_does_not_have() -> None:
    mine = ours()
    theirs = [witnessed(message) for message in mine]
    assert compare(mine, theirs[1:]).only_ours == [theirs[0].frame]
    verdict = compare(mine[1:], theirs)
    assert [(each.field, each.frame) for each in verdict.differences] == [("message", theirs[0].frame)]
    xid = theirs[5]._replace(xid=12345)
    verdict = compare(mine, [*theirs[:5], xid, *theirs[6:]])
    assert verdict.only_ours == [theirs[5].frame]
    assert [each.field for each in verdict.differences] == ["message"]
    other_type = theirs[5]._replace(is_call=not theirs[5].is_call)
    assert compare(mine, [*theirs[:5], other_type, *theirs[6:]]).differences


def test_what_tshark_does_not_know_is_no_difference() -> None:
    mine = ours()
    theirs = [witnessed(message)._replace(program=None, procedure=None, length=None) for message in mine]
    assert compare(mine, theirs).agreed == 226
