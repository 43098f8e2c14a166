# C types for detection.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.clues cimport Clues, Counter
from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Walks


cdef Py_ssize_t _MOST_BODIES, _MOST_BYTES, _MOST_BODY_BYTES, _MOST_COUNTERS
cdef unsigned int _RECENT


cdef class Body:
    cdef Walks walks
    cdef bytes asked, answer
    cdef tuple clues


cdef class Watched:
    cdef public tuple calls, replies, readers, words


cdef class Detection:
    cdef tuple _detectors, _of_passwords, _of_failures, _of_fragments, _of_unknown, _of_anomalies
    cdef Clues _clues
    cdef dict _watched, _bodies, _of_events
    cdef list _recent
    cdef dict _by_peers
    cdef Py_ssize_t _bytes, _counters
    cpdef event(self, object event)
    @cython.locals(call=Message, walks=Walks, watched=Watched, wanted=tuple)
    cpdef message(self, Message message)
    @cython.locals(answer=bytes, body=Body, clue=tuple)
    cdef _body(self, Message message, Message call, Walks walks, Watched watched)
    @cython.locals(
        asked=bytes, answer=bytes, begin=Py_ssize_t, start=Py_ssize_t, rest=Py_ssize_t, size=Py_ssize_t,
        place="unsigned int", body=Body, whole=tuple,
    )
    cdef Body _known(self, Message message, Message call, Walks walks, Watched watched)
    cdef _forget(self)
    @cython.locals(asked=bytes, answer=bytes, word=bytes, others=tuple, readers=tuple, size=Py_ssize_t)
    cdef tuple _readers(self, Message message, Message call, Watched watched)
    cdef Counter _counter(self, object detector, Message message, tuple key)
    @cython.locals(call=Message)
    cdef _add(self, object detector, Message message, tuple key)
    @cython.locals(peers=bytes, counters=dict, counter=Counter)
    cdef _note(self, Message message, Message call, tuple clue)
