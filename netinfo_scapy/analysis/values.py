"""Bytes and times as they stand in every output."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds())
_FIRST_SECOND = int((datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
_DAY = 86_400
"""Seconds of one."""


def rfc3339(time_ns: int, digits: int) -> str:
    """Nanoseconds since 1970 as RFC 3339 in UTC with 6 or 9 decimals; beyond the years 1 to 9999: their ends."""
    seconds, rest = divmod(time_ns, 10**9)
    shown = min(max(seconds, _FIRST_SECOND), _LAST_SECOND)
    of_day = shown % _DAY
    hour, minute, second = of_day // 3600, of_day // 60 % 60, of_day % 60
    decimals = f"{rest:09d}"
    return f"{_date(shown // _DAY)}T{hour:02d}:{minute:02d}:{second:02d}.{decimals[:digits]}Z"


@lru_cache(maxsize=1024)
def _date(days: int) -> str:
    # Not strftime: it leaves out the zeros before a year of less than four digits.
    return (_EPOCH + timedelta(days=days)).date().isoformat()


def nanoseconds(time: str) -> int:
    """The time that `rfc3339` wrote, in nanoseconds since 1970. Raises ValueError for what it never writes."""
    seconds, point, rest = time.removesuffix("Z").partition(".")
    if not (point and time.endswith("Z") and len(seconds) == 19 and rest.isdigit() and len(rest) in (6, 9)):
        raise ValueError(f"{time!r} is no time in UTC with 6 or 9 decimals")
    since = datetime.fromisoformat(seconds).replace(tzinfo=UTC) - _EPOCH
    return (since.days * 86400 + since.seconds) * 10**9 + int(rest.ljust(9, "0"))


def file_name(name: str) -> str:
    r"""A path as an output can hold it: bytes of it that are not UTF-8 as \xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def text_of(data: bytes) -> str | dict[str, str]:
    """Text where the bytes are UTF-8, else {"hex": "…"}."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def bytes_of(text: str | dict[str, str]) -> bytes:
    """The bytes that `text_of` made text or {"hex": "…"} of. Raises ValueError for what it never makes."""
    if isinstance(text, str):
        return text.encode()
    if set(text) != {"hex"}:
        raise ValueError('neither text nor {"hex": "..."}')
    return bytes.fromhex(text["hex"])


def plain_text(text: str | dict[str, str]) -> str:
    """A value of `text_of` inside a sentence."""
    return f"0x{text['hex']}" if isinstance(text, dict) else text


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and what it counts."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def plain(value: Any) -> Any:
    """A decoded value with every bytes in it as `text_of` has it. No recursion deeper than the protocol's types."""
    if isinstance(value, bytes):
        return text_of(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def local_time(time: str, zone: tzinfo | None) -> str:
    """A time as `rfc3339` writes it, for people: in a zone, its offset shown; in UTC where that is None."""
    if zone is None:
        return time.replace("T", " ")
    seconds, _, rest = time[:-1].partition(".")
    try:
        moment = datetime.fromisoformat(seconds).replace(tzinfo=UTC).astimezone(zone)
    except (OverflowError, ValueError):
        return time.replace("T", " ")
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{rest}{offset[:3]}:{offset[3:]}"
