"""One netinfod: what it is, what it gives to strangers, and whether it is what it says. Only reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from netinfo_scapy.analysis.probed import CheckProbed, DomainProbed, GiftProbed
from netinfo_scapy.analysis.values import text_of
from netinfo_scapy.live.calls import Answer, status_name
from netinfo_scapy.live.channels import TcpChannel
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.directories import facts_of
from netinfo_scapy.live.errors import ClientError, ClosedError
from netinfo_scapy.live.probe.asking import outcome
from netinfo_scapy.live.probe.checks import Subject, judge
from netinfo_scapy.live.probe.pace import Pace
from netinfo_scapy.live.probe.ports import UDP_TRANSMISSIONS
from netinfo_scapy.protocol.releases import release_of

_ROOT = 0
_USERS = b"users"
_ANYONE = b"*"
_SUPERUSER = b"0"
_MOST_NAMED = 12
_PORT_PROPERTIES = {b"port", b"udp_port", b"tcp_port"}
"""Of the root: they choose the server's ports."""

Implementation = Literal["netinfod", "previous", "other"]


class Domain:
    """A netinfod under examination.

    udp_port, tcp_port: None where nothing answers. registered, ports: as in `Subject`.
    """

    def __init__(
        self,
        host: str,
        udp_port: int | None,
        tcp_port: int | None,
        pace: Pace,
        timeout: float,
        registered: frozenset[str] | None,
        ports: tuple[int, int] | None,
    ) -> None:
        self._host, self._timeout = host, timeout
        self._udp_port, self._tcp_port = udp_port, tcp_port
        self._tcp: NetInfo_Client = pace.client(NetInfo_Client, "tcp")
        self._udp: NetInfo_Client = pace.client(NetInfo_Client, "udp", transmissions=UDP_TRANSMISSIONS)
        self._subject = Subject(None, None, registered=registered, ports=ports)
        self._gives: list[GiftProbed] = []
        self._root: dict[bytes, list[bytes]] = {}

    def probed(self, checks: bool, deep: bool) -> DomainProbed | None:
        """What it is; None where nothing of it answers. checks: also whether it is what it says; deep: as `judge`."""
        with self._tcp, self._udp:
            shut_out = self._connect()
            if self._subject.tcp is None and self._subject.udp is None:
                return None
            if self._subject.tcp is not None:
                self._read_statistics()
                self._read_root()
                self._read_users()
                self._read_database()
            made = self._implementation()
            judged = list(judge(self._subject, deep, made == "previous")) if checks else []
        return self._told(shut_out, made, judged)

    def _connect(self) -> bool:
        """Find out where it answers; whether strangers' connections are closed without a byte."""
        subject, shut_out = self._subject, False
        if self._tcp_port is not None:
            try:
                self._tcp.connect(self._host, self._tcp_port, self._timeout)
                self._tcp.call("PING")
                subject.tcp = self._tcp
            except ClosedError:
                shut_out = True
            except ClientError:
                pass
        if self._udp_port is not None:
            try:
                self._udp.connect(self._host, self._udp_port, self._timeout)
                self._udp.call("PING")
                subject.udp = self._udp
            except ClientError:
                pass
        return shut_out

    def _try(self, name: str, *given: Any) -> Answer | ClientError:
        assert self._subject.tcp is not None
        try:
            return self._subject.tcp.call(name, *given)
        except ClientError as error:
            return error

    def _read_statistics(self) -> None:
        answer = self._try("STATISTICS")
        if not isinstance(answer, Answer):
            return
        channel = self._tcp.channel
        if isinstance(channel, TcpChannel):
            self._subject.sizes = channel.records.fragments
        self._subject.statistics = facts_of(answer)
        self._subject.is_clone = self._subject.statistics.get("tag", [])[1:2] == ["clone"]

    def _read_root(self) -> None:
        answer = self._try("READ", _ROOT)
        given = isinstance(answer, Answer)
        if isinstance(answer, Answer):
            self._root = {each["name"]: each["values"] for each in reversed(answer.value["props"])}
            self._subject.own_ports = not self._root.keys().isdisjoint(_PORT_PROPERTIES)
        self._give("the root directory", given, f"READ: {outcome(answer)}")
        if given:
            writers = self._root.get(b"_writers", [])
            self._give(
                "writing, without a password",
                _ANYONE in writers,
                f"_writers of the root: {_listed(writers)}; nothing was written",
            )

    def _read_users(self) -> None:
        """Which directories there are, and whether the superuser's password hash is given away."""
        answer = self._try("LIST", _ROOT, b"name")
        if not isinstance(answer, Answer):
            self._give("the directories below the root", False, f"LIST: {outcome(answer)}")
            return
        entries = [(each["names"][0], each["id"]) for each in answer.value["entries"] if each["names"]]
        self._give("the directories below the root", True, f"LIST: {_listed(name for name, _ in entries)}")
        self._subject.child = entries[0][0] if entries else b""
        users = next((number for name, number in entries if name == _USERS), None)
        if users is None:
            return
        found = self._try("LOOKUPREAD", users, b"uid", _SUPERUSER)
        if not isinstance(found, Answer):
            self._give("password hashes", False, f"LOOKUPREAD /users/uid=0: {outcome(found)}")
            return
        hashed: list[bytes] = next((each["values"] for each in found.value["props"] if each["name"] == b"passwd"), [])
        says = f"a passwd of {len(hashed[0])} characters" if hashed else "no passwd"
        self._give("password hashes", bool(hashed and hashed[0]), f"/users/uid=0 has {says}")

    def _read_database(self) -> None:
        """Whether READALL is given: asked with the server's own checksum, it sends nothing."""
        checksum = self._subject.statistics.get("checksum", [""])[0]
        if not checksum.isdecimal() or int(checksum) > 0xFFFFFFFF or self._subject.is_clone:
            return
        assert self._subject.tcp is not None
        try:
            self._subject.tcp.chain("READALL", int(checksum))
            given, how = True, status_name(0)
        except ClientError as error:
            given, how = False, outcome(error)
        self._give("the whole database at once", given, f"READALL: {how}")

    def _give(self, what: str, given: bool, evidence: str) -> None:
        self._gives.append(GiftProbed(what, given, evidence))

    def _implementation(self) -> Implementation | None:
        names = list(self._subject.statistics)
        if not names:
            return None
        if release_of(names):
            return "netinfod"
        return "previous" if names == ["checksum"] else "other"

    def _told(self, shut_out: bool, made: Implementation | None, judged: list[CheckProbed]) -> DomainProbed:
        subject = self._subject
        told = subject.statistics
        tag = told.get("tag", [])
        role: Literal["master", "clone"] | None = None
        if tag[1:2] == ["master"]:
            role = "master"
        elif subject.is_clone:
            role = "clone"
        says = [check for check in judged if check.agrees is not None]
        return DomainProbed(
            udp_port=self._udp_port if subject.udp else None,
            tcp_port=self._tcp_port if subject.tcp or shut_out else None,
            tag=tag[0] if tag else None,
            role=role,
            implementation=made,
            release=_release(told) if made == "netinfod" else None,
            hostname=_first(told, "hostname"),
            master=text_of(self._root[b"master"][0]) if self._root.get(b"master") else None,
            binding=_first(told, "binding"),
            shut_out=shut_out,
            gives=self._gives,
            checks=judged,
            impostor=any(check.agrees is False for check in says) if says and made else None,
        )


def _release(told: dict[str, list[str]]) -> str | None:
    version = _first(told, "server_version")
    by_names = release_of(list(told))
    return version if version and version.isdecimal() else by_names


def _first(told: dict[str, list[str]], name: str) -> str | None:
    values = told.get(name)
    return values[0] if values else None


def _listed(names: Iterable[bytes]) -> str:
    shown = [name.decode(errors="backslashreplace") for name in names]
    more = f" and {len(shown) - _MOST_NAMED} more" if len(shown) > _MOST_NAMED else ""
    return (", ".join(shown[:_MOST_NAMED]) or "none") + more
