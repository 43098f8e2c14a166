# C types for walks.py, where it is compiled.

cimport cython

from netinfo_scapy.protocol cimport words


cdef class Known:
    cdef bytes data
    cdef public long long reader
    cdef public Py_ssize_t number


cdef class Walks:
    cdef public object row, arguments, result
    cdef public long long program, key
    cdef public Py_ssize_t number, arguments_at, result_at
    cdef public str name
    cdef public bint forwards, has_status
    cdef list _kept
    cdef Py_ssize_t _kept_bytes
    @cython.locals(size=Py_ssize_t, ends="unsigned int")
    cpdef Py_ssize_t place_of(self, bytes data, Py_ssize_t begin) except -2
    @cython.locals(kept=bytes, size=Py_ssize_t, known=Known)
    cpdef Known known(self, Py_ssize_t place, bytes data, Py_ssize_t begin)
    @cython.locals(before=Known, known=Known)
    cpdef Known keep(self, Py_ssize_t place, bytes data)


cdef Py_ssize_t _SHORTEST, _LONGEST, _MOST_BYTES
cdef unsigned int _MOST_KEPT


cdef dict _WALKS
cdef list _PLACES
cdef unsigned int _PLACE_COUNT
cdef long long _key_of(long long program, long long version, long long procedure) noexcept
@cython.locals(key="unsigned long long", walks=Walks)
cpdef Walks find_walks(long long program, long long version, long long procedure)
