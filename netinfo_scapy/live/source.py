"""A server as a source of directories, beside captures and files. Only what is asked for is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address

from netinfo_scapy.analysis.directory.document import Captured
from netinfo_scapy.analysis.directory.paths import NoSuchDirectoryError, Path, print_path
from netinfo_scapy.analysis.directory.tree import Directory, Domain
from netinfo_scapy.capture.flows import Endpoint, Transport
from netinfo_scapy.live.client import NetInfo_Client
from netinfo_scapy.live.errors import BadIdError, NoDirectoryError


class ServerSource:
    """One domain of a server. name: as it was given. connect: makes the client, when it is first needed.

    Its errors are ClientError.
    """

    captures: Sequence[Captured] = ()
    reading = None

    def __init__(self, name: str, connect: Callable[[], NetInfo_Client], tag: bytes | None = None) -> None:
        self.name = name
        self._connect = connect
        self._tag = tag
        self._client: NetInfo_Client | None = None

    @property
    def client(self) -> NetInfo_Client:
        """The client, connected."""
        if self._client is None:
            self._client = self._connect()
        return self._client

    def domains(self) -> list[Domain]:
        """The domain, its tree left out."""
        place, peer = self.client.place, self.client.peer
        assert place is not None
        domain = Domain(tag=self._tag)
        if peer is not None:
            domain.address = ip_address(peer[0].partition("%")[0]).packed
            domain.endpoints = [(Transport.TCP, Endpoint(domain.address, peer[1]))]
        return [domain]

    def directory(
        self,
        domain: Domain,  # noqa: ARG002 - there is one
        path: Path | int,
        *,
        depth: int | None = None,
        key: bytes | None = None,
    ) -> Directory:
        """The directory at a path, fetched. Raises NoSuchDirectoryError, ClientError."""
        try:
            return self.client.tree(path, depth, key)
        except (NoDirectoryError, BadIdError):
            shown = str(path) if isinstance(path, int) else print_path(path).decode(errors="backslashreplace")
            raise NoSuchDirectoryError(f"there is no directory {shown}", certain=True) from None

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None
