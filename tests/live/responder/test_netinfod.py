"""Every status of netinfod, the order of its checks, and what reads and writes do (docs/specification.md, 5 to 7)."""

from typing import Any

import pytest

from netinfo_scapy.live.responder.host import Host
from netinfo_scapy.live.responder.netinfod import Netinfod
from netinfo_scapy.live.responder.store import Changes, KeepError
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.table import Kind
from tests.support.asking import END, ROOT, STRANGER, ask, host_of, ni, password, prop
from tests.support.rpc import auth_sys
from tests.support.start import start_objects

WRITES = [row.name for row in NETINFO.procedures if row.kind is Kind.WRITE]
ROOTS = password(0, "rootpw")


def server(**given: Any) -> Netinfod:
    return host_of("network", **given).domains[b"network"]


def writing(name: str, number: int = 7, instance: int = 7, **changed: Any) -> dict[str, Any]:
    """Arguments of a write that would be done, on /users/open; others with `changed`."""
    of = {"id": ni(number, instance)}
    every: dict[str, dict[str, Any]] = {
        "CREATE": {"parent": ni(number, instance), "props": [], "where": END, "target": None},
        "DESTROY": {"parent_id": ni(number, instance), "self_id": ni(99)},
        "WRITE": of | {"props": [prop("name", "open")]},
        "CREATEPROP": of | {"prop": prop("new", "1"), "where": END},
        "DESTROYPROP": of | {"prop_index": 1},
        "WRITEPROP": of | {"prop_index": 1, "values": [b"9"]},
        "RENAMEPROP": of | {"prop_index": 1, "name": b"other"},
        "CREATENAME": of | {"prop_index": 1, "name": b"more", "where": 0},
        "DESTROYNAME": of | {"prop_index": 1, "name_index": 0},
        "WRITENAME": of | {"prop_index": 1, "name_index": 0, "name": b"9"},
    }
    return every[name] | changed


def status(said: Any) -> str:
    assert said is not None
    assert said.accepted == 0
    return str(said.status)


@pytest.mark.parametrize("name", WRITES)
def test_checks_of_a_write_come_in_their_order(name: str) -> None:
    """Credential, object, instance, then what it is about; PERM only when all else is right."""
    domain = server()
    nobody, wrong = password(4242, "x"), password(0, "wrong")
    missing, stale = writing(name, number=999), writing(name, instance=6)
    assert status(ask(domain, name, missing, credential=nobody)) == "NI_NOUSER"
    assert status(ask(domain, name, missing, credential=wrong)) == "NI_AUTHERROR"
    assert status(ask(domain, name, missing, credential=auth_sys("a-host", uid=0))) == "NI_AUTHERROR"
    assert status(ask(domain, name, missing)) == "NI_NODIR"
    assert status(ask(domain, name, stale)) == "NI_STALE"
    assert status(ask(domain, name, writing(name))) == "NI_PERM"
    assert domain.store.checksum == 343


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_done_by_root_and_counts(name: str) -> None:
    domain = server()
    arguments = writing(name)
    if name == "DESTROY":
        arguments = {"parent_id": ni(0, 9), "self_id": ni(15, 1)}
    target = 0 if name == "DESTROY" else 7
    before = domain.store.objects[target].instance
    said = ask(domain, name, arguments, credential=ROOTS)
    assert status(said) == "NI_OK"
    assert domain.store.objects[target].instance == before + 1
    shown = said.value["self_id"] if name == "CREATE" else said.value["id"]
    assert shown == ni(target, before + 1)


INDEXED = ["DESTROYPROP", "WRITEPROP", "RENAMEPROP", "CREATENAME", "DESTROYNAME", "WRITENAME"]


@pytest.mark.parametrize("name", INDEXED)
def test_an_index_too_large_is_told_before_a_right_that_is_missing(name: str) -> None:
    assert status(ask(server(), name, writing(name, prop_index=99))) == "NI_NOPROP"
    if name in ("DESTROYNAME", "WRITENAME"):
        assert status(ask(server(), name, writing(name, name_index=1))) == "NI_NONAME"


