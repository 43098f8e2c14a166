"""No password that credentials carry is in any output, and no whole hash where hashes are hidden, however written."""

from __future__ import annotations

import json
import logging
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scapy.utils import rdpcap

from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.capture.message import Message
from netinfo_scapy.layers import RPC, netinfo
from netinfo_scapy.live.calls import as_user
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.protocol.secret import Secret, carried_password
from netinfo_scapy.report.call_event import call_event
from netinfo_scapy.report.message_object import as_dict, message_object
from tests.support.captures import capture_path
from tests.support.commands import call
from tests.support.secrets import encodings, hashes, passwords, traces

WITH_SECRETS = ("04-auth", "06-tools", "11-clone")
DUMPS = ("raw", "json", "ldif", "passwd", "group", "hosts", "exports", "bootparams")

TRANSCRIPTS = (("messages", "--full"), ("messages", "--format", "ndjson"), ("list", "/users"), ("read", "/users/root"))
"""What shows properties as they are: hashes are in it, no passwords."""

HIDING = (
    ("analyze", "--full"),
    ("analyze", "--format", "json"),
    ("analyze", "--format", "html"),
    ("analyze", "--format", "ndjson"),
    ("findings", "--full"),
    ("findings", "--format", "json"),
    ("findings", "--format", "ndjson"),
)
"""What hides both."""


def shown(*words: object) -> bytes:
    done = call(*words)
    assert done.returncode in (0, 2), done.stderr  # 2: there is no such directory
    return (done.stdout + done.stderr).encode()


def written(form: str, path: Path, target: Path, *options: str) -> bytes:
    """A table of all messages: what is in its files, and what was said."""
    said = shown("analyze", "--format", form, "-o", target, *options, path)
    if form == "parquet":
        return said + json.dumps(pq.read_table(target).drop_columns("time").to_pylist()).encode()
    return said + b"".join(each.read_bytes() for each in (target.iterdir() if target.is_dir() else [target]))


def test_the_truth_has_secrets_and_they_are_found_whatever_they_are_written_as() -> None:
    """Else this file would prove nothing."""
    assert {b"rootpw", b"adminpw"} <= passwords("04-auth")
    assert len(hashes()) >= 2
    for text in encodings(b"rootpw").values():
        assert traces(b"..." + text + b"...", [b"rootpw"])
    told = shown("messages", "--format", "ndjson", "--reveal", capture_path("04-auth"))
    assert {secret for secret, _ in traces(told, passwords("04-auth"))} == passwords("04-auth")


def test_no_command_tells_a_password() -> None:
    name = "04-auth"
    path = capture_path(name)
    for command, *options in TRANSCRIPTS:
        arguments = [path, *options] if command in ("list", "read") else [*options, path]
        assert not traces(shown(command, *arguments), passwords(name)), (command, options)
    for form in DUMPS:
        assert not traces(shown("dump", "--format", form, path), passwords(name)), form
    assert not traces(shown("dump", "--history", "/users/root", path), passwords(name))
    assert not traces(shown("diff", path, capture_path("01-nibind-portmap")), passwords(name))


@pytest.mark.parametrize("name", WITH_SECRETS)
def test_no_report_tells_a_password_or_a_hash(name: str, tmp_path: Path) -> None:
    path, secrets = capture_path(name), passwords(name) | hashes()
    for words in HIDING:
        assert not traces(shown(*words, path), secrets), words
    for form in ("tsv", "parquet"):
        assert not traces(written(form, path, tmp_path / form), secrets), form


@pytest.mark.parametrize("form", ["tsv", "ndjson", "parquet"])
def test_who_asks_is_told(form: str, tmp_path: Path) -> None:
    """So that the other tests are known to look where secrets are."""
    told = traces(written(form, capture_path("04-auth"), tmp_path / form, "--reveal"), passwords("04-auth"))
    assert {secret for secret, _ in told} == passwords("04-auth")


