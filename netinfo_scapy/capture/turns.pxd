# C types for turns.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Placed
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.streams cimport Stream


cdef long long _FARTHEST


cdef class Turns:
    cdef Stream _ahead, _behind
    cdef object _queue_ahead, _queue_behind
    cdef Py_ssize_t size
    cdef Lane to_server
    @cython.locals(placed=Placed, waits=bint)
    cdef give(self, int side, list events, list out)
    @cython.locals(placed=Placed)
    cdef keep(self, int side, list events)
    @cython.locals(placed=Placed)
    cdef release(self, list out, bint whatever=*)
    cdef _hand_out(self, Placed placed, list out)
    @cython.locals(peer=Stream)
    cdef bint _may_go(self, int side) except -1
    cdef bint _is_read_up_to(self, int side) except -1
    cdef bint _is_blocked(self, int side) except -1
    @cython.locals(peer=Stream, distance="long long")
    cdef bint _has_read(self, int side, long long acknowledges) except -1