def test_destroy_has_an_order_of_its_own() -> None:
    """Parent, its instance, PERM, child, its instance, NOTEMPTY, UNRELATED."""
    domain = server()
    users, root = ni(3, 5), ni(0, 9)
    tries = [
        ({"parent_id": ni(999), "self_id": ni(999)}, "NI_NODIR"),
        ({"parent_id": ni(3, 4), "self_id": ni(999)}, "NI_STALE"),
        ({"parent_id": users, "self_id": ni(999)}, "NI_NODIR"),
        ({"parent_id": users, "self_id": ni(4, 9)}, "NI_STALE"),
        ({"parent_id": root, "self_id": users}, "NI_NOTEMPTY"),
        ({"parent_id": users, "self_id": ni(15, 1)}, "NI_UNRELATED"),
        ({"parent_id": users, "self_id": ni(4, 3)}, "NI_OK"),
        ({"parent_id": ni(3, 6), "self_id": ni(4, 3)}, "NI_NODIR"),
    ]
    for arguments, expected in tries:
        assert status(ask(domain, "DESTROY", arguments, peer=ROOT)) == expected
    assert status(ask(domain, "DESTROY", {"parent_id": ni(3, 6), "self_id": ni(999)})) == "NI_PERM"


def test_the_root_is_nobodys_child() -> None:
    domain = server()
    for number in list(domain.store.walk())[:0:-1]:
        parent = domain.store.objects[number].parent
        above, own = (ni(each, domain.store.objects[each].instance) for each in (parent, number))
        assert status(ask(domain, "DESTROY", {"parent_id": above, "self_id": own}, peer=ROOT)) == "NI_OK"
    root = ni(0, domain.store.objects[0].instance)
    assert status(ask(domain, "DESTROY", {"parent_id": root, "self_id": root}, peer=ROOT)) == "NI_UNRELATED"
    assert domain.store.highest == 0


def test_writers_of_a_directory_and_of_a_property() -> None:
    """`open` names admin for itself, nopass for realname (2), and everybody for shell (3)."""
    admin, nopass = password(501, "adminpw"), password(502, "whatever")
    anonymous = b"\0" * 8

    def may(credential: bytes, name: str, **changed: Any) -> bool:
        return status(ask(server(), name, writing(name, **changed), credential=credential)) == "NI_OK"

    assert may(admin, "WRITE")
    assert may(admin, "CREATE")
    assert may(admin, "WRITEPROP", prop_index=3)
    assert not may(nopass, "WRITE")
    assert not may(nopass, "RENAMEPROP", prop_index=2)
    assert not may(nopass, "DESTROYPROP", prop_index=2)
    assert [may(nopass, "WRITEPROP", prop_index=each) for each in range(7)] == [index in (2, 3) for index in range(7)]
    assert [may(anonymous, "WRITENAME", prop_index=each) for each in range(7)] == [index == 3 for index in range(7)]


def test_root_of_the_host_needs_no_password_and_may_offer_a_wrong_one() -> None:
    assert status(ask(server(), "WRITE", writing("WRITE"), peer=ROOT, credential=password(0, "wrong"))) == "NI_OK"
    unprivileged = ROOT._replace(port=1024)
    assert status(ask(server(), "WRITE", writing("WRITE"), peer=unprivileged)) == "NI_PERM"
    low_stranger = STRANGER._replace(port=1023)
    assert status(ask(server(), "WRITE", writing("WRITE"), peer=low_stranger)) == "NI_PERM"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ([prop("name", "root"), prop("uid", "-2"), prop("passwd", "")], "NI_OK"),
        ([prop("name", "x"), prop("uid", "-2"), prop("passwd")], "NI_PERM"),
        ([prop("name", "x"), prop("uid", "-2")], "NI_AUTHERROR"),
        ([prop("name", "x"), prop("uid", "4294967294"), prop("passwd", "")], "NI_NOUSER"),
        ([prop("name", "x"), prop("uid", "7", "-2"), prop("passwd", "*")], "NI_AUTHERROR"),
    ],
)
def test_users_are_found_by_their_signed_uid(properties: list, expected: str) -> None:
    domain = server()
    created = {"parent": ni(3, 5), "props": properties, "where": END, "target": None}
    assert status(ask(domain, "CREATE", created, peer=ROOT)) == "NI_OK"
    write = writing("WRITE", number=15, instance=1)
    assert status(ask(domain, "WRITE", write, credential=password(0xFFFFFFFE, "anything"))) == expected


def test_a_freed_id_is_given_out_again_the_lowest_first() -> None:
    domain = server()

    def create() -> int:
        parent = ni(13, domain.store.objects[13].instance)
        made = ask(domain, "CREATE", {"parent": parent, "props": [], "where": 0, "target": ni(77)}, peer=ROOT)
        return made.value["id"]["object"]

    def destroy(number: int) -> None:
        above = ni(13, domain.store.objects[13].instance)
        assert status(ask(domain, "DESTROY", {"parent_id": above, "self_id": ni(number)}, peer=ROOT)) == "NI_OK"

    assert [create() for _ in range(4)] == [16, 17, 18, 19]
    destroy(18)
    destroy(16)
    assert [create() for _ in range(3)] == [16, 18, 20]
    for number in (16, 17, 18, 19, 20):
        destroy(number)
    assert domain.store.highest == 15
    assert [create() for _ in range(2)] == [16, 17]


