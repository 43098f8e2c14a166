# C types for flows.py, where it is compiled.

cimport cython

from netinfo_scapy.protocol cimport words


cdef unsigned int _BUCKETS
cdef Py_ssize_t _LATEST, _IPV4_KEY


cpdef bytes turned(bytes key)
cpdef bint is_sent_to_many(bytes key, Py_ssize_t size) except -1


cdef class Lane:
    # What is looked at for each packet stands together, in few lines of a processor's cache.
    cdef unsigned int _first, _second, _third
    cdef public bint is_tcp, is_ipv4, wanted
    cdef public long wanted_at
    cdef public long long taught
    cdef public object asking, answered, connection
    cdef public list cells
    cdef public dict cells_of
    cdef public int source_port, target_port, asks_bucket, answers_bucket
    cdef public bint to_many
    cdef public bytes key, asks, answers
    cdef bytes _pair, _peers
    cdef object _flow
    cpdef Lane back(self)
    @cython.locals(mine=bytes, others=bytes, size=Py_ssize_t)
    cpdef bint is_back_of(self, Lane other) except -1
    cpdef bytes pair(self)
    @cython.locals(size=Py_ssize_t)
    cpdef bytes peers(self)


cdef class Lanes:
    cdef Py_ssize_t _most
    cdef dict _udp, _tcp
    cdef list _latest
    @cython.locals(place=Py_ssize_t, lane=Lane, other=Lane, found=Lane)
    cdef Lane lying(self, bint is_tcp, const unsigned char* buffer, Py_ssize_t at)
    @cython.locals(lanes=dict, lane=Lane)
    cpdef Lane find(self, bint is_tcp, bytes key)


cpdef bint is_same_lane(Lane one, Lane other) except -1

cdef bint _lies(Lane lane, bint is_tcp, const unsigned char* buffer, Py_ssize_t at) except -1
