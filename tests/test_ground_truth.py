"""Every message of every recording, held against what an independent codec decoded."""

from collections import Counter

import pytest

from tests.support.captures import NAMES, capture_path
from tests.support.compare import CAPTURE_KEYS, baseline, first_difference, run, stream_key
from tests.support.ground_truth import expected_messages


@pytest.mark.parametrize("name", NAMES)
def test_messages_equal_the_ground_truth(name: str) -> None:
    """One to one and in capture order; the first difference is told with its frame."""
    found = baseline(name)
    for expected, message in zip(expected_messages(name), found, strict=False):
        seen = {key: message.get(key) for key in expected}
        difference = first_difference(expected, seen)
        assert difference is None, (
            f"{name} frame {expected['frame']} {expected['type']} {expected['name']}: {difference}"
        )
    assert len(found) == len(expected_messages(name))


@pytest.mark.parametrize("name", NAMES)
def test_frames_match_one_to_one(name: str) -> None:
    """None over, none missing, even where the contents differ."""

    def keys(messages: object) -> Counter:
        return Counter(
            (message["frame"], message["type"], message["xid"], *stream_key(message)) for message in messages
        )

    assert keys(baseline(name)) == keys(expected_messages(name))


@pytest.mark.parametrize("name", NAMES)
def test_response_times_are_those_of_the_frames(name: str) -> None:
    """`rtt_seconds` is the time from the first transmission of the call, whatever else is decoded."""
    from tests.support.captures import recording

    frames = recording(name)
    for message in baseline(name):
        if message["type"] == "reply":
            passed = frames[message["frame"] - 1].time - frames[message["call_frame"] - 1].time
            assert message["rtt_seconds"] == pytest.approx(passed / 1e9, abs=1e-9), message["frame"]
        else:
            assert message.get("rtt_seconds") is None
            assert message.get("call_frame") is None


@pytest.mark.parametrize("name", NAMES)
def test_capture_is_named_as_given(name: str) -> None:
    assert {message["capture"] for message in baseline(name)} == {str(capture_path(name))}


def test_open_file_and_frames_give_the_same_messages() -> None:
    from tests.support.captures import recording

    name = "02-ni-read-tcp"
    expected = [{k: v for k, v in m.items() if k != "capture"} for m in baseline(name)]
    with capture_path(name).open("rb") as file:
        from_file = [{k: v for k, v in m.items() if k != "capture"} for m in run(file)]
    assert from_file == expected
    loose = CAPTURE_KEYS - {"frame", "call_frame"}
    frames = [(frame.time / 1e9, frame.link, frame.data) for frame in recording(name)]
    from_frames = [{k: v for k, v in m.items() if k not in loose} for m in run(frames)]
    assert from_frames == [{k: v for k, v in m.items() if k not in loose} for m in baseline(name)]