def test_where_names_a_place_and_anything_past_the_end_appends() -> None:
    domain = server()
    for where, expected in ((0, [b"0", b"a"]), (1, [b"0", b"1", b"a"]), (77, [b"0", b"1", b"a", b"77"])):
        of = {"id": ni(13, domain.store.objects[13].instance), "prop_index": 1}
        if where == 0:
            given = {"id": of["id"], "prop": prop("list", "a"), "where": END}
            ask(domain, "CREATEPROP", given, peer=ROOT)
            of["id"] = ni(13, domain.store.objects[13].instance)
        ask(domain, "CREATENAME", of | {"name": str(where).encode(), "where": where}, peer=ROOT)
        assert domain.store.objects[13].values(b"list") == expected


def test_reads_ignore_the_instance_and_tell_of_what_is_missing() -> None:
    domain = server()
    missing = {name: {"id": ni(999)} for name in ("SELF", "PARENT", "READ", "CHILDREN", "LISTPROPS", "LISTALL")} | {
        "LOOKUP": {"id": ni(999), "key": b"name", "value": b"x"},
        "LOOKUPREAD": {"id": ni(999), "key": b"name", "value": b"x"},
        "LIST": {"id": ni(999), "key": b"name"},
        "READPROP": {"id": ni(999), "prop_index": 0},
        "READNAME": {"id": ni(999), "prop_index": 0, "name_index": 0},
    }
    for name, arguments in missing.items():
        assert status(ask(domain, name, arguments)) == "NI_NODIR"
        assert status(ask(domain, name, arguments | {"id": ni(4, 0xDEAD)})) in ("NI_OK", "NI_NODIR")
    assert ask(domain, "SELF", {"id": ni(4, 0xDEAD)}).value == {"id": ni(4, 3)}
    assert status(ask(domain, "READPROP", {"id": ni(4), "prop_index": END})) == "NI_NOPROP"
    assert status(ask(domain, "READNAME", {"id": ni(4), "prop_index": 3, "name_index": 0})) == "NI_NOPROP"
    assert status(ask(domain, "READNAME", {"id": ni(4), "prop_index": 0, "name_index": 1})) == "NI_NONAME"
    assert status(ask(domain, "RPARENT")) == "NI_NETROOT"


def test_names_are_missing_in_list_where_the_property_is_or_has_no_values() -> None:
    domain = server()
    ask(domain, "WRITE", {"id": ni(4, 3), "props": [prop("gid")]}, peer=ROOT)
    entries = ask(domain, "LIST", {"id": ni(3), "key": b"gid"}).value["entries"]
    assert [(each["id"], each["names"]) for each in entries] == [(4, None), (5, [b"20"]), (6, None), (7, None)]


def test_the_odd_objects_tell_of_versions() -> None:
    domain = server()
    first = ask(domain, "SELF", {"id": ni(END, END)}).value["id"]
    ask(domain, "WRITE", {"id": ni(14, 1), "props": []}, peer=ROOT)
    assert ask(domain, "SELF", {"id": ni(END, END)}).value == {"id": ni(14, first["instance"] + 1)}
    assert ask(domain, "SELF", {"id": ni(END, first["instance"])}).value == {"id": first}
    assert ask(domain, "SELF", {"id": ni(0xFFFFFFFE, 14)}).value == {"id": ni(14, first["instance"] + 1)}
    assert status(ask(domain, "SELF", {"id": ni(END, first["instance"] + 2)})) == "NI_NODIR"
    assert status(ask(domain, "SELF", {"id": ni(0xFFFFFFFE, 999)})) == "NI_NODIR"
    assert ask(domain, "READ", {"id": ni(END)}).value["props"] == []
    assert ask(domain, "CHILDREN", {"id": ni(END)}).value["children"] == []


def test_the_checksum_is_that_of_all_objects_after_any_write() -> None:
    domain = server()
    for name in WRITES:
        ask(domain, name, writing(name, instance=domain.store.objects[7].instance), peer=ROOT)
        every = ask(domain, "READALL", {"checksum": 0}).value
        summed = sum((each["id"]["object"] + 1) * each["id"]["instance"] for each in every["objects"])
        assert every["checksum"] == summed % (1 << 32)
        assert every["highest_id"] == max(each["id"]["object"] for each in every["objects"])
        up_to_date = ask(domain, "READALL", {"checksum": summed}).value
        assert up_to_date == {"checksum": 0, "highest_id": 0, "objects": []}


