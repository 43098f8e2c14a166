# C types for frames.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.protocol cimport words


@cython.final
cdef class FrameRef:
    cdef public long capture, number
    cdef public long long ns
    cdef public bytes _exact
    cpdef bint is_later(self, FrameRef other) except -1


@cython.final
cdef class Frame:
    cdef public FrameRef ref
    cdef public int link
    cdef public Py_ssize_t wire_length
    cdef public bytes data


@cython.final
cdef class Packet:
    cdef public FrameRef ref
    cdef public Lane lane
    cdef public bytes payload, data
    cdef public Py_ssize_t length, start, stop
    cdef public int ttl, flags, sound
    cdef public bint conflict
    cdef public unsigned int sequence, acknowledgment


@cython.locals(ref=FrameRef)
cpdef FrameRef make_ref(long capture, long number, long long ns)
cpdef FrameRef ref_at(long capture, long number, object time_ns)
@cython.locals(frame=Frame)
cpdef Frame make_frame(FrameRef ref, int link, Py_ssize_t wire_length, bytes data)
@cython.locals(packet=Packet)
cpdef Packet make_packet(
    FrameRef ref, Lane lane, bytes payload, Py_ssize_t length, int ttl, bytes data, Py_ssize_t start, Py_ssize_t stop
)
