"""`netinfo://HOST[:PORT][/TAG]`: a server as an argument, and how it is found."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from netinfo_scapy.live.calls import Values
from netinfo_scapy.live.client import NetInfo_Client, Nibind_Client, Portmap_Client, find_port
from netinfo_scapy.live.errors import (
    AcceptedError,
    ClientError,
    NotRegisteredError,
    Step,
    TransportError,
    UsageError,
)
from netinfo_scapy.live.rpc_client import TIMEOUT
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import NETINFO_PORT

SCHEME = "netinfo"
_PROG_UNAVAIL = 1


def registrations(host: str, port: int | None, timeout: float = TIMEOUT) -> list[Values]:
    """The tags of a host with their ports, as nibind's LISTREG has them.

    port: nibind's; None: the port mapper is asked, and where there is none, nibind on port 961. Raises ClientError.
    """
    if port is None:
        try:
            with Portmap_Client().connect(host, timeout=timeout) as portmap:
                port = portmap.find(NIBIND, "udp")
        except (TransportError, NotRegisteredError) as error:
            try:
                return registrations(host, NETINFO_PORT, timeout)
            except ClientError as other:
                text = f"{error.reason}; nor is nibind on port {NETINFO_PORT}/udp: {other.reason}"
                raise type(error)(error.step, error.server, text) from None
    with Nibind_Client().connect(host, port, timeout) as nibind:
        found: list[Values] = nibind.listreg()["registrations"]
        return found


class ServerName(NamedTuple):
    """What a URL names. port, tag: None where it does not say."""

    host: str
    port: int | None
    tag: bytes | None

    @classmethod
    def parse(cls, url: str) -> ServerName:
        """Raises ValueError, with what is wrong."""
        like = f"write {SCHEME}://HOST/TAG or {SCHEME}://HOST:PORT/TAG"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"{url}: {error}; {like}") from None
        if parts.scheme.lower() != SCHEME or not parts.hostname:
            raise ValueError(f"{url} names no server; {like}")
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"{parts.scheme}://...@{parts.hostname}: a user is given with --user; {like}")
        if parts.query or parts.fragment or parts.path.count("/") > 1 or port == 0:
            raise ValueError(f"{url} names no server; {like}")
        tag = unquote_to_bytes(parts.path.removeprefix("/")) or None
        return cls(parts.hostname, port, tag)

    def connect(self, timeout: float = TIMEOUT, **options: Any) -> NetInfo_Client:
        """A client connected to the domain.

        With a port: that is netinfod's, which has to serve the tag, or nibind's, which is asked for it. Without one:
        the port mapper and nibind are asked; where that way is not there, netinfod or nibind on port 961.
        options: of the client. Raises ClientError.
        """
        if self.port is not None:
            return self._at(self.port, timeout, options)
        if self.tag is None:
            return self._at(NETINFO_PORT, timeout, options)
        try:
            port = find_port(self.host, self.tag, "tcp", timeout)
        except (TransportError, NotRegisteredError) as error:
            if error.step is not Step.PORTMAP:
                raise
            return self._instead(error, timeout, options)
        return NetInfo_Client(**options).connect(self.host, port, timeout)

    def _instead(self, error: ClientError, timeout: float, options: dict[str, Any]) -> NetInfo_Client:
        """Without a port mapper that helps: on the default port."""
        try:
            return self._at(NETINFO_PORT, timeout, options)
        except ClientError as other:
            text = f"{error.reason}; nor is the domain on port {NETINFO_PORT}/tcp: {other.step.value}: {other.reason}"
            raise type(error)(error.step, error.server, text) from None

    def _at(self, port: int, timeout: float, options: dict[str, Any]) -> NetInfo_Client:
        ni = NetInfo_Client(**options).connect(self.host, port, timeout)
        try:
            self._check_tag(ni)
        except AcceptedError as error:
            ni.close()
            if error.number != _PROG_UNAVAIL:
                raise
            return self._by_nibind(port, timeout, options)
        except ClientError:
            ni.close()
            raise
        return ni

    def _check_tag(self, ni: NetInfo_Client) -> None:
        """A port serves one domain. Whether it is the wanted one is known where the server tells."""
        if self.tag is None:
            ni.call("PING")
            return
        told, wanted = ni.facts().get("tag"), self.tag.decode(errors="backslashreplace")
        if told and told[0] != wanted:
            text = f"the server there serves the tag {told[0]}, not {wanted}"
            raise UsageError(Step.CONNECT, str(ni.place), text)

    def _by_nibind(self, port: int, timeout: float, options: dict[str, Any]) -> NetInfo_Client:
        if self.tag is None:
            text = "NetInfo is not served there; if it is nibind's port, name a tag behind it, as /network"
            raise UsageError(Step.CONNECT, f"{self.host} port {port}/tcp", text)
        with Nibind_Client("tcp").connect(self.host, port, timeout) as nibind:
            found = nibind.find(self.tag, "tcp")
        return NetInfo_Client(**options).connect(self.host, found, timeout)
