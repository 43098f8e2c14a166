# C types for walks.py, where it is compiled.


cdef class Walks:
    cdef public object row, arguments, result
    cdef public long long program
    cdef public str name
    cdef public bint forwards, has_status


cdef dict _WALKS
cdef long long _key_of(long long program, long long version, long long procedure) noexcept
cpdef Walks find_walks(long long program, long long version, long long procedure)
