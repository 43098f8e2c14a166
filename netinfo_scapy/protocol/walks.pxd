# C types for walks.py, where it is compiled.


cdef class Walks:
    cdef public object row, program, arguments, result
    cdef public str name
    cdef public bint forwards, has_status
