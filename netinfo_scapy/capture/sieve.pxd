# C types for sieve.py, where it is compiled.

cimport cython

from netinfo_scapy.protocol cimport words


cdef class Sieve:
    cdef public bytearray ports
    cdef public unsigned int share, shares
    cdef public bint replies, hurry
    cdef public long cut_frames, kept
    cdef long long _next_ns
    @cython.locals(ticks=bint, concerns=bint)
    cpdef bint keeps(self, bytes data, Py_ssize_t start, Py_ssize_t stop, int link, long long time_ns) except -1
    @cython.locals(protocol=int, end=Py_ssize_t, source="unsigned int", target="unsigned int", payload=Py_ssize_t)
    cdef bint _concerns(self, bytes data, Py_ssize_t start, Py_ssize_t stop) except -1
    cdef bint _odd(self) except -1
    @cython.locals(is_reply=bint, client="unsigned long long")
    cdef bint _datagram(self, bytes data, Py_ssize_t start, Py_ssize_t payload, Py_ssize_t end, int wanted) except -1


cdef bint _is_call(bytes data, Py_ssize_t at, Py_ssize_t end) except -1
cdef unsigned long long _mix(bytes data, Py_ssize_t at, unsigned int port) except? 0xFFFFFFFFFFFFFFFF
