"""Scenarios as files: YAML, or Python that defines `scenario`.

seed: 961
hosts:
client: {ip: 192.0.2.10}
server: {ip: 192.0.2.1}
conversations:
lookup: {transport: tcp, client: client, server: server}
say:
- {in: lookup, call: NetInfo.LOOKUP, arguments: {id: 0, key: name, value: users}, reply: {ids: [13]}}
transforms:
- {name: record-fragments, sizes: [4]}
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import Annotated, Any, Literal, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType, field

from netinfo_scapy.analysis.values import bytes_of
from netinfo_scapy.craft.credentials import NONE, Credential
from netinfo_scapy.craft.said import Host
from netinfo_scapy.craft.scenario import SEED, START, Asked, Conversation, Dialect, Scenario, call
from netinfo_scapy.craft.yaml_file import converted, load_yaml, mistake
from netinfo_scapy.protocol.programs import NETINFO_PORT

_Item = TypeVar("_Item")
_Port = Annotated[int, Meta(ge=1, le=65535)]
_Word = Annotated[int, Meta(ge=0, lt=1 << 32)]
_Text = str | dict[str, str]
"""Text, or {hex: ...}."""


class _Host(Struct, forbid_unknown_fields=True):
    ip: str
    port: _Port | Literal[0] = 0
    mac: Annotated[str, Meta(pattern="^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$")] | None = None


class _Conversation(Struct, forbid_unknown_fields=True):
    transport: Literal["tcp", "udp"]
    client: str
    server: str
    port: _Port = NETINFO_PORT
    credential: Credential = NONE
    stay_open: bool = False
    dialect: Dialect | None = None


class _Dhcp(Struct, forbid_unknown_fields=True):
    client: str
    server: str
    parents: list[str] = []
    tag: str = ""


class _Turn(Struct, forbid_unknown_fields=True, rename={"conversation": "in"}):
    """One thing that is said, or a call and its reply.

    call with arguments (or body), credential, xid; then reply with status (or body, or by), or error. send, answer:
    bytes that are no RPC. wait: seconds before it. dhcp: a lease.
    """

    conversation: str | None = None
    call: str | None = None
    arguments: dict[str, Any] = {}
    body: _Text | None = None
    credential: Credential | None = None
    xid: _Word | None = None
    reply: dict[str, Any] | UnsetType | None = UNSET
    status: str | int | None = None
    reply_body: _Text | None = None
    by: str | None = None
    error: str | None = None
    low: _Word = 2
    high: _Word = 2
    send: _Text | None = None
    answer: _Text | None = None
    wait: Annotated[float, Meta(ge=0, le=86400)] = 0
    dhcp: _Dhcp | None = None


class _Scenario(Struct, forbid_unknown_fields=True):
    hosts: dict[str, _Host]
    say: list[_Turn]
    seed: int = SEED
    start: int | float = field(default_factory=lambda: int(START))
    conversations: dict[str, _Conversation] = {}
    transforms: list[dict[str, Any]] = []
    summary: str = ""


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file; one in Python is executed. Raises OSError; ValueError with file and place."""
    if path.suffix == ".py":
        return _run(path)
    value, line_of = load_yaml(path)
    given = converted(path, value, line_of, _Scenario)
    return _Reader(path, line_of, given).scenario()


def _run(path: Path) -> Scenario:
    """The `scenario` that a file of Python leaves behind. Raises OSError; ValueError with file and line."""
    path.open("rb").close()
    try:
        found = runpy.run_path(str(path)).get("scenario")
        if callable(found):
            found = found()
    except SyntaxError as error:
        raise ValueError(f"{error.filename}:{error.lineno}: {error.msg}") from error
    except Exception as error:  # a program of the user's can raise anything
        line = next((at.lineno for at in reversed(extract_tb(error.__traceback__)) if at.filename == str(path)), 1)
        said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ValueError(f"{path}:{line}: {said}") from error
    if not isinstance(found, Scenario):
        raise ValueError(f"{path}: it defines no scenario: write scenario = Scenario(), or a function of that name")
    return found


