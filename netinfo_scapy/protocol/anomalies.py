"""What can be odd about a message that is still read: the identifiers of every output.

Identifiers are stable: they are added, never renamed.
"""

from __future__ import annotations

from enum import StrEnum


class Anomaly(StrEnum):
    """Something in a message that a correct peer does not send, or that could not be seen whole."""

    def __new__(cls, identifier: str, meaning: str) -> Anomaly:
        """Keep the identifier as the value and its meaning beside it."""
        member = str.__new__(cls, identifier)
        member._value_ = identifier
        member.meaning = meaning
        return member

    meaning: str
    """One line for people, as it stands in docs/protocol.md."""

    TRUNCATED_HEADER = (
        "truncated-header",
        "The message ends inside its RPC header; the fields that are there are shown.",
    )
    TRUNCATED_ARGUMENTS = (
        "truncated-arguments",
        "The arguments end before their type does, or a length points past the end.",
    )
    TRUNCATED_RESULT = "truncated-result", "The result ends before its type does, or a length points past the end."
    OVER_LIMIT = "over-limit", "A string or list is longer than the protocol allows; a server refuses it."
    BYTES_LEFT_OVER = "bytes-left-over", "Bytes follow the arguments or the result; servers ignore them."
    NONZERO_PADDING = "nonzero-padding", "XDR padding holds other bytes than zero; servers accept it."
    OPTIONAL_FLAG = (
        "optional-flag",
        "The flag of an optional or of a list link is neither 0 nor 1; servers take it as 1.",
    )
    ODD_BOOLEAN = "odd-boolean", "A boolean is neither 0 nor 1; it counts as true."
    ODD_OCTET = "odd-octet", "An address octet of bootparam is outside -128 to 255; its low 8 bits are used."
    INNER_NUL = "inner-nul", "A string holds a NUL; a server reads it only up to there."
    BAD_CREDENTIAL = "bad-credential", "The credential is longer than 400 bytes or does not match its flavor."
    PROTECTED_BODY = "protected-body", "RPCSEC_GSS protects or replaces the arguments and the result: not decoded."
    NESTED_FORWARD = "nested-forward", "A forwarded call forwards yet another call; that one is not read."
    RPC_VERSION = "rpc-version", "The call is not RPC version 2; a server does not answer it."
    UNKNOWN_RPC_STATUS = (
        "unknown-rpc-status",
        "The reply has a status that RFC 5531 does not know; nothing after it is read.",
    )
    DIALECT_PREVIOUS = "dialect-previous", "The result has the form that the NeXT emulator Previous gives it."
    INCOMPLETE_RECORD = "incomplete-record", "Bytes of the message are missing from the capture."
    OVERLAP_CONFLICT = "overlap-conflict", "Segments or IP fragments of the message overlapped with different bytes."
    REPLY_WITHOUT_CALL = "reply-without-call", "The call of this reply was not seen, or not whole."
    DUPLICATE_REPLY = "duplicate-reply", "The call had been answered before."


MEANINGS = {anomaly.value: anomaly.meaning for anomaly in Anomaly}
"""What each identifier means."""
