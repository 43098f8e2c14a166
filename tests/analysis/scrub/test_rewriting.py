"""Messages written anew: nothing that no type accounts for is in them, and they are as odd as they were."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.analysis.scrub.permutation import Key
from netinfo_scapy.analysis.scrub.rewriting import as_different, rewritten
from netinfo_scapy.analysis.scrub.texts import Texts
from netinfo_scapy.capture.message import Message
from tests.support import rpc
from tests.support.captures import RECORDED, pcap_bytes
from tests.support.conversation import Talk

TEXTS = Texts(Key(bytes(range(32))))


def messages(*payloads: bytes) -> list[Message]:
    talk = Talk()
    talk.ask(*payloads)
    reading = Reading(io.BytesIO(pcap_bytes(talk.frames)))
    return [event for event in reading.events() if isinstance(event, Message)]


CALLS = {
    "left-over": rpc.read(1) + b"secretsecret",
    "padding": rpc.call(1, rpc.NETINFO, 2, 11, rpc.ni_id() + rpc.opaque(b"secret!", fill=b"s")),
    "flag": rpc.call(1, rpc.NETINFO, 2, 5, rpc.ni_id() + rpc.words(0, 0, 0x73656372)),
    "cut": rpc.call(1, rpc.NETINFO, 2, 10, rpc.ni_id() + rpc.words(99) + b"secret"),
    "verifier": rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(), verifier=rpc.auth(9, b"secretsecret")),
    "flavor": rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(), credential=rpc.auth(57, b"secretsecret")),
    "credential": rpc.call(1, rpc.NETINFO, 2, 7, rpc.ni_id(), credential=rpc.auth(1, rpc.words(1) + b"secretsecret")),
    "program": rpc.call(1, 100003, 3, 1, b"secretsecret"),
    "procedure": rpc.call(1, rpc.NETINFO, 2, 57, b"secretsecret"),
    "callit": rpc.call(1, 100000, 2, 5, rpc.words(100003, 3, 1) + rpc.opaque(b"secretsecret")),
    "gss": rpc.call(1, rpc.NETINFO, 2, 7, b"secretsecret", credential=rpc.auth(6, rpc.words(1, 0, 1, 2, 4) + b"secr")),
}


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_copied_that_is_not_understood(name: str) -> None:
    (before,) = messages(CALLS[name])
    data = rewritten(before, TEXTS)
    assert b"secr" in CALLS[name]
    assert b"secr" not in data
    assert len(data) == len(CALLS[name])
    (after,) = messages(data)
    assert after.check() == before.check()
    assert (after.xid, after.program, after.procedure) == (before.xid, before.program, before.procedure)


def _corpus() -> list[bytes]:
    events = Reading([str(RECORDED / "01-nibind-portmap.pcap"), str(RECORDED.parent / "crafted")]).events()
    return [event.record.data for event in events if isinstance(event, Message) and event.is_call]


@settings(max_examples=300)
@given(st.sampled_from(_corpus()), st.data())
def test_a_message_with_any_byte_changed_is_as_odd_afterwards(call: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(8, len(call) - 1))
    changed = call[:at] + bytes((data.draw(st.integers(0, 255)),)) + call[at + 1 :]
    for before in messages(changed[: data.draw(st.integers(min(40, len(call)), len(call) + 1))]):
        again = messages(rewritten(before, TEXTS))
        assert [after.check() for after in again] == [before.check()]


def test_other_bytes_stay_other() -> None:
    assert as_different(b"abc", b"abc", b"XYZ") == b"XYZ"
    found = as_different(b"aQc", b"abc", b"XYZ")
    assert found[::2] == b"XZ"
    assert found[1:2] not in b"YQ"
