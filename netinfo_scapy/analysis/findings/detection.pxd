# C types for detection.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.clues cimport Clues
from netinfo_scapy.capture.message cimport Message, Record
from netinfo_scapy.protocol.walks cimport Walks


cdef class Watched:
    cdef public tuple calls, replies, readers, words


cdef class Detection:
    cdef tuple _detectors, _of_passwords, _of_fragments, _of_anomalies
    cdef Clues _clues
    cdef dict _watched, _bodies, _of_events
    cpdef event(self, object event)
    @cython.locals(call=Message, walks=Walks, watched=Watched, wanted=tuple)
    cpdef message(self, Message message)
    @cython.locals(asked=bytes, answer=bytes, word=bytes, others=tuple, readers=tuple, size=Py_ssize_t, clues=tuple)
    cdef _body(self, Message message, Message call, Walks walks, Watched watched)
    @cython.locals(record=Record)
    cdef _add(self, object detector, Message message, tuple key)
