# C types for detection.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.findings.clues cimport Clues, Counter
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Walks


cdef Py_ssize_t _MOST_BODIES, _MOST_BYTES, _MOST_BODY_BYTES, _MOST_COUNTERS, _CLUE_BYTES
cdef unsigned int _RECENT
cdef int _RESERVED


cdef class Clue:
    cdef object detector
    cdef tuple key
    cdef long share
    cdef Clue row


cdef class Body:
    cdef Walks walks
    cdef bytes asked, answer
    cdef tuple clues, alike


cdef class Watched:
    cdef public tuple calls, replies, alike_calls, alike_replies, bodies, readers, words
    cdef public dict xids
    cdef public bint sees_calls, sees_replies, sees_bodies


cdef class Detection:
    cdef tuple _detectors, _of_passwords, _of_failures, _of_fragments, _of_unknown, _of_anomalies
    cdef Clues _clues
    cdef dict _watched, _bodies, _of_events, _clues_known
    cdef list _recent
    cdef dict _by_peers
    cdef Py_ssize_t _bytes, _counters
    cpdef event(self, object event)
    @cython.locals(call=Message, walks=Walks, watched=Watched, body=Body)
    cpdef message(self, Message message)
    @cython.locals(walks=Walks)
    cdef Walks _ordinary(self, Message message, Message call)
    cdef _call(self, Message message, Walks walks, Watched watched)
    cdef _reply(self, Message message, Message call, Walks walks, Watched watched)
    cdef _show(self, object detectors, Message message)
    @cython.locals(walks=Walks, watched=Watched, wanted=tuple)
    cdef _unusual(self, Message message, Message call)
    cdef Watched _watched_of(self, Walks walks)
    @cython.locals(
        lane=Lane, counters=dict, likeness="long long", key=tuple, found=tuple, made=list, counter=Counter,
        share=long, at=FrameRef,
    )
    cdef _alike(self, Message message, Message call, Walks walks, Watched watched)
    @cython.locals(body=Body)
    cdef Body _body(self, Message message, Message call, Walks walks, Watched watched)
    cdef _alike_body(self, Message message, Message call, Body body, Watched watched)
    @cython.locals(
        asked=bytes, answer=bytes, begin=Py_ssize_t, start=Py_ssize_t, rest=Py_ssize_t, size=Py_ssize_t,
        place="unsigned int", body=Body, whole=tuple,
    )
    cdef Body _known(self, Message message, Message call, Walks walks, Watched watched)
    @cython.locals(clue=Clue)
    cdef Clue _clue(self, object detector, tuple key)
    cdef _forget(self)
    @cython.locals(asked=bytes, answer=bytes, word=bytes, others=tuple, readers=tuple, size=Py_ssize_t)
    cdef tuple _readers(self, Message message, Message call, Watched watched)
    cdef Counter _counter(self, object detector, Message message, tuple key)
    cdef _add(self, object detector, Message message, tuple key)
    @cython.locals(lane=Lane, at=FrameRef, counters=dict, clue=Clue, counter=Counter)
    cdef _note(self, Message message, Message call, tuple clues)
    cdef dict _counters_of(self, Lane lane)
    cdef _keep(self, Lane lane, object key, object counter)
