# C types for ip.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Record, make_record
from netinfo_scapy.capture.flows cimport Lane, Lanes
from netinfo_scapy.capture.frames cimport Frame, FrameRef, Packet, make_packet
from netinfo_scapy.protocol cimport words


cdef bytes _NO_BYTES
cdef int _ETHERNET, _IPV4, _TCP, _UDP, _VXLAN_PORT


cdef class Reassembler:
    cdef public object unknown, other, malformed
    cdef public long lost_bytes, cut_frames
    cdef public Lanes lanes
    cdef public object _datagrams
    @cython.locals(lane=Lane, data=bytes, end=Py_ssize_t, packet=Packet)
    cpdef Packet plain(self, Frame frame)
    @cython.locals(end=Py_ssize_t, packet=Packet, total="unsigned long long")
    cdef object taken(self, const unsigned char* data, Py_ssize_t start, Py_ssize_t stop, FrameRef ref)
    @cython.locals(lane=Lane, payload=bytes, packet=Packet)
    cdef Packet _segment(
        self, const unsigned char* data, Py_ssize_t start, Py_ssize_t end, FrameRef ref
    )


@cython.locals(protocol=int, end=Py_ssize_t, length=Py_ssize_t, header=Py_ssize_t)
cdef Py_ssize_t _end_of_plain(const unsigned char* data, Py_ssize_t start, Py_ssize_t stop) except -1
@cython.locals(
    lane=Lane, data=bytes, start=Py_ssize_t, stop=Py_ssize_t, size=Py_ssize_t, header=Py_ssize_t,
    addresses=Py_ssize_t, total="unsigned long long",
)
cpdef object checksum_ok(Packet packet)
