"""Names that must differ where NetInfo's may not."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Distinct:
    """Gives each name once: a later one that is alike has a number behind it.

    alike: what two names have in common that count as one. taken: names that are not given.
    """

    def __init__(self, alike: Callable[[str], str] = str, taken: Iterable[str] = ()) -> None:
        self._alike = alike
        self._last = {alike(each): 1 for each in taken}

    def name(self, name: str) -> str:
        """The name, or with the next number that makes it one that was not given."""
        key = self._alike(name)
        if key not in self._last:
            self._last[key] = 1
            return name
        while True:
            self._last[key] += 1
            made = f"{name} ({self._last[key]})"
            if self._alike(made) not in self._last:
                self._last[self._alike(made)] = 1
                return made
