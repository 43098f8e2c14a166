# C types for writes.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.knowledge cimport Knowledge
from netinfo_scapy.analysis.directory.node cimport Node


cdef Py_ssize_t _PROPERTIES_AT


@cython.final
cdef class Written:
    cdef public str name
    cdef public dict asked, told
    cdef public bytes raw


cdef _give(Knowledge knowledge, Node node, Written write)
@cython.locals(earlier=Node, parent=Node, node=Node, children=dict)
cpdef _create(Knowledge knowledge, Written write)
@cython.locals(parent=Node, node=Node)
cpdef _destroy(Knowledge knowledge, Written write)
cpdef _write(Knowledge knowledge, Written write)
@cython.locals(node=Node, named=list)
cpdef _change(Knowledge knowledge, Written write)
@cython.locals(asked=dict)
cdef bint _in_list(Knowledge knowledge, Node node, list named, Written write) except -1
@cython.locals(asked=dict, by_index=dict)
cdef _in_unknown(Knowledge knowledge, Node node, Written write)
