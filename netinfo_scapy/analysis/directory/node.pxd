# C types for node.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.protocol cimport words


cdef dict _COMMON
cdef Py_ssize_t _MOST_COMMON, _LONGEST_COMMON, _LONG


cdef class Node:
    cdef public object object, instance
    cdef public FrameRef learned
    cdef public tuple raw
    cdef public list properties
    cdef public dict firsts, some, by_index, parts
    cdef public set unplaced
    cdef public long long changed
    cdef public Node parent
    cdef public dict children
    cdef public object entries
    cdef public dict searches, hits
    cdef public bint stale, unsure, listed, gone
    cpdef put(self, tuple raw, long long now)
    cpdef list named(self)
    cpdef bint has_list(self) except -1
    cpdef bint knows_properties(self) except -1
    cpdef list known(self)
    cpdef dict sure(self)


@cython.locals(body=bytes, at=Py_ssize_t, count=Py_ssize_t, _=Py_ssize_t, name=bytes, values=list, properties=list)
cpdef list decoded(tuple raw)
cpdef bytes string_at(bytes body, Py_ssize_t at)
cpdef Py_ssize_t behind_string(bytes body, Py_ssize_t at) except -1
@cython.locals(count=Py_ssize_t, _=Py_ssize_t)
cpdef Py_ssize_t take_strings(bytes body, Py_ssize_t at, list strings) except -1
@cython.locals(count=Py_ssize_t, values=Py_ssize_t, _=Py_ssize_t)
cpdef Py_ssize_t behind_properties(bytes body, Py_ssize_t at) except -1
cdef bytes _common(bytes name)
