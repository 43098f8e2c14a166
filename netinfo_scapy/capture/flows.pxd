# C types for flows.py, where it is compiled.

cimport cython

from netinfo_scapy.protocol cimport words


cpdef bint is_sent_to_many(bytes key, Py_ssize_t size) except -1


cdef class Lane:
    cdef public bytes key, asks
    cdef bytes _peers
    cdef object _flow
    cdef public Lane back
    cdef public int source_port, target_port
    cdef public bint is_tcp, to_many, wanted
    cdef public long wanted_at
    cdef public long long taught
    cpdef bytes pair(self)
    @cython.locals(size=Py_ssize_t)
    cpdef bytes peers(self)


cdef class Lanes:
    cdef Py_ssize_t _most
    cdef dict _udp, _tcp
    @cython.locals(lanes=dict, lane=Lane, back=Lane, size=Py_ssize_t, turned=bytes)
    cpdef Lane find(self, bint is_tcp, bytes key)
