"""A page taken apart with Python's own parser, which knows nothing of how it was made."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br", "img", "path", "circle"}


class Document(HTMLParser):
    """elements: (tag, attributes, the text directly in it and below it), in the order of their beginning."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(page)
        self.close()
        assert not self._open, f"not closed: {[tag for tag, *_ in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, dict(attrs), list[str]())
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for *_, text in self._open:
            text.append(data)

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str | None], str]]:
        """The elements of a kind: their attributes and texts."""
        return [
            (attrs, "".join(text))
            for name, attrs, text in self.elements
            if name == tag and all(attrs.get(key) == value for key, value in attributes.items())
        ]

    def data(self, name: str) -> Any:
        """What is in a data block."""
        ((_, text),) = self.all("script", id=name)
        return json.loads(text)

    def rows(self, table: str) -> list[list[tuple[str, str]]]:
        """The rows of a table's body: (key, text) of each cell."""
        rows: list[list[tuple[str, str]]] = []
        inside = False
        for tag, attrs, text in self.elements:
            if tag == "table":
                inside = attrs.get("id") == table
            elif inside and tag == "tr":
                rows.append([])
            elif inside and tag in ("td", "th") and "data-key" in attrs:
                rows[-1].append((attrs["data-key"] or "", " ".join("".join(text).split())))
        return [row for row in rows if row]
