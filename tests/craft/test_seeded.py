"""Numbers from a seed never change: crafted captures hang on them."""

from hashlib import sha256

from netinfo_scapy.craft.seeded import Seeded


def test_the_stream_is_sha_256_in_counter_mode() -> None:
    made = sha256(b"961/port/0#1").digest() + sha256(b"961/port/0#2").digest()
    assert Seeded(961, "port", 0).bytes(40) == made[:40]
    assert Seeded(961, "x").number(0, 255) == sha256(b"961/x#1").digest()[-1]


def test_numbers_are_within_their_bounds_and_reach_them() -> None:
    chance = Seeded(1)
    assert {chance.number(3, 6) for _ in range(200)} == {3, 4, 5, 6}


def test_shuffled_keeps_all() -> None:
    items = list(range(50))
    made = Seeded(1).shuffled(items)
    assert made != items
    assert sorted(made) == items
