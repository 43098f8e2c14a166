# C types for disputes.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Placed, Record
from netinfo_scapy.capture.pieces cimport Piece


cdef long long _COST, _REMEMBERED


cdef class Disputes:
    cdef list _pieces, records
    cdef long long _settle_ns
    cdef Py_ssize_t size
    @cython.locals(piece=Piece)
    cdef keep(self, Piece piece)
    @cython.locals(held=Piece)
    cdef tuple compare(self, Piece piece)
    @cython.locals(record=Record, placed=Placed, late=long)
    cdef long _mark(self, long long start, long long end, long long now_ns) except -1
    @cython.locals(count=Py_ssize_t, piece=Piece, placed=Placed, records=list, pieces=list)
    cdef settle(self, long long position)
