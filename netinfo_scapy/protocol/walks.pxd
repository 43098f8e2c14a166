# C types for walks.py, where it is compiled.

cimport cython

from netinfo_scapy.protocol cimport words


cdef class Walks:
    cdef public object row, arguments, result
    cdef public long long program, key
    cdef public Py_ssize_t number, arguments_at, result_at
    cdef public str name
    cdef public bint forwards, has_status


cdef dict _WALKS
cdef list _PLACES
cdef unsigned int _PLACE_COUNT
cdef long long _key_of(long long program, long long version, long long procedure) noexcept
@cython.locals(key="unsigned long long", walks=Walks)
cpdef Walks find_walks(long long program, long long version, long long procedure)
