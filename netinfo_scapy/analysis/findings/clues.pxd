# C types for clues.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.evidence cimport Evidence
from netinfo_scapy.capture.frames cimport FrameRef, ref_at


cdef class Table:
    cdef public dict rows
    cdef public long long fed
    cdef public object _beyond
    @cython.locals(whole=tuple, row=Evidence)
    cpdef Evidence row(self, object transport, object server, bytes client, tuple key)


@cython.locals(row=Evidence, at=FrameRef, same=dict, packed=list, frames=list)
cdef tuple _packed(list rows)
@cython.locals(table=Table, row=Evidence, place=Py_ssize_t, size=Py_ssize_t)
cpdef Table _unpacked(long long fed, object beyond, list rows, list frames)


cpdef tuple order_of(object value)


cdef class Counter:
    cdef Table _table
    cdef Evidence _row
    cdef public long share
    cpdef add(self, FrameRef at, long share=*)


cdef class Clues:
    cdef public dict tables
    cdef public long long unread
    @cython.locals(table=Table)
    cpdef Counter counter(self, str detector, object transport, object server, bytes client, tuple key)
    cpdef add(self, str detector, object transport, object server, bytes client, tuple key, FrameRef at)
