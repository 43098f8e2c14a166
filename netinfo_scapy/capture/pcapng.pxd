# C types for pcapng.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.frames cimport FrameRef, make_frame, make_ref
from netinfo_scapy.capture.sieve cimport Sieve
from netinfo_scapy.protocol cimport words


cdef unsigned int _COMMON_KIND
cdef Py_ssize_t _COMMON_HEAD, _COMMON_BYTES, _LONGEST_FRAME, _AT_ONCE


cdef class _Interface:
    cdef public int link
    cdef public bint common
    cdef public object snap_length, multiplier, divisor, offset_ns
    cdef public long long scale, most_ticks


cdef class _Reader:
    cdef public object tally, layout
    cdef public bytearray window
    cdef public list interfaces
    cdef public Py_ssize_t position
    cdef public object base
    cdef public long number
    cdef public bint little, stopped
    @cython.locals(
        position=Py_ssize_t, number=long, little=bint, capture=long, count="unsigned int", size="long long",
        first_ns="long long", last_ns="long long", time_ns="long long", interface=_Interface,
        kind="unsigned int", length=Py_ssize_t, index="unsigned int", high="long long", low="long long",
        caplen=Py_ssize_t, wire_length=Py_ssize_t, closing=Py_ssize_t, last="unsigned int", ticks="long long",
        start=Py_ssize_t, link=int, ref=FrameRef, data="const unsigned char*",
    )
    cdef object _common(self, Py_ssize_t end, bint keep, Sieve sieve, list frames)
