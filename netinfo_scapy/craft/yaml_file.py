"""YAML files: read safely, with the line where a mistake stands; written the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import msgspec.inspect
import yaml

_Item = TypeVar("_Item")
_WIDTH = 120
_HOLDING = (msgspec.inspect.StructType, msgspec.inspect.DictType, msgspec.inspect.ListType)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


class _Loader(yaml.SafeLoader):  # type: ignore[misc] # PyYAML has no types
    """The safe loader, which takes no key twice and leaves times as text."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int):
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} is no name", key_node.start_mark)
        if key in made:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands there twice", key_node.start_mark)
        made[key] = loader.construct_object(value_node, deep=True)
    return made


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_yaml(path: Path) -> tuple[Any, Callable[[str], int]]:
    """What a file holds, and a function from a place as msgspec names it (`$.hosts[0].ip`) to its line, from 1.

    Raises OSError; ValueError where it is no YAML.
    """
    try:
        text = path.read_bytes().decode()
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            value = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: no text in UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{path}{line}: no YAML that can be read: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: no YAML that can be read: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ValueError(f"{path}: nested too deeply") from error
    return value, lambda place: _line(node, place)


def _line(node: yaml.Node | None, place: str) -> int:
    """The line of a place; that of the nearest thing around it that is there."""
    for name, number in _STEP.findall(place):
        inner = None
        if isinstance(node, yaml.MappingNode) and name:
            inner = next((value for key, value in node.value if key.value == name), None)
        elif isinstance(node, yaml.SequenceNode) and number and int(number) < len(node.value):
            inner = node.value[int(number)]
        if inner is None:
            break
        node = inner
    return node.start_mark.line + 1 if node is not None else 1


def converted(path: Path, value: Any, line_of: Callable[[str], int], kind: type[_Item]) -> _Item:
    """The value as a type. Raises ValueError with file, line and place."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        place, said = told(error)
        known = _keys_at(msgspec.inspect.type_info(kind), place) if "unknown field" in said else []
        raise mistake(path, line_of, place, f"{said}; it has {', '.join(known)}" if known else said) from error


def _keys_at(kind: Any, place: str) -> list[str]:
    """The keys that a type has at a place, `$` being the whole; none where it can be of several types."""
    for name, _ in _STEP.findall(place):
        match _only(kind):
            case msgspec.inspect.StructType(fields=fields):
                kind = next((each.type for each in fields if each.encode_name == name), None)
            case msgspec.inspect.DictType(value_type=inner) | msgspec.inspect.ListType(item_type=inner):
                kind = inner
    found = _only(kind)
    return [each.encode_name for each in found.fields] if isinstance(found, msgspec.inspect.StructType) else []


def _only(kind: Any) -> Any:
    """A type, or that of its kinds which holds others; None where there are several."""
    if not isinstance(kind, msgspec.inspect.UnionType):
        return kind
    holding = [each for each in kind.types if isinstance(each, _HOLDING)]
    return holding[0] if len(holding) == 1 else None


def told(error: msgspec.ValidationError) -> tuple[str, str]:
    """The place that msgspec names, `$` being the whole, and what is wrong there."""
    said, _, place = str(error).partition(" - at `")
    return place.rstrip("`") or "$", said[:1].lower() + said[1:]


def mistake(path: Path, line_of: Callable[[str], int], place: str, said: str) -> ValueError:
    """The error of something in a file."""
    where = place.removeprefix("$").removeprefix(".")
    return ValueError(f"{path}:{line_of(place)}: {f'{where}: ' if where else ''}{said}")


def dump_yaml(value: Any) -> str:
    """A value as YAML: what is innermost on one line, keys in their order."""
    return str(yaml.safe_dump(value, sort_keys=False, default_flow_style=None, width=_WIDTH, allow_unicode=True))