class _Reader:
    """Says what a file says."""

    def __init__(self, path: Path, line_of: Callable[[str], int], given: _Scenario) -> None:
        self._path = path
        self._line_of = line_of
        self._given = given
        self._scenario = Scenario(given.seed, str(given.start))
        self._hosts: dict[str, Host] = {}
        self._conversations: dict[str, Conversation] = {}

    def scenario(self) -> Scenario:
        """The scenario. Raises ValueError with file and place."""
        for name, host in self._given.hosts.items():
            with self._at(f"$.hosts.{name}"):
                self._hosts[name] = self._scenario.host(host.ip, host.port, host.mac)
        for name, talk in self._given.conversations.items():
            with self._at(f"$.conversations.{name}"):
                self._conversation(name, talk)
        for number, turn in enumerate(self._given.say):
            with self._at(f"$.say[{number}]"):
                self._say(turn)
        for number, transform in enumerate(self._given.transforms):
            with self._at(f"$.transforms[{number}]"):
                parameters = dict(transform)
                self._scenario.transform(str(parameters.pop("name", "")), **parameters)
        return self._scenario

    @contextmanager
    def _at(self, place: str) -> Iterator[None]:
        """What is wrong inside is wrong at a place of the file."""
        try:
            yield
        except ValueError as error:
            raise mistake(self._path, self._line_of, place, str(error)) from error

    def _named(self, name: str) -> Host:
        return _look_up(self._hosts, name, "host")

    def _conversation(self, name: str, talk: _Conversation) -> None:
        make = self._scenario.tcp if talk.transport == "tcp" else self._scenario.udp
        made = make(self._named(talk.client), self._named(talk.server), talk.port, talk.credential, talk.dialect)
        if talk.stay_open:
            made.stay_open()
        self._conversations[name] = made

    def _say(self, turn: _Turn) -> None:
        self._scenario.wait(turn.wait)
        if turn.dhcp is not None:
            said = turn.dhcp
            self._scenario.dhcp(self._named(said.client), self._named(said.server), parents=said.parents, tag=said.tag)
        if turn.call is None and turn.send is None and turn.answer is None:
            return
        if turn.conversation is None and len(self._conversations) != 1:
            raise ValueError("say in which conversation (in)")
        names = self._conversations
        talk = _look_up(names, turn.conversation or next(iter(names)), "conversation")
        if turn.call is not None:
            self._reply(turn, self._ask(talk, turn, turn.call))
        if turn.send is not None:
            talk.send(_bytes("send", turn.send))
        if turn.answer is not None:
            talk.answer(_bytes("answer", turn.answer))

    def _ask(self, talk: Conversation, turn: _Turn, name: str) -> Asked:
        values = dict(turn.arguments)
        inner = values.get("call")
        if isinstance(inner, str):
            values = {"call": call(inner, **{str(key): each for key, each in (values.get("arguments") or {}).items()})}
        body = None if turn.body is None else bytes_of(turn.body)
        return talk.ask(name, credential=turn.credential, xid=turn.xid, body=body, **values)

    def _reply(self, turn: _Turn, asked: Asked) -> None:
        if turn.error is not None:
            asked.error(turn.error, turn.low, turn.high)
        elif turn.reply is not UNSET or turn.status is not None or turn.reply_body is not None:
            by = None if turn.by is None else self._named(turn.by)
            body = None if turn.reply_body is None else bytes_of(turn.reply_body)
            values = turn.reply if isinstance(turn.reply, dict) else {}
            asked.reply(turn.status, by=by, body=body, **values)


def _bytes(key: str, text: str | dict[str, str]) -> bytes:
    """Bytes that are no RPC. Raises ValueError that names the key: who answers a call looks for `reply`."""
    try:
        return bytes_of(text)
    except ValueError as error:
        raise ValueError(f"{key}: {error}; to answer a call, write reply: {{...}}") from error


def _look_up(table: dict[str, _Item], name: str, what: str) -> _Item:
    if name not in table:
        raise ValueError(f"{name}: no such {what}; there are {', '.join(table) or 'none'}")
    return table[name]