def test_what_is_written_as_a_capture(tmp_path: Path) -> None:
    """An extract is what was captured, and says nothing more; a scrubbed capture has nothing left."""
    path, secrets = capture_path("04-auth"), passwords("04-auth")
    shown("extract", "-o", tmp_path / "extract", path)
    told = traces((tmp_path / "extract").read_bytes(), secrets)
    assert {name for _, name in told} == {"inverted"}
    shown("scrub", "--key", tmp_path / "key", "--make-key", "-o", tmp_path / "scrubbed", path)
    assert not traces((tmp_path / "scrubbed").read_bytes(), secrets | hashes())


def test_layers_tell_no_password() -> None:
    """What shows a packet; what builds it again (`bytes`, `command`, a `Raw`) has to have what is in it."""
    for packet in netinfo(rdpcap(str(capture_path("04-auth")))):
        layer = packet[RPC]
        told = packet.show(dump=True) + layer.show2(dump=True) + repr(packet) + packet.summary()
        assert not traces(told.encode(), passwords("04-auth"))


def test_events_of_a_honeypot_tell_no_password() -> None:
    for event in Reading(str(capture_path("04-auth"))).events():
        if isinstance(event, Message) and event.is_call:
            ends = (Endpoint(bytes(4), 1), Endpoint(bytes(4), 2))
            told = call_event(0, Transport.TCP, *ends, event.header, event.value(), (), None)  # type: ignore[arg-type] # a call's
            assert not traces(json.dumps(as_dict(told)).encode() + repr(told).encode(), passwords("04-auth"))


def test_a_crash_report_tells_no_password() -> None:
    """With all local variables in it, as some tools print them: of what is read, made, and called with."""
    password = b"rootpw"
    secret = Secret(password)
    reading = Reading(str(capture_path("04-auth")))
    messages = [event for event in reading.events() if isinstance(event, Message)]
    objects = [message_object(each, reading.captures, reveal=False) for each in messages]
    facts = Reading(str(capture_path("04-auth"))).facts()
    client = NetInfo_Client(uid=0, password=secret)
    found = [carried_password(bytes(each ^ 0xFF for each in password), False)]
    assert found == [secret]
    del password
    try:
        raise RuntimeError(secret, messages, objects, facts.clues, client)
    except RuntimeError as error:
        told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Secret(...)" in told
    assert not traces(told.encode("utf-8", "backslashreplace"), passwords("04-auth"))
    assert not traces(f"{secret} {secret!r} {facts.clues!r} {vars(client)['_xid']} {client!r}".encode(), [b"rootpw"])


def test_a_command_that_crashes_prints_no_variables() -> None:
    """The traceback of a fault of ours has lines of the program, and none of what was read."""
    code = (
        "import sys, netinfo_scapy.report.terminal as t\n"
        "def report(summary, *a, **b): findings = summary.findings; raise RuntimeError\n"
        "t.report = report\n"
        "from netinfo_scapy.cli.main import main\n"
        f"sys.argv = ['netinfo-scapy', 'analyze', '--reveal', {str(capture_path('04-auth'))!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"RuntimeError" in done.stderr
    assert not traces(done.stdout + done.stderr, passwords("04-auth"))


def test_logs_tell_no_password(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    import netinfo_scapy

    path = tmp_path / "cut.pcap"
    path.write_bytes(capture_path("04-auth").read_bytes()[:-7])
    with caplog.at_level(logging.DEBUG):
        list(netinfo_scapy.messages(path))
        netinfo_scapy.analyze(path)
    assert caplog.records
    assert not traces(caplog.text.encode(), passwords("04-auth"))


def test_what_processes_tell_each_other_is_known_to_hold_passwords() -> None:
    """Facts carry them, for --reveal is asked at the end: who uses other machines must trust the way to them."""
    facts = Reading(str(capture_path("04-auth"))).facts()
    assert traces(pickle.dumps(facts), [b"rootpw"])


def test_the_password_of_a_client_goes_out_in_its_credential_alone() -> None:
    credential = as_user(0, Secret(b"rootpw"))
    assert {name for _, name in traces(credential["body"], [b"rootpw"])} == {"inverted"}
