"""Messages that no correct client sends. What a server then answers stands in docs/specification.md, 3.3 to 4."""

from __future__ import annotations

from typing import ClassVar

from msgspec import structs

from netinfo_scapy.craft.credentials import Credential
from netinfo_scapy.craft.messages import make_error
from netinfo_scapy.craft.said import Said, Talk
from netinfo_scapy.craft.transforms.base import Break, Transform
from netinfo_scapy.craft.transforms.calls import give_credential
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.programs import find_procedure, procedure_name

_LONG = len(Credential("long").body())


class _Malformed(Transform, frozen=True, kw_only=True):
    """A change of each message that it is applied to; a message that is malformed already is left as it is."""

    breaks: ClassVar[tuple[Break, ...]] = ("malformed",)

    def turns(self, turns: list[Said], talks: list[Talk]) -> list[Said]:
        """Change them, and what is answered."""
        answers: dict[int, Said | None] = {}
        for said in turns:
            if said.header is None or said.expected is None or said.malformed or not self.chooses(said):
                continue
            before = said.data
            answers |= self.change(said, talks[said.talk])
            said.malformed = said.data != before
        made = [answers.get(id(said.call), said) if said.call is not None else said for said in turns]
        return [said for said in made if said is not None]

    def change(self, said: Said, talk: Talk) -> dict[int, Said | None]:
        """Change a message. What is answered then in the place of what was, None for silence, by the call's id()."""
        return {}

    def refused(self, said: Said, error: str, version: int = 2) -> dict[int, Said | None]:
        """The call is answered by an error of RPC."""
        return {id(said): make_error(said, error, version, version)}


class _MalformedCall(_Malformed, frozen=True, kw_only=True):
    def chooses(self, said: Said) -> bool:
        """Calls only."""
        return said.call is None and super().chooses(said)


class RpcVersion(_MalformedCall, frozen=True, kw_only=True, tag="rpc-version"):
    """Calls of another version of RPC: no calls at all for a server, which says nothing."""

    version: int = 3

    def __post_init__(self) -> None:
        if self.version == 2 or not 0 <= self.version < 1 << 32:
            raise ValueError(f"version: {self.version} is not a number of 32 bits other than 2")

    def change(self, said: Said, talk: Talk) -> dict[int, Said | None]:
        """Write it."""
        assert said.header is not None
        said.header["rpc_version"] = self.version
        _note(said, "rpc-version")
        return {id(said): None}


class ProgramVersion(_MalformedCall, frozen=True, kw_only=True, tag="program-version"):
    """Calls of a version of the program that there is not: PROG_MISMATCH is answered."""

    version: int

    def change(self, said: Said, talk: Talk) -> dict[int, Said | None]:
        """Write it."""
        assert said.header is not None and said.expected is not None
        program, right, procedure = (said.header[each] for each in ("program", "version", "procedure"))
        if find_procedure(program, self.version, procedure) is not None or not 0 <= self.version < 1 << 32:
            raise ValueError(f"program-version: {self.version} is a version of {said.expected.name}, or no number")
        said.header["version"] = said.expected.version = self.version
        said.expected.name = procedure_name(program, self.version, procedure)
        said.expected.arguments = None
        return self.refused(said, "PROG_MISMATCH", right)


class LongCredential(_MalformedCall, frozen=True, kw_only=True, tag="long-credential"):
    """Calls with a credential longer than RFC 5531 allows; a server says nothing to them. size: bytes of its body."""

    size: int = 404

    def __post_init__(self) -> None:
        if not 400 < self.size <= 8192:
            raise ValueError(f"size: {self.size} is not 401 to 8192")

    def change(self, said: Said, talk: Talk) -> dict[int, Said | None]:
        """Give it."""
        give_credential(said, Credential("long", over=self.size - _LONG))
        return {id(said): None}


class LongName(_MalformedCall, frozen=True, kw_only=True, tag="long-name"):
    """Calls to netinfod and nibindd whose first string is longer than the protocol allows; over TCP only.

    GARBAGE_ARGS is answered. size: bytes of the string.
    """

    size: int = 65_536

    def __post_init__(self) -> None:
        if not 65_535 < self.size <= 1 << 20:
            raise ValueError(f"size: {self.size} is not 65,536 to 1,048,576")

    def change(self, said: Said, talk: Talk) -> dict[int, Said | None]:
        """Write it."""
        assert said.expected is not None and said.header is not None
        name = next((each for each in said.places if each.kind == "string"), None)
        if name is None or talk.transport != "tcp" or said.expected.program not in (NETINFO.number, NIBIND.number):
            return {}
        start, end = name.start, name.start + name.length + (-name.length & 3)
        content = (b"x" * self.size) + bytes(-self.size & 3)
        said.body = said.body[: start - 4] + self.size.to_bytes(4, "big") + content + said.body[end:]
        grown = len(content) - (end - start)
        said.places = [
            each._replace(length=self.size) if each == name
            else each._replace(start=each.start + grown) if each.start > start else each
            for each in said.places
        ]  # fmt: skip
        said.expected.arguments = None
        _note(said, "over-limit")
        return self.refused(said, "GARBAGE_ARGS")


class ListCount(_Malformed, frozen=True, kw_only=True, tag="list-count"):
    """Messages whose first list says that it is longer than the rest of the message: GARBAGE_ARGS is answered."""

    count: int = 0xFFFFFFFF

    def change(self, said: Said, talk: Talk) -> dict[int, Said | None]:
        """Write the count."""
        assert said.expected is not None
        place = next((each for each in said.places if each.kind == "count"), None)
        if place is None:
            return {}
        if not len(said.body) // 4 < self.count < 1 << 32:
            raise ValueError(f"list-count: {self.count} elements fit into {said.expected.name}, or are no number")
        said.body = said.body[: place.start] + self.count.to_bytes(4, "big") + said.body[place.start + 4 :]
        if said.call is None:
            said.expected.arguments = None
            _note(said, "truncated-arguments")
            return self.refused(said, "GARBAGE_ARGS")
        said.expected.result = None
        _note(said, "truncated-result")
        return {}


class LeftOver(_Malformed, frozen=True, kw_only=True, tag="left-over"):
    """Messages with bytes after their arguments or result; servers pass over them. bytes: how many, a multiple of 4."""

    bytes: int = 4

    def __post_init__(self) -> None:
        if not 0 < self.bytes <= 4096 or self.bytes % 4:
            raise ValueError(f"bytes: {self.bytes} is not a multiple of 4 from 4 to 4096")

    def change(self, said: Said, talk: Talk) -> dict[int, Said | None]:
        """Put them there."""
        assert said.expected is not None
        if "dialect-previous" in said.expected.anomalies:
            return {}  # by its end alone a reader tells the dialect
        numbers = (said.expected.program or 0, said.expected.version or 0, said.expected.procedure or 0)
        if find_procedure(*numbers) is not None or (said.call is not None and said.expected.accept_status != "SUCCESS"):
            said.body += b"more"[:4] * (self.bytes // 4)
            _note(said, "bytes-left-over")
        return {}


def _note(said: Said, anomaly: str) -> None:
    assert said.expected is not None
    if anomaly not in said.expected.anomalies:
        said.expected = structs.replace(said.expected, anomalies=[*said.expected.anomalies, anomaly])
