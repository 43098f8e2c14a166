# C types for ip.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.flows cimport Lanes
from netinfo_scapy.capture.frames cimport Packet
from netinfo_scapy.protocol cimport words


cdef class Reassembler:
    cdef public object unknown, other, malformed
    cdef public long lost_bytes, cut_frames
    cdef public Lanes lanes
    cdef public object _datagrams
    @cython.locals(size=Py_ssize_t, protocol=int, start=Py_ssize_t, stop=Py_ssize_t, length=Py_ssize_t, packet=Packet)
    cpdef Packet plain(self, object ref, int link, Py_ssize_t wire_length, bytes data)
