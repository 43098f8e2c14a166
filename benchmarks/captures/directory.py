"""A made-up NetInfo domain: what the servers of the captures hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

_FIRST = ("ann", "ben", "cara", "dan", "eve", "finn", "gail", "hugh", "ida", "jon", "kim", "leo", "mia", "ned")
_LAST = ("archer", "baker", "cooper", "dyer", "fisher", "glover", "hunter", "mason", "piper", "smith", "turner")
_HOSTS = ("oak", "elm", "ash", "fir", "yew", "beech", "birch", "cedar", "hazel", "larch", "maple", "willow")
_CHILDREN = {"machines": 70, "users": 90, "groups": 32, "mounts": 14, "printers": 12, "aliases": 24}


@dataclass
class Directory:
    """A directory. properties: name -> values, in order."""

    object: int
    instance: int
    parent: int
    properties: dict[str, list[str]]
    children: list[Directory] = field(default_factory=list)

    @property
    def id(self) -> dict[str, int]:
        """Its ni_id, as the codec takes it."""
        return {"object": self.object, "instance": self.instance}

    @property
    def proplist(self) -> list[dict[str, Any]]:
        """Its properties, as the codec takes them."""
        return [
            {"name": name.encode(), "values": [value.encode() for value in values]}
            for name, values in self.properties.items()
        ]

    @property
    def ids(self) -> list[int]:
        """The ids of its children."""
        return [child.object for child in self.children]

    def below(self) -> Iterator[Directory]:
        """The directory and all those under it, a parent before its children."""
        yield self
        for child in self.children:
            yield from child.below()


def make_domain(random: Random) -> Directory:
    """The root of a domain with users, machines and what else a site has."""
    root = Directory(0, 812, 0, {"master": ["oak1/network"], "trusted_networks": ["198.18"]})
    number = 0
    for name, count in _CHILDREN.items():
        number += 1
        above = Directory(number, random.randrange(400), 0, {"name": [name]})
        root.children.append(above)
        for index in range(count):
            number += 1
            properties = _MAKERS[name](random, index)
            above.children.append(Directory(number, random.randrange(40), above.object, properties))
    return root


def _machine(random: Random, index: int) -> dict[str, list[str]]:
    host = f"{random.choice(_HOSTS)}{index}"
    made = {"name": [host], "ip_address": [f"198.18.0.{index + 1}"]}
    if random.random() < 0.8:
        made["en_address"] = [":".join(f"{random.randrange(256):x}" for _ in range(6))]
    made["serves"] = ["./local"] if random.random() < 0.9 else ["./network", f"{host}/local"]
    made["system_type"] = [random.choice(("NeXTSTEP 3.3", "OPENSTEP 4.2", "Mac OS X 10.2.8"))]
    if random.random() < 0.4:
        made |= {"bootfile": ["mach"], "bootparams": [f"root=oak1:/clients/{host}", "private=oak1:/private"]}
    return made


def _user(random: Random, index: int) -> dict[str, list[str]]:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    name = f"{first}{last[0]}{index}"
    made = {
        "name": [name],
        "passwd": ["*"],
        "uid": [str(500 + index)],
        "gid": [str(random.choice((20, 21, 100)))],
        "realname": [f"{first.capitalize()} {last.capitalize()}"],
        "home": [f"/Users/{name}"],
        "shell": [random.choice(("/bin/csh", "/bin/tcsh", "/bin/bash"))],
    }
    if random.random() < 0.3:
        made["_writers_passwd"] = [name]
    return made


def _group(random: Random, index: int) -> dict[str, list[str]]:
    members = [f"{random.choice(_FIRST)}{random.randrange(90)}" for _ in range(random.randrange(7))]
    return {"name": [f"project{index}"], "passwd": ["*"], "gid": [str(100 + index)], "users": members}


def _mount(random: Random, index: int) -> dict[str, list[str]]:
    made = {"name": [f"{random.choice(_HOSTS)}{index}:/Local"], "dir": ["/Net"], "opts": ["rw", "net"]}
    return made | {"vfstype": ["nfs"], "freq": ["0"], "passno": ["0"]}


def _printer(random: Random, index: int) -> dict[str, list[str]]:
    made = {"name": [f"laser{index}"], "lp": ["/dev/null"], "rm": [f"{random.choice(_HOSTS)}{index}"], "rp": ["raw"]}
    return made | {"sd": [f"/usr/spool/laser{index}"], "ty": ["LaserWriter"], "note": ["second floor"], "mx": ["#0"]}


def _alias(random: Random, index: int) -> dict[str, list[str]]:
    members = [f"{random.choice(_FIRST)}@{random.choice(_HOSTS)}.example" for _ in range(random.randrange(1, 6))]
    return {"name": [f"list{index}"], "members": members}


_MAKERS = {
    "machines": _machine,
    "users": _user,
    "groups": _group,
    "mounts": _mount,
    "printers": _printer,
    "aliases": _alias,
}
"""What makes the properties of the children of each directory under the root."""
