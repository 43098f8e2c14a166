# C types for flows.py, where it is compiled.

from netinfo_scapy.protocol cimport words


cdef class Lane:
    cdef public bytes key, pair, peers, asks, answers
    cdef public object flow, source, target
    cdef public Lane back
    cdef public int source_port, target_port
    cdef public bint is_tcp, to_many, wanted
    cdef public long wanted_at
    cdef public long long taught


cdef class Lanes:
    cdef Py_ssize_t _most
    cdef dict _udp, _tcp
    cpdef Lane find(self, bint is_tcp, bytes key)
