# C types for knowledge.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.node cimport Node, behind_properties
from netinfo_scapy.capture.frames cimport FrameRef


cdef long long _MOST_WORK, _WORK_OF_EVENT


cdef class Knowledge:
    cdef public dict nodes
    cdef public object root
    cdef public long long evicted, now
    cdef public set stirred, relisted
    cdef list _writes
    cdef public bint only_ones
    cdef FrameRef _at
    cdef public long long most
    cdef long long _work
    cpdef begin(self, FrameRef at)
    cpdef bint may_work(self, long long steps) except -1
    @cython.locals(node=Node)
    cpdef Node node(self, object number)
    @cython.locals(node=Node)
    cpdef Node told(self, object number, object instance)
    @cython.locals(node=Node)
    cpdef Node written(self, object number, object instance)
    cdef _doubt(self, Node node)
    cpdef doubt(self, Node node)
    cpdef doubt_children(self, Node node)
    cpdef all_properties(self, Node node, tuple raw)
    cpdef set_properties(self, Node node, list properties)
    @cython.locals(named=list, at=object)
    cpdef first(self, Node node, object name)
    cdef _set(self, Node node, object known)
    @cython.locals(child=Node)
    cpdef Node claim(self, Node parent, object number)
    @cython.locals(before=dict, after=dict, kept=dict)
    cpdef all_children(self, Node parent, object numbers, long long count)
    @cython.locals(child=Node, body=bytes, offset=Py_ssize_t)
    cpdef _match(self, Node parent)
    @cython.locals(child=Node)
    cdef _vanish_from(self, Node parent, object number)
    @cython.locals(each=Node, child=Node, left=list)
    cpdef vanish(self, Node node)
    @cython.locals(found=list, step=Node)
    cpdef list up(self, Node node, Py_ssize_t most)
    @cython.locals(node=Node)
    cpdef forget_all(self)
