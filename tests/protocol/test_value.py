"""Values of the tables, held against frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from netinfo_scapy.protocol.value import Value


class Shown(Value):
    name: str
    size: int = 4


class Wider(Shown):
    more: tuple[int, ...] = ()


@dataclass(frozen=True)
class Expected:
    name: str
    size: int = 4


@pytest.mark.parametrize(("given", "named"), [(("a",), {}), (("a", 5), {}), (("a",), {"size": 5}), ((), {"name": "a"})])
def test_fields_are_those_of_a_dataclass(given: tuple[object, ...], named: dict[str, object]) -> None:
    made, expected = Shown(*given, **named), Expected(*given, **named)
    assert (made.name, made.size) == (expected.name, expected.size)
    assert repr(made) == repr(expected).replace("Expected", "Shown")
    assert made == Shown(*given, **named)
    assert hash(made) == hash(Shown(*given, **named))


def test_only_alike_values_of_one_class_are_equal() -> None:
    assert Shown("a") != Shown("b")
    assert Shown("a") != Wider("a")
    assert Wider("a", 4, (1,)) != Wider("a", 4, (2,))
    assert len({Shown("a"), Shown("a", 4), Wider("a")}) == 2


@pytest.mark.parametrize(("given", "named"), [(("a", 1, 2), {}), (("a",), {"other": 1}), (("a", 1), {"size": 1})])
def test_other_fields_are_refused(given: tuple[object, ...], named: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Expected(*given, **named)
    with pytest.raises(TypeError):
        Shown(*given, **named)


def test_a_field_without_a_value_is_refused() -> None:
    with pytest.raises(TypeError, match="name"):
        Shown()


def test_it_does_not_change_and_can_be_taken_apart() -> None:
    made = Wider("a", 5, (1,))
    with pytest.raises(AttributeError):
        made.size = 6  # type: ignore[misc] # it must not change
    match made:
        case Wider(name, size, more):
            assert (name, size, more) == ("a", 5, (1,))
