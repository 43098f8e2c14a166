# C types for clues.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.frames cimport FrameRef


cdef Py_ssize_t _MOST_FRAMES


cdef class Evidence:
    cdef public object transport, server
    cdef public bytes client
    cdef public tuple key
    cdef public long long count
    cdef public FrameRef _earliest, _latest
    cdef public list frames
    cpdef add(self, FrameRef at)
    @cython.locals(other=Evidence)
    cpdef merge(self, Evidence other)
    cdef _span(self, FrameRef at)
    @cython.locals(frames=list, last=FrameRef)
    cdef _frame(self, FrameRef at)


cdef class Table:
    cdef public dict rows
    cdef public long long fed
    cdef public object _beyond
    @cython.locals(whole=tuple, row=Evidence)
    cpdef Evidence row(self, object transport, object server, bytes client, tuple key)


cdef class Counter:
    cdef Table _table
    cdef Evidence _row
    cpdef add(self, FrameRef at)


cdef class Clues:
    cdef public dict tables
    @cython.locals(table=Table)
    cpdef Counter counter(self, str detector, object transport, object server, bytes client, tuple key)
    cpdef add(self, str detector, object transport, object server, bytes client, tuple key, FrameRef at)
