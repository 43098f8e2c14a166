"""One host that tries many."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.detectors.netinfo_sweep import MANY_HOSTS
from tests.analysis.findings.making import findings
from tests.support import rpc
from tests.support.captures import NAMES, recording
from tests.support.conversation import CLIENT, Talk
from tests.support.packets import RST, SYN, Address, tcp_frame, udp_frame

ID = "netinfo-sweep"
ANSWERS, REFUSES, SILENT = "answers", "refuses", "silent"


def attempt(talk: Talk, server: Address, outcome: str, client: Address = CLIENT) -> None:
    if outcome == ANSWERS:
        talk.tcp(client, server).close()
        return
    talk.frames.append(tcp_frame(talk.now, client, server, 999, 0, SYN, b""))
    if outcome == REFUSES:
        talk.frames.append(tcp_frame(talk.now, server, client, 0, 1000, RST | 0x10, b""))


def sweep(outcomes: list[str]) -> Talk:
    talk = Talk()
    for number, outcome in enumerate(outcomes):
        attempt(talk, Address(f"192.0.2.{100 + number}", 961), outcome, Address(CLIENT.ip, 40000 + number))
    return talk


def test_connections() -> None:
    outcomes = [REFUSES] * 3 + [ANSWERS] * 2 + [SILENT] * (MANY_HOSTS - 5)
    (found,) = findings(sweep(outcomes).frames, ID)
    assert (found.severity, found.clients, len(found.servers)) == ("medium", [CLIENT.ip], MANY_HOSTS)
    assert "2 answered" in found.title
    assert [row["outcome"] for row in found.details] == ["answered"] * 2 + ["no answer"] * (MANY_HOSTS - 5) + [
        "refused"
    ] * 3


def test_calls() -> None:
    talk = Talk()
    for number in range(MANY_HOSTS):
        reply = rpc.accepted(number) if number == 0 else None
        talk.ask(rpc.ping(number), reply, server=Address(f"192.0.2.{100 + number}", 961))
    (found,) = findings(talk.frames, ID)
    assert [row["outcome"] for row in found.details] == ["answered"] + ["no answer"] * (MANY_HOSTS - 1)


def test_near_misses() -> None:
    half = MANY_HOSTS // 2
    for talk in (
        sweep([SILENT] * (MANY_HOSTS - 1)),
        sweep([ANSWERS] * half + [SILENT] * (MANY_HOSTS - half)),  # most of them answer
        sweep([ANSWERS] * 50),
    ):
        assert findings(talk.frames, ID) == []
    again = Talk()
    for number in range(40):
        attempt(again, Address("192.0.2.100", 961), SILENT, Address(CLIENT.ip, 40000 + number))
    assert findings(again.frames, ID) == []
    many = Talk()  # many hosts, each of which tries one
    for number in range(40):
        attempt(many, Address(f"192.0.2.{100 + number}", 961), SILENT, Address(f"192.0.2.{10 + number}", 40000))
    assert findings(many.frames, ID) == []
    elsewhere = Talk()
    for number in range(40):
        elsewhere.frames.append(udp_frame(elsewhere.now, CLIENT, Address(f"192.0.2.{100 + number}", 53), b"?" * 20))
        attempt(elsewhere, Address(f"192.0.2.{100 + number}", 80), SILENT)
    assert findings(elsewhere.frames, ID) == []


def test_silent_on_the_recordings() -> None:
    assert [name for name in NAMES if findings(recording(name), ID)] == []
