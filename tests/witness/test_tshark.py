"""What is taken from tshark: messages, their places, and how it ended."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from netinfo_scapy.witness import tshark as witness
from netinfo_scapy.witness.compare import Credential, Seen
from netinfo_scapy.witness.tshark import LOOKS, WitnessFailedError, messages
from tests.support import transforms
from tests.support.captures import capture_path, recording, write_pcap
from tests.support.ground_truth import server_ports

pytestmark = pytest.mark.usefixtures("tshark")
READS = capture_path("02-ni-read-tcp")


def seen(path: Path, look: int = 0) -> list[Seen]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return list(messages(path, LOOKS[look]))


def test_calls_replies_and_credentials() -> None:
    found = seen(capture_path("04-auth"))
    assert len(found) == 226
    assert sum(each.type == "call" for each in found) == 113
    call = next(each for each in found if each.credential and each.credential.flavor == 1)
    assert isinstance(call.credential, Credential)
    assert None not in call.credential
    assert all(each.program and each.length for each in found)


def test_a_record_in_fragments_is_one_message() -> None:
    found = next(each for each in seen(READS) if each.frame == 51)
    assert (found.xid, found.length, found.type, found.procedure) == (0x69007F32, 1664, "reply", 1)


def test_a_packet_that_icmp_quotes_is_noted() -> None:
    assert [each.frame for each in seen(capture_path("01-nibind-portmap")) if each.note] == [248]


def test_segments_out_of_order_keep_their_frames(tmp_path: Path) -> None:
    frames = list(transforms.several_in_a_segment(recording("02-ni-read-tcp")))
    frames[40], frames[41] = frames[41], frames[40]
    shown = seen(write_pcap(tmp_path / "swapped.pcap", frames))
    # tshark shows them all in frame 42, the first segment of the stream.
    assert {each.frame for each in shown if each.flow.source.port == 655 and each.frame < 44} == {41, 42, 43}


def test_the_second_look_goes_on_behind_a_hole(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "hole.pcap", transforms.remove(recording("02-ni-read-tcp"), 48))
    assert len(seen(path, 0)) < len(seen(path, 1))


def test_a_reply_without_its_call_has_no_procedure(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "middle.pcap", transforms.from_the_middle(recording("02-ni-read-tcp"), 139))
    (guessed,) = [each for each in seen(path, 2) if each.frame == 3]
    assert (guessed.type, guessed.program, guessed.procedure) == ("reply", None, None)


def test_a_file_cut_short_and_one_that_is_none(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(READS.read_bytes()[:-7])
    found: list[Seen] = []
    with pytest.raises(WitnessFailedError, match="cut short"):
        found.extend(_each(cut, found))
    assert len(found) == 142
    text = tmp_path / "text.pcap"
    text.write_text("no capture")
    with pytest.raises(WitnessFailedError, match="exit code"):
        seen(text)


def _each(path: Path, into: list[Seen]) -> list[Seen]:
    for each in messages(path, LOOKS[0]):
        into.append(each)
    return []


def a_tshark(folder: Path, real: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put another tshark first, which tells the real one's version."""
    (folder / "bin").mkdir()
    path = folder / "bin" / "tshark"
    path.write_text(f'#!/bin/sh\nif [ "$1" = -v ]; then exec {real} -v; fi\n{script}\n')
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("kill -SEGV $$", "crashed \\(signal 11\\)"),
        ("printf 'bad\\377\\n' >&2; exit 3", "exit code 3"),
        ("echo '<packet>nothing</packet>'", "cannot be read"),
        (
            'echo \'<packet><proto name="geninfo"/><proto name="frame"/><proto name="rpc">'
            '<field name="rpc.xid" show="0x1"/><field name="rpc.msgtyp" show="0"/></proto></packet>\'',
            "cannot be read",
        ),
        ("exec sleep 600", "said nothing"),
    ],
)
def test_a_tshark_that_fails(
    script: str, says: str, tshark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_tshark(tmp_path, tshark, script, monkeypatch)
    if "sleep" in script:
        monkeypatch.setattr(witness, "_PATIENCE_SECONDS", 0.5)
    with pytest.raises(WitnessFailedError, match=says):
        seen(READS)


def test_one_who_stops_listening_ends_tshark() -> None:
    found = messages(capture_path("06-tools"), LOOKS[0])
    next(found)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found.close()


def test_no_port_hides_a_message() -> None:
    assert server_ports("06-tools")
    assert any(631 in (each.flow.source.port, each.flow.target.port) for each in seen(capture_path("06-tools")))
