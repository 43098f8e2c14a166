# C types for node.py, where it is compiled.

from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.protocol cimport words


cdef class Node:
    cdef public object object, instance
    cdef public FrameRef learned
    cdef public tuple raw
    cdef public list properties
    cdef public dict firsts, some, by_index, parts
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


cdef bytes _common(bytes name)
