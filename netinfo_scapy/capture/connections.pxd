# C types for connections.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.connection cimport TcpConnection
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport Packet
from netinfo_scapy.capture.ip cimport checksum_ok
from netinfo_scapy.capture.lines cimport Line, Place
from netinfo_scapy.capture.streams cimport Stream


cdef long long _ACK, _SYN


cdef class Connections:
    cdef public object limits
    cdef public long evicted, bad_checksums, stray_segments
    cdef Py_ssize_t _most, _most_bytes, _most_closed, _held
    cdef dict _open
    cdef Line _used, _holding
    cdef list _closed, _events
    @cython.locals(connection=TcpConnection, side=int, stream=Stream, events=list)
    cpdef feed(self, Packet packet, list out)
    @cython.locals(connection=TcpConnection)
    cdef TcpConnection _find(self, Lane lane)
    cpdef bint follows(self, Lane lane) except -1
    @cython.locals(connection=TcpConnection, lane=Lane)
    cdef TcpConnection _begin(self, Packet packet, TcpConnection old)
    cdef _forget(self, TcpConnection connection)
    @cython.locals(hold=Place)
    cdef _hold(self, TcpConnection connection, Py_ssize_t size)
    @cython.locals(buffered=Py_ssize_t)
    cdef _keep_account(self, TcpConnection connection, list out)
    @cython.locals(lane=Lane)
    cdef _keep_closed(self, TcpConnection connection)
    cdef _count_strays(self, TcpConnection connection, Py_ssize_t found_home)
    cdef _evict(self, TcpConnection connection, list out)
    @cython.locals(connection=TcpConnection)
    cpdef finish(self, list out)
