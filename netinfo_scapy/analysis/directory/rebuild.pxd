# C types for rebuild.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.knowledge cimport Knowledge
from netinfo_scapy.analysis.directory.node cimport Node


cdef long long _MOST_SNAPSHOTS


cdef class Replay:
    cdef public object source
    cdef public Knowledge knowledge
    cdef public list changes
    cdef public object change
    cdef bint _notes
    cdef long long _snapshots
    cdef _write(self, object write)
    cdef object _snapshot(self, Node node)
    @cython.locals(node=Node, each=Node, steps=list, above=list)
    cdef bytes _path(self, object number)
