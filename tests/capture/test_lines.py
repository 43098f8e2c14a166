"""Things in the order of their latest use, held against an `OrderedDict`."""

from __future__ import annotations

from collections import OrderedDict

from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.capture.lines import Line, Place

STEPS = st.lists(st.tuples(st.sampled_from(["use", "remove", "first", "clear"]), st.integers(0, 5)), max_size=40)


@settings(max_examples=60)
@given(STEPS)
def test_the_order_is_that_of_an_ordered_dict(steps: list[tuple[str, int]]) -> None:
    places = [Place(number) for number in range(6)]
    line = Line()
    expected: OrderedDict[int, None] = OrderedDict()
    for what, number in steps:
        if what == "use":
            line.put_last(places[number])
            expected[number] = None
            expected.move_to_end(number)
        elif what == "remove":
            line.remove(places[number])
            expected.pop(number, None)
        elif what == "clear" and number == 0:
            line.clear()
            expected.clear()
        assert line.first() == next(iter(expected), None)
        assert list(line.all()) == list(expected)
