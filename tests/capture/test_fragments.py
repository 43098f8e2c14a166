import random

from netinfo_scapy.capture.fragments import Datagram, Datagrams
from netinfo_scapy.capture.frames import FrameRef

KEY = (b"a", b"b", 17, 1)


def ref(number: int) -> FrameRef:
    return FrameRef(0, number, number)


def test_any_order_any_overlap_against_a_plain_model():
    chance = random.Random(3)
    for _ in range(300):
        size = chance.randrange(1, 60)
        datagram = Datagram(KEY, 0)
        model: dict[int, tuple[int, int]] = {}  # position -> byte, frame
        conflict = False
        for number in range(1, chance.randrange(2, 14)):
            start = chance.randrange(size)
            end = chance.randrange(start, size + 1)
            values = [chance.choice([position % 256] * 9 + [7]) for position in range(start, end)]
            for position, value in zip(range(start, end), values, strict=True):
                conflict |= model.setdefault(position, (value, number))[0] != value
            datagram.add(ref(number), start, True, bytes(values), end - start)
        before = next(position for position in range(size + 1) if position not in model)
        assert datagram.bytes_from_start() == bytes(model[position][0] for position in range(before))
        assert datagram.held == len(model) and datagram.conflict == conflict
        assert not datagram.is_complete
        if before:
            assert datagram.ref_of(before).number == max(model[position][1] for position in range(before))
        datagram.add(ref(99), size, False, b"", 0)
        assert datagram.is_complete == (len(model) == size)


def test_the_first_end_holds():
    datagram = Datagram(KEY, 0)
    datagram.add(ref(1), 0, True, b"abcdefgh", 8)
    datagram.add(ref(2), 4, False, b"", 0)
    assert datagram.is_complete and datagram.conflict and datagram.bytes_from_start() == b"abcd"
    datagram.add(ref(3), 8, False, b"xyz", 3)
    assert datagram.length == 4 and datagram.held == 4


def test_what_the_snap_length_cut_stays_a_hole():
    datagram = Datagram(KEY, 0)
    datagram.add(ref(1), 0, True, b"abc", 8)
    datagram.add(ref(2), 8, False, b"ij", 2)
    assert not datagram.is_complete and datagram.bytes_from_start() == b"abc" and datagram.length == 10


def test_bounds_hold_and_what_went_out_is_counted():
    for most, size in ((10, 1 << 30), (1 << 30, 30_000)):
        waiting, out = Datagrams(most, size), []
        for number in range(500):
            waiting.add((b"", b"", 17, number), ref(number), 0, True, bytes(1000), 1000)
            out += list(waiting.evict())
            assert len(waiting._waiting) <= 30 and waiting._cost <= 31 * 1600
        assert waiting.evicted == len(out) >= 470
        assert [each.key[3] for each in out] == list(range(len(out)))
        rest = list(waiting.drain())
        assert len(rest) + len(out) == 500 and waiting._cost == 0


def test_tiny_fragments_count_with_their_bookkeeping():
    waiting = Datagrams(1 << 30, 100_000)
    for number in range(8000):
        waiting.add(KEY, ref(number), number * 8, True, b"12345678", 8)
        if list(waiting.evict()):
            break
    assert number < 400


def test_impatience():
    waiting = Datagrams(10, 1 << 20)
    waiting.add(KEY, ref(1), 0, True, b"x", 1)
    assert waiting.overdue(KEY, 60 * 10**9) is None
    assert waiting.overdue(KEY, 61 * 10**9) is not None
    assert waiting.overdue(KEY, 61 * 10**9) is None
