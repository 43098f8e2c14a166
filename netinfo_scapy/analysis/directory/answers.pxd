# C types for answers.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.knowledge cimport Knowledge
from netinfo_scapy.analysis.directory.node cimport Node
from netinfo_scapy.protocol cimport words


cdef Py_ssize_t _RESULT


cdef tuple _id_at(bytes body, Py_ssize_t offset)
cdef Node _told_at(Knowledge knowledge, bytes body, Py_ssize_t offset)
cpdef _root(Knowledge knowledge, bytes body)
cpdef _self(Knowledge knowledge, bytes body)
cpdef _parent(Knowledge knowledge, bytes body)
cpdef _read(Knowledge knowledge, bytes body)
@cython.locals(count=Py_ssize_t, node=Node)
cpdef _children(Knowledge knowledge, bytes body)
@cython.locals(count=Py_ssize_t, at=Py_ssize_t, node=Node)
cpdef _lookup(Knowledge knowledge, bytes body)
@cython.locals(at=Py_ssize_t, count=Py_ssize_t, after=Py_ssize_t, node=Node)
cpdef _read_all(Knowledge knowledge, bytes body)
