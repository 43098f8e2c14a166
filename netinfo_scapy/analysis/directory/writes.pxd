# C types for writes.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.knowledge cimport Knowledge
from netinfo_scapy.analysis.directory.node cimport Node
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol._codec cimport walk_properties


cdef Py_ssize_t _ID_BYTES, _ID_AT, _ABOVE_AT


@cython.final
cdef class Written:
    cdef public str name
    cdef public bytes sent, told
    cdef public object object
    cdef first_object(self)
    cdef instance(self)
    cdef dict asked(self)


cdef Py_ssize_t _give(Knowledge knowledge, Node node, Written write) except -1
@cython.locals(earlier=Node, parent=Node, node=Node, children=dict)
cpdef _create(Knowledge knowledge, Written write)
@cython.locals(parent=Node, node=Node)
cpdef _destroy(Knowledge knowledge, Written write)
cpdef _write(Knowledge knowledge, Written write)
@cython.locals(node=Node, named=list, asked=dict)
cpdef _change(Knowledge knowledge, Written write)
cdef bint _in_list(Knowledge knowledge, Node node, list named, str write, dict asked) except -1
@cython.locals(by_index=dict)
cdef _in_unknown(Knowledge knowledge, Node node, str write, dict asked)
