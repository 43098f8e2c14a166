"""A directory that looks like that of a small office in 2002, for a honeypot. Everybody in it is made up.

The passwords are crypt(3) of nothing that anyone has; what matters is who asks for them.
"""

from __future__ import annotations

from netinfo_scapy.analysis.directory.tree import Directory, Property

_USERS = (
    ("root", "dlY9wR0cVqK2E", "0", "0", "System Administrator", "/var/root", "/bin/tcsh"),
    ("nobody", "*", "-2", "-2", "Unprivileged User", "/dev/null", "/dev/null"),
    ("daemon", "*", "1", "1", "System Services", "/var/root", "/dev/null"),
    ("www", "*", "70", "70", "World Wide Web Server", "/Library/WebServer", "/dev/null"),
    ("admin", "kQ3xTn7uLzWfM", "501", "20", "Office Admin", "/Users/admin", "/bin/tcsh"),
    ("hkeller", "Xe1mPa8RvNj4g", "502", "20", "Hanna Keller", "/Users/hkeller", "/bin/tcsh"),
    ("mbrandt", "7cWq0LsYtB5hI", "503", "20", "Mark Brandt", "/Users/mbrandt", "/bin/tcsh"),
    ("scanner", "Jr6zD2oFuKe9A", "504", "20", "Scan Station", "/Users/scanner", "/bin/sh"),
)
_GROUPS = (
    ("wheel", "0", ("root",)),
    ("nobody", "-2", ()),
    ("daemon", "1", ("root",)),
    ("staff", "20", ("root",)),
    ("admin", "80", ("root", "admin")),
    ("office", "500", ("admin", "hkeller", "mbrandt")),
)
_MACHINES = (
    ("files", "192.168.12.10", "00:03:93:5e:a1:0c"),
    ("reception", "192.168.12.21", "00:0a:27:9b:44:e2"),
    ("studio", "192.168.12.22", "00:05:02:c8:17:9d"),
)
_TOP = ("aliases", "config", "locations", "mounts", "networks", "printers")
_INSTANCE, _ROOT_INSTANCE = 2, 37


def _directory(*properties: tuple[str, tuple[str, ...]], children: tuple[Directory, ...] = ()) -> Directory:
    listed = [Property(name.encode(), [each.encode() for each in values]) for name, values in properties]
    return Directory(instance=_INSTANCE, properties=listed, children=list(children))


def _named(name: str, children: tuple[Directory, ...] = ()) -> Directory:
    return _directory(("name", (name,)), children=children)


def _user(name: str, passwd: str, uid: str, gid: str, realname: str, home: str, shell: str) -> Directory:
    told = {"name": name, "passwd": passwd, "uid": uid, "gid": gid, "realname": realname, "home": home, "shell": shell}
    return _directory(
        *((key, (value,)) for key, value in told.items()),
        ("change", ("0",)),
        ("expire", ("0",)),
        ("_writers_passwd", (name,)),
    )


def _machine(name: str, address: str, ethernet: str) -> Directory:
    return _directory(("name", (name,)), ("ip_address", (address,)), ("en_address", (ethernet,)))


def office(host: str, tag: str, address: str) -> Directory:
    """The root directory of a domain, whose master a host is."""
    own = _directory(("name", (host,)), ("ip_address", (address,)), ("serves", (f"./{tag}",)))
    machines = (own, *(_machine(*each) for each in _MACHINES))
    groups = tuple(
        _directory(("name", (name,)), ("passwd", ("*",)), ("gid", (gid,)), ("users", users))
        for name, gid, users in _GROUPS
    )
    root = _directory(
        ("master", (f"{host}/{tag}",)),
        children=(
            _named("machines", machines),
            _named("users", tuple(_user(*each) for each in _USERS)),
            _named("groups", groups),
            *(_named(each) for each in _TOP),
        ),
    )
    root.instance = _ROOT_INSTANCE
    return root
