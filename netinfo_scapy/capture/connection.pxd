# C types for connection.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport FrameRef, Packet
from netinfo_scapy.capture.ip cimport checksum_ok
from netinfo_scapy.capture.lines cimport Place
from netinfo_scapy.capture.streams cimport Stream
from netinfo_scapy.capture.turns cimport Turns


cdef long long _ACK, _FIN, _RST, _SYN, _FARTHEST


cdef class TcpConnection:
    cdef public FrameRef first
    cdef public Lane lane
    cdef public Py_ssize_t held, stray_count
    cdef object home
    cdef public Place use, hold
    cdef public Lane other_lane
    cdef public int initiator, ended_by
    cdef public Packet syn, successor
    cdef public bint accepted, refused, closed
    cdef public list strays
    cdef Stream _ahead, _behind
    cdef Turns _turns
    cdef Py_ssize_t buffered(self) except -1
    @cython.locals(count=long)
    cdef long unnoticed(self) except -1
    cdef Stream stream(self, int side)
    cdef int side(self, Packet packet) except -1
    cdef bint is_new_connection(self, Packet packet, Stream stream) except -1
    cdef bint _is_new_syn(self, Packet packet, Stream stream) except -1
    @cython.locals(stream=Stream, peer=Stream, flags=int, usual=bint, size=Py_ssize_t)
    cdef feed(self, Packet packet, int side, list events, list out)
    @cython.locals(lane=Lane)
    cdef leave(self)
    @cython.locals(stream=Stream)
    cdef _open(self, Packet packet, int side)
    cdef bint _is_credible_reset(self, Packet packet, Stream stream, Stream peer) except -1
    @cython.locals(client=Stream, server=Stream)
    cpdef finish(self, bint closed, list out)
