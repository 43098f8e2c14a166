"""Objects made of trees, ids, versions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netinfo_scapy.analysis.directory.tree import Directory, Property
from netinfo_scapy.live.responder.honeypot import office
from netinfo_scapy.live.responder.rights import password_fits
from netinfo_scapy.live.responder.store import LoadError, Object, Store, objects_of
from tests.support.start import start_objects


def tree(*children: Directory, number: int | None = None) -> Directory:
    return Directory(object=number, children=list(children))


def test_ids_are_kept_and_the_others_take_what_is_free() -> None:
    root = tree(tree(number=3), tree(tree(number=1), number=None), tree(number=3), number=0)
    objects = objects_of(root)
    assert sorted(objects) == [0, 1, 2, 3, 4]
    assert objects[0].children == (3, 2, 4)
    assert objects[2].children == (1,)
    assert [objects[each].parent for each in (0, 1, 2, 3, 4)] == [0, 2, 0, 0, 0]
    assert objects[0].instance == 3, "as three children that were made one by one would leave it"


def test_the_root_is_object_0_whatever_it_was_called() -> None:
    assert sorted(objects_of(tree(tree(number=0), number=7))) == [0, 1]


@pytest.mark.parametrize(
    "properties",
    [
        [Property(b"x", [b"v" * 65_536])],
        [Property(b"n" * 65_536, [])],
        [Property(b"x", [b""] * 65_536)],
        [Property(b"x", [])] * 65_536,
    ],
)
def test_what_no_server_can_send_is_refused(properties: list[Property]) -> None:
    with pytest.raises(LoadError, match="NetInfo cannot send that"):
        objects_of(Directory(properties=properties))


def test_properties_whose_values_are_not_known_have_none() -> None:
    assert objects_of(Directory(properties=[Property(b"x", None)]))[0].properties == ({"name": b"x", "values": []},)


def test_the_recorded_store_has_the_recorded_checksum() -> None:
    assert Store(start_objects("network")).checksum == 343
    assert Store(start_objects("local")).checksum == 68


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 11), max_size=60))
def test_free_ids_are_the_lowest_whatever_came_and_went(steps: list[int]) -> None:
    """Against the definition, reckoned anew. A step below 8 removes the child at that place, others make one."""
    store = Store({0: Object(0, 0, (), ())})
    for step in steps:
        root, used = store.objects[0], set(store.objects)
        if step < 8 and step < len(root.children):
            gone = root.children[step]
            left = tuple(each for each in root.children if each != gone)
            store.commit({gone: None, 0: root._replace(instance=root.instance + 1, children=left)})
        else:
            number = store.free_id()
            assert number == min(set(range(len(used) + 1)) - used)
            after = root._replace(instance=root.instance + 1, children=(*root.children, number))
            store.commit({number: Object(0, 0, (), ()), 0: after})
        assert store.highest == max(store.objects)
        assert store.checksum == sum((number + 1) * each.instance for number, each in store.objects.items())
        newest = store.written_at(store.version)
        assert newest == 0
        assert {store.written_at(store.version_of(each)) for each in store.objects} == set(store.objects)


def test_the_office_is_a_directory_of_its_time() -> None:
    root = office("files", "network", "192.0.2.1")
    users = next(each for each in root.children if each.first(b"name") == b"users")
    kept = {each.first(b"name"): each.first(b"passwd") for each in users.children}
    assert {len(each) for each in kept.values() if each != b"*"} == {13}
    assert not any(password_fits(b"", each) for each in kept.values())
    assert Store(objects_of(root)).checksum > 0
