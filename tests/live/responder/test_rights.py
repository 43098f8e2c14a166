"""crypt(3), by values that others have published or the system's own library makes."""

import pytest

from netinfo_scapy.live.responder.rights import password_fits


@pytest.mark.parametrize(
    ("password", "kept"),
    [
        (b"rootpw", b"abz3GtcEvEtv6"),  # of the recordings' servers
        (b"adminpw", b"cdtYoGu9od9mI"),
        (b"U*U*U*U*", b"CCNf8Sbh3HDfQ"),  # of John the Ripper's tests
        (b"U*U***U", b"CCX.K.MFy4Ois"),
        (b"*U*U*U*U", b"XXxzOu6maQKqQ"),
        (b"", b"SDbsugeBiC58A"),
        (b"0123456789ABCDE", b"$1$12345678$aIccj83HRDBo6ux1bVx7D1"),
    ],
)
def test_known_passwords_fit_and_others_do_not(password: bytes, kept: bytes) -> None:
    assert password_fits(password, kept)
    assert not password_fits(password + b"x" if len(password) < 8 else b"x" + password, kept)


def test_only_the_first_eight_bytes_count_and_a_nul_ends_them() -> None:
    assert password_fits(b"U*U*U*U*whatever", b"CCNf8Sbh3HDfQ")
    assert password_fits(b"rootpw\0more", b"abz3GtcEvEtv6")


@pytest.mark.parametrize(
    "kept", [b"*", b"x", b"rootpw", b"abz3GtcEvEtv", b"abz3GtcEvEtv6x", b"\xff" * 13, b"$1$", b"$6$a$b"]
)
def test_what_is_no_crypt_fits_nobody(kept: bytes) -> None:
    assert not any(password_fits(each, kept) for each in (b"", b"rootpw", kept))


def test_an_empty_one_fits_everybody() -> None:
    assert password_fits(b"", b"")
    assert password_fits(b"anything", b"")
