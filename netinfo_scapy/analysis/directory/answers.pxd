# C types for answers.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.knowledge cimport Knowledge
from netinfo_scapy.analysis.directory.node cimport Node, behind_properties, behind_string, string_at, take_strings
from netinfo_scapy.protocol cimport words


cdef unsigned int _NONE
cdef Py_ssize_t _ARGUMENTS, _RESULT


cdef tuple _id_at(bytes body, Py_ssize_t offset)
cdef Node _told_at(Knowledge knowledge, bytes body, Py_ssize_t offset)
@cython.locals(count=Py_ssize_t, kept=Py_ssize_t, place=Py_ssize_t)
cdef Py_ssize_t _take_children(Knowledge knowledge, Node node, bytes body, Py_ssize_t offset) except -1
cpdef _root(Knowledge knowledge, bytes body)
cpdef _self(Knowledge knowledge, bytes body)
cpdef _parent(Knowledge knowledge, bytes body)
cpdef _read(Knowledge knowledge, bytes body)
@cython.locals(count=Py_ssize_t, node=Node)
cpdef _children(Knowledge knowledge, bytes body)
@cython.locals(
    key=bytes, value=bytes, count=Py_ssize_t, at=Py_ssize_t, place=Py_ssize_t, node=Node, child=Node
)
cpdef _lookup(Knowledge knowledge, bytes body)
@cython.locals(key=bytes, at=Py_ssize_t, count=Py_ssize_t, node=Node, child=Node)
cpdef _list(Knowledge knowledge, bytes body)
cpdef _list_all(Knowledge knowledge, bytes body)
@cython.locals(names=list, at=Py_ssize_t)
cpdef _list_props(Knowledge knowledge, bytes body)
@cython.locals(values=list, at=Py_ssize_t)
cpdef _read_prop(Knowledge knowledge, bytes body)
cpdef _read_name(Knowledge knowledge, bytes body)
@cython.locals(key=bytes, value=bytes, at=Py_ssize_t, node=Node)
cpdef _lookup_read(Knowledge knowledge, bytes body)
@cython.locals(at=Py_ssize_t, after=Py_ssize_t, node=Node)
cpdef _read_all(Knowledge knowledge, bytes body)
