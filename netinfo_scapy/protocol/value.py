"""What the tables are made of: values that are equal where their fields are, and never change.

As frozen dataclasses are; but those compile code for each class, when it is made, and all of them together
take longer than a small capture.
"""

from __future__ import annotations

from inspect import get_annotations
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(frozen_default=True)
class Value:
    """A value of the fields that its class names, with their defaults."""

    _names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Note the fields."""
        cls._names = (*cls._names, *get_annotations(cls))
        type.__setattr__(cls, "__match_args__", cls._names)

    def __init__(self, *given: Any, **named: Any) -> None:
        names = self._names
        if len(given) > len(names):
            raise TypeError(f"{type(self).__name__} has {len(names)} fields, {len(given)} were given")
        fields = dict(zip(names, given, strict=False))
        for name in names[len(given) :]:
            if name not in named and not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} needs a {name}")
            fields[name] = named.pop(name) if name in named else getattr(type(self), name)
        if named:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(named)}, or it was given twice")
        self.__dict__.update(fields)

    def _fields(self) -> tuple[Any, ...]:
        return tuple([self.__dict__[name] for name in self._names])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), self._fields()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._names, self._fields(), strict=True))
        return f"{type(self).__name__}({fields})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change: {name}")
