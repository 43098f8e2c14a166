"""The keyed permutation: it is one, and only the key tells which."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netinfo_scapy.analysis.scrub.permutation import SMALLEST_KEY, Key

KEY, OTHER = Key(bytes(32)), Key(bytes(31) + b"x")


@pytest.mark.parametrize("radices", [(10,), (2, 3), (26, 10), (4, 5, 6, 7)])
def test_every_string_becomes_another_one_of_the_same_digits(radices: tuple[int, ...]) -> None:
    every = list(product(*map(range, radices)))
    found = [tuple(KEY.permuted(b"", digits, radices)) for digits in every]
    assert sorted(found) == every
    assert found != every or len(every) < 10


def test_key_and_context_decide() -> None:
    digits, radices = list(range(12)), [26] * 12
    found = {tuple(key.permuted(context, digits, radices)) for key in (KEY, OTHER) for context in (b"a", b"b")}
    assert len(found) == 4
    assert KEY.permuted(b"a", digits, radices) == Key(bytes(32)).permuted(b"a", digits, radices)


@given(st.lists(st.integers(0, 25), min_size=4, max_size=60), st.data())
def test_one_other_digit_changes_most(digits: list[int], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(digits) - 1))
    other = [*digits[:at], (digits[at] + 1) % 26, *digits[at + 1 :]]
    radices = [26] * len(digits)
    pairs = zip(KEY.permuted(b"", digits, radices), KEY.permuted(b"", other, radices), strict=True)
    assert sum(a == b for a, b in pairs) <= len(digits) // 4 + 3


def test_walking_stays_among_those_that_fit() -> None:
    odd = range(1, 100, 2)
    found = [KEY.walked(b"", [each], [100], lambda digits: digits[0] % 2 == 1)[0] for each in odd]
    assert sorted(found) == list(odd)


def test_one_key_gives_the_same_in_every_release() -> None:
    """As it was in the first: else captures scrubbed then and now could not be joined."""
    key = Key(bytes(range(40)))
    for _ in range(2):  # the second time from what is remembered
        assert key.permuted(b"", [3], [10]) == [8]
        assert key.permuted(b"", [1, 2, 3, 4], [10] * 4) == [8, 3, 2, 0]
        assert key.permuted(b"", [1, 2, 3], [9, 10, 10]) == [5, 7, 0]
        assert key.permuted(b"a", [1, 2, 3, 4, 5], [26] * 5) == [13, 12, 8, 25, 18]
        long = key.permuted(b"x" * 70, range(20), [26] * 20)
        assert long == [8, 25, 6, 15, 12, 10, 24, 1, 15, 7, 0, 1, 6, 14, 10, 8, 22, 12, 22, 6]


def test_the_number_of_digits_decides_too() -> None:
    """The same half before digits of another number."""
    for size in (5, 4, 5):
        digits = [1, 2, *[0] * (size - 2)]
        assert len(Key(bytes(32)).permuted(b"", digits, [10] * size)) == size
        assert KEY.permuted(b"", digits, [10] * size) == Key(bytes(32)).permuted(b"", digits, [10] * size)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes or more, this one 31"):
        Key(bytes(SMALLEST_KEY - 1))
