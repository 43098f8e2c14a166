# C types for disputes.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Placed, Record
from netinfo_scapy.capture.pieces cimport Piece


cdef long long _COST, _REMEMBERED


cdef class Disputes:
    cdef list _pieces, records
    cdef long long _settle_ns
    cdef Py_ssize_t size
    cdef long unnoticed
    @cython.locals(piece=Piece)
    cdef keep(self, Piece piece)
    @cython.locals(held=Piece, disputed="long long")
    cdef long long compare(self, Piece piece) except -1
    @cython.locals(record=Record, placed=Placed)
    cdef _mark(self, long long start, long long end, long long now_ns)
    @cython.locals(count=Py_ssize_t, piece=Piece, placed=Placed, records=list, pieces=list)
    cdef settle(self, long long position)
