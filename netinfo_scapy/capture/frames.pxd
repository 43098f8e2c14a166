# C types for frames.py, where it is compiled.

from netinfo_scapy.capture.flows cimport Lane


cdef class Packet:
    cdef public object ref
    cdef public Lane lane
    cdef public bytes payload, data
    cdef public Py_ssize_t length, start, stop
    cdef public int ttl, flags
    cdef public bint conflict
    cdef public unsigned int sequence, acknowledgment
