# C types for sieve.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.frames cimport Frame, FrameRef, make_frame, make_ref
from netinfo_scapy.capture.ip cimport Reassembler
from netinfo_scapy.protocol cimport words


cdef int _ETHERNET, _IPV4, _TCP, _UDP, _VXLAN_PORT
cdef unsigned int _CALL, _REPLY, _RPC_VERSION, _NETINFO, _PORTMAP, _FIRST_FORWARDING
cdef unsigned int _BUCKETS
cdef long long _TICK_NS


cdef class Sieve:
    cdef public bytearray ports
    cdef unsigned int _first, _beyond
    cdef public bint replies, hurry
    cdef public Reassembler packets
    cdef public long cut_frames, kept
    cdef long long _next_ns
    @cython.locals(ticks=bint, concerns=bint)
    cdef bint keeps(self, const unsigned char* data, Py_ssize_t start, Py_ssize_t stop, int link, long long time_ns) except -1
    @cython.locals(ref=FrameRef)
    cdef object take(
        self, const unsigned char* data, Py_ssize_t start, Py_ssize_t stop, int link, Py_ssize_t wire_length,
        long capture, long number, long long time_ns
    )
    @cython.locals(protocol=int, end=Py_ssize_t, source="unsigned int", target="unsigned int", both="unsigned int", payload=Py_ssize_t)
    cdef bint _concerns(self, const unsigned char* data, Py_ssize_t start, Py_ssize_t stop) except -1
    @cython.locals(data=bytes)
    cpdef bint takes(self, Frame frame) except -1
    cdef bint _odd(self) except -1
    @cython.locals(is_reply=bint, address=Py_ssize_t, port=Py_ssize_t, bucket="unsigned int")
    cdef bint _datagram(self, const unsigned char* data, Py_ssize_t start, Py_ssize_t payload, Py_ssize_t end, int wanted) except -1


@cython.locals(program="unsigned int")
cdef bint _is_call(const unsigned char* data, Py_ssize_t at, Py_ssize_t end) except -1
