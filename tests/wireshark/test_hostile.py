"""Whatever the bytes: no error in the script, bounded time, and what cannot be read is an expert info."""

import random
import time
from pathlib import Path

import pytest

from tests.support import corpus, rpc
from tests.support.captures import Frame, parse_pcap, recording, write_pcap
from tests.support.conversation import Talk
from tests.support.wireshark import OURS, messages_shown, run_tshark

pytestmark = pytest.mark.usefixtures("tshark")
CRAFTED = Path(__file__).parents[2] / "pcaps" / "crafted"
WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\xff\xff", b"\0\x10\0\0", b"\0\0\0\1")


def broken(seed: int) -> list[Frame]:
    chance = random.Random(seed)
    frames = [*recording("02-ni-read-tcp"), *recording("10-rparent-bind"), *recording("04-auth")]
    for path in sorted(CRAFTED.glob("*.pcap")):
        frames += parse_pcap(path.read_bytes())
    found = []
    for frame in frames:
        data = bytearray(frame.data)
        for _ in range(chance.choice((0, 0, 1, 1, 2, 5))):
            at = chance.randrange(34, max(35, len(data)))
            what = chance.randrange(4)
            if what == 0:
                data[at : at + 1] = chance.randbytes(1)
            elif what == 1:
                data[at : at + 4] = chance.choice(WORDS)
            elif what == 2:
                del data[at:]
            else:
                data[at:at] = chance.randbytes(4)
        if chance.random() > 0.03:
            found.append(frame._replace(data=bytes(data)))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_wrong_bytes(seed: int, tmp_path: Path) -> None:
    text = run_tshark(write_pcap(tmp_path / "broken.pcap", broken(seed)), "-2", "-Y", OURS, "-V")
    assert text.count("[Anomaly: truncated-") > 20
    assert "[Anomaly: over-limit]" in text or "[Anomaly: nonzero-padding]" in text


def test_conversations_gone_wrong(tmp_path: Path) -> None:
    frames = [frame for seed in range(60) for frame in corpus.capture(seed)]
    text = run_tshark(write_pcap(tmp_path / "corpus.pcap", frames), "-2", "-Y", OURS, "-V")
    assert "[Anomaly: overlap-conflict]" in text
    assert "[Anomaly: incomplete-record]" in text


def test_a_message_of_more_values_than_a_tree_can_hold(tmp_path: Path) -> None:
    talk = Talk()
    connection = talk.tcp()
    connection.call(rpc.record(rpc.call(1, rpc.NETINFO, 2, 9, rpc.ni_id())))
    children = rpc.words(0, 400_000) + rpc.words(*range(400_000)) + rpc.ni_id()
    reply = rpc.record(rpc.accepted(1, children))
    connection.reply(reply, *range(60_000, len(reply), 60_000))
    path = write_pcap(tmp_path / "many.pcap", talk.frames)
    start = time.process_time()
    text = run_tshark(path, "-Y", "netinfo.type == 1", "-O", "netinfo")
    assert "Children: 400000" in text
    assert "More values than can be shown follow" in text
    assert time.process_time() - start < 20


def test_a_stream_that_is_no_rpc_and_marks_that_lie(tmp_path: Path) -> None:
    talk = Talk()
    for payload in (b"GET / HTTP/1.0\r\n\r\n" * 50, rpc.words(0x7FFFFFFF) + bytes(5000), rpc.words(0) * 20000):
        connection = talk.tcp(first=len(talk.frames) * 1000)
        connection.call(payload, *range(1000, len(payload), 1000))
        connection.close()
    path = write_pcap(tmp_path / "none.pcap", talk.frames)
    assert messages_shown(path) == []
