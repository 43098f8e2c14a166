"""The file that keeps directories: what was written is there again, and nothing else opens it."""

import sqlite3
from pathlib import Path

import pytest

from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.store import KeepError
from netinfo_scapy.live.store_file import StoreFile, StoreFileError
from tests.support.asking import END, ROOT, ask, ni, prop
from tests.support.start import start_objects


def test_what_is_written_is_there_again(tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    file = StoreFile(path)
    file.keep(b"network", start_objects("network"))
    host = Host(name=b"vm", refusal=None, keeper=file)
    domain = host.add(b"network", file.domains()[b"network"])
    made = {"parent": ni(0, 9), "props": [prop("name", "new"), prop("list", "a", "\0ü")], "where": 0, "target": None}
    assert ask(domain, "CREATE", made, peer=ROOT).status == "NI_OK"
    assert ask(domain, "DESTROY", {"parent_id": ni(3, 5), "self_id": ni(4, 3)}, peer=ROOT).status == "NI_OK"
    assert ask(host.nibindd, "CREATEMASTER", {"tag": b"more"}, peer=ROOT).status == "NI_OK"
    assert ask(host.nibindd, "CREATEMASTER", {"tag": b"gone"}, peer=ROOT).status == "NI_OK"
    assert ask(host.nibindd, "DESTROYDOMAIN", {"tag": b"gone"}, peer=ROOT).status == "NI_OK"
    added = {"id": ni(0, 3), "prop": prop("x", "y"), "where": END}
    assert ask(host.domains[b"more"], "CREATEPROP", added, peer=ROOT).status == "NI_OK"
    file.close()
    again = StoreFile(path).domains()
    assert again == {tag: server.store.objects for tag, server in host.domains.items()}


def test_one_process_at_a_time(tmp_path: Path) -> None:
    file = StoreFile(str(tmp_path / "store"))
    with pytest.raises(StoreFileError, match="another process uses it"):
        StoreFile(str(tmp_path / "store"))
    file.close()
    StoreFile(str(tmp_path / "store")).close()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    text, base = tmp_path / "text", tmp_path / "base"
    text.write_text("no database at all" * 100)
    with sqlite3.connect(base) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    before = base.read_bytes()
    for path in (text, base, tmp_path, tmp_path / "missing" / "store"):
        with pytest.raises(StoreFileError, match=str(path)):
            StoreFile(str(path))
    assert base.read_bytes() == before
    assert text.read_text().startswith("no database")


def test_a_file_that_is_gone_wrong_keeps_nothing(tmp_path: Path) -> None:
    file = StoreFile(str(tmp_path / "store"))
    file.keep(b"network", start_objects("network"))
    file.close()
    with pytest.raises(KeepError):
        file.keep(b"network", {0: None})
    with pytest.raises(KeepError):
        file.drop(b"network")


@pytest.mark.parametrize(
    "change", ["no root", "a cycle", "a child that is missing", "a child of nobody", "twice a child"]
)
def test_what_is_no_tree_is_told_of(change: str, tmp_path: Path) -> None:
    objects = start_objects("network")
    root, users = objects[0], objects[3]
    changed = {
        "no root": {0: None},
        "a cycle": {4: objects[4]._replace(children=(3,))},
        "a child that is missing": {4: None},
        "a child of nobody": {3: users._replace(children=users.children[1:])},
        "twice a child": {0: root._replace(children=(*root.children, 4))},
    }
    path = str(tmp_path / "store")
    file = StoreFile(path)
    file.keep(b"network", objects)
    file.keep(b"network", changed[change])
    file.close()
    with pytest.raises(StoreFileError, match=r"is damaged: (directory \d hangs in two places|there is no tree)"):
        StoreFile(path).domains()