def test_nothing_is_written_while_the_directory_is_sent() -> None:
    domain = server()
    domain.transfers = 1
    for name in WRITES:
        assert status(ask(domain, name, writing(name, number=999), credential=password(4242, "x"))) == "NI_MASTERBUSY"
    assert status(ask(domain, "ROOT")) == "NI_OK"


def test_a_clone_takes_writes_of_its_master_only() -> None:
    host = Host(name=b"other", refusal=None)
    clone = host.add(b"network", start_objects("network"))
    assert clone.is_clone
    master, low_stranger = ROOT, STRANGER._replace(port=1023)
    for name in WRITES:
        for peer, credential in ((STRANGER, ROOTS), (low_stranger, b"\0" * 8), (master._replace(port=1024), ROOTS)):
            assert status(ask(clone, name, writing(name), peer=peer, credential=credential)) == "NI_RDONLY"
    assert status(ask(clone, "READALL", {"checksum": 0})) == "NI_NOTMASTER"
    assert status(ask(clone, "WRITE", writing("WRITE"), peer=master)) == "NI_OK"
    replies = {"id": ni(0, 9), "prop": prop("cloneReplyReadall", "YES"), "where": END}
    assert status(ask(clone, "CREATEPROP", replies, peer=master)) == "NI_OK"
    assert status(ask(clone, "READALL", {"checksum": 0})) == "NI_OK"
    told = {each["name"]: each["values"] for each in ask(clone, "STATISTICS").value["properties"]}
    assert told[b"tag"] == [b"network", b"clone"]
    assert told[b"write_locked"] == [b"clone"]


@pytest.mark.parametrize("refusal", ["RDONLY", "PERM"])
def test_a_server_that_nobody_may_write_to_tells_its_reasons_first(refusal: str) -> None:
    """A stranger gets what he would get anyway; only what would be done is refused."""
    domain = server(refusal=refusal)
    assert status(ask(domain, "WRITE", writing("WRITE"), credential=password(0, "wrong"))) == "NI_AUTHERROR"
    assert status(ask(domain, "WRITE", writing("WRITE"))) == "NI_PERM"
    for name in WRITES:
        arguments = {"parent_id": ni(0, 9), "self_id": ni(15, 1)} if name == "DESTROY" else writing(name)
        assert status(ask(domain, name, arguments, credential=ROOTS)) == f"NI_{refusal}"
    assert domain.store.checksum == 343


def test_what_cannot_be_kept_did_not_happen() -> None:
    class Full:
        def keep(self, tag: bytes, changes: Changes) -> None:
            raise KeepError("full")

        def drop(self, tag: bytes) -> None:
            raise KeepError("full")

    domain = server(keeper=Full())
    for name in WRITES:
        arguments = {"parent_id": ni(0, 9), "self_id": ni(15, 1)} if name == "DESTROY" else writing(name)
        assert status(ask(domain, name, arguments, peer=ROOT)) == "NI_NOSPACE"
    assert (domain.store.checksum, domain.store.highest) == (343, 15)


def test_previous_answers_in_its_own_way() -> None:
    domain = server(dialect="previous")
    gone = {"READNAME", "LISTALL", "BIND", "READALL", "RESYNC", *WRITES}
    for row in NETINFO.procedures:
        if row.name in gone:
            said = ask(domain, row.name, _any_arguments(row.name))
            assert said.accepted == 3, row.name
    assert ask(domain, "SELF", {"id": ni(4)}).value == {"id": ni(4, 1)}
    assert status(ask(domain, "SELF", {"id": ni(999)})) == "NI_BADID"
    assert status(ask(domain, "SELF", {"id": ni(END, END)})) == "NI_BADID"
    assert status(ask(domain, "PARENT", {"id": ni(0)})) == "NI_NETROOT"
    assert [each["name"] for each in ask(domain, "STATISTICS").value["properties"]] == [b"checksum"]
    merged = ask(domain, "LOOKUPREAD", {"id": ni(8), "key": b"users", "value": b"admin"}).value["props"]
    assert [each["values"][0] for each in merged if each["name"] == b"name"] == [b"wheel", b"staff"]


def _any_arguments(name: str) -> dict[str, Any]:
    others = {
        "READNAME": {"id": ni(4), "prop_index": 0, "name_index": 0},
        "LISTALL": {"id": ni(4)},
        "BIND": {"tag": b"x", "addr": 1},
        "READALL": {"checksum": 0},
    }
    return writing(name) if name in WRITES else others.get(name, {})
