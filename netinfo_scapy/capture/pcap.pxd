# C types for pcap.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.frames cimport FrameRef, make_frame, make_ref
from netinfo_scapy.capture.sieve cimport Sieve
from netinfo_scapy.protocol cimport words


cdef long long _LONGEST_FRAME
cdef Py_ssize_t _AT_ONCE


cdef class _Layout:
    cdef public bint little, swapped, unsure, stopped
    cdef public Py_ssize_t record_bytes, position
    cdef public long long unit_ns, size, first_ns, last_ns, caplen
    cdef public long number
    cdef public int link
    @cython.locals(
        position=Py_ssize_t, number=long, size="long long", record_bytes=Py_ssize_t, little=bint, link=int,
        unit_ns="long long", lengths_may_turn=bint, hurry=bint, data="const unsigned char*", first_ns="long long", last_ns="long long",
        seconds="long long", fraction="long long", caplen=Py_ssize_t, wire_length=Py_ssize_t,
        start=Py_ssize_t, stop=Py_ssize_t, time_ns="long long",
        ref=FrameRef,
    )
    cpdef list batch(self, bytearray window, Py_ssize_t end, long capture, bint keep, Sieve sieve)
