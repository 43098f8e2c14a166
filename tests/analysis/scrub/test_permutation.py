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


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes or more, this one 31"):
        Key(bytes(SMALLEST_KEY - 1))
