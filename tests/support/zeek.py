"""Zeek's TSV logs, read by their own header lines as zeek-cut does."""

from typing import NamedTuple


class Log(NamedTuple):
    """header: what follows each #word. rows: field -> value."""

    header: dict[str, list[str]]
    rows: list[dict[str, str]]


def read_log(data: bytes) -> Log:
    header: dict[str, list[str]] = {}
    rows = []
    first, *lines = data.decode("ascii").removesuffix("\n").split("\n")
    assert first == "#separator \\x09"
    for line in lines:
        word, *values = line.split("\t")
        if word.startswith("#"):
            header[word[1:]] = values
        else:
            rows.append(dict(zip(header["fields"], [word, *values], strict=True)))
    return Log(header, rows)
