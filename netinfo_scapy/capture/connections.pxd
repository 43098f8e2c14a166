# C types for connections.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Placed
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport FrameRef, Packet
from netinfo_scapy.capture.ip cimport checksum_ok
from netinfo_scapy.capture.lines cimport Line, Place
from netinfo_scapy.capture.streams cimport Stream


cdef long long _ACK, _FIN, _RST, _SYN, _FARTHEST


cdef class _TcpConnection:
    cdef public FrameRef first
    cdef public object _queue_ahead, _queue_behind
    cdef public Lane lane
    cdef public Py_ssize_t held, stray_count, _queued_bytes
    cdef public Connections home
    cdef public Place use, hold
    cdef public Lane other_lane
    cdef public int initiator, ended_by
    cdef public Packet syn, successor
    cdef public bint accepted, refused, closed
    cdef public list strays
    cdef public Stream _ahead, _behind
    cdef Py_ssize_t buffered(self) except -1
    @cython.locals(count=long)
    cdef long unnoticed(self) except -1
    @cython.locals(placed=Placed)
    cdef _release(self, list out, bint whatever=*)
    cdef Stream stream(self, int side)
    cdef int side(self, Packet packet) except -1
    @cython.locals(stream=Stream)
    cdef bint is_forged(self, Packet packet) except -1
    @cython.locals(stream=Stream)
    cdef bint is_new_connection(self, Packet packet) except -1
    cdef bint _is_new_syn(self, Packet packet, Stream stream) except -1
    @cython.locals(placed=Placed)
    cdef _queue(self, int side, list events)
    cdef _hand_out(self, Placed placed, list out)
    @cython.locals(placed=Placed, waits=bint)
    cdef _give(self, int side, list events, list out)
    @cython.locals(peer=Stream)
    cdef bint _may_go(self, int side) except -1
    cdef bint _is_blocked(self, int side) except -1
    cdef bint _is_read_up_to(self, int side) except -1
    @cython.locals(peer=Stream, distance="long long")
    cdef bint _has_read(self, int side, long long acknowledges) except -1
    @cython.locals(side=int, stream=Stream, peer=Stream, flags=int, usual=bint, size=Py_ssize_t)
    cdef feed(self, Packet packet, list events, list out)
    @cython.locals(lane=Lane)
    cdef leave(self)
    @cython.locals(stream=Stream)
    cdef _open(self, Packet packet, int side)
    cdef bint _is_credible_reset(self, Packet packet, Stream stream, Stream peer) except -1
    @cython.locals(client=Stream, server=Stream)
    cpdef finish(self, bint closed, list out)


cdef class Connections:
    cdef public object limits
    cdef public long evicted, bad_checksums, stray_segments
    cdef Py_ssize_t _most, _most_bytes, _most_closed, _held
    cdef dict _open
    cdef Line _used, _holding
    cdef list _closed, _events
    @cython.locals(connection=_TcpConnection, events=list)
    cpdef list feed(self, Packet packet)
    @cython.locals(connection=_TcpConnection)
    cdef _TcpConnection _find(self, Lane lane)
    cpdef bint follows(self, Lane lane) except -1
    @cython.locals(connection=_TcpConnection, lane=Lane)
    cdef _TcpConnection _begin(self, Packet packet, _TcpConnection old)
    cdef _forget(self, _TcpConnection connection)
    @cython.locals(hold=Place)
    cdef _hold(self, _TcpConnection connection, Py_ssize_t size)
    @cython.locals(buffered=Py_ssize_t)
    cdef _keep_account(self, _TcpConnection connection, list out)
    @cython.locals(lane=Lane)
    cdef _keep_closed(self, _TcpConnection connection)
    cdef _count_strays(self, _TcpConnection connection, Py_ssize_t found_home)
    cdef _evict(self, _TcpConnection connection, list out)
    @cython.locals(connection=_TcpConnection)
    cpdef list finish(self)
