# C types for detection.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.memo cimport Body, BodyMemo
from netinfo_scapy.analysis.findings.clues cimport Clues, Counter
from netinfo_scapy.analysis.findings.watch cimport Clue, Watch
from netinfo_scapy.analysis.findings.watched cimport Watched
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.protocol.walks cimport Walks


cdef Py_ssize_t _MOST_COUNTERS, _MOST_WATCHES, _MOST_ALIKE, _CLUE_BYTES, _LONGEST
cdef int _NO_ASCII, _RESERVED_BELOW


cdef class Detection:
    cdef tuple _detectors, _of_passwords, _of_failures, _of_fragments, _of_unknown, _of_anomalies
    cdef Clues _clues
    cdef dict _watched, _watches, _of_events, _clues_known, _alike_known
    cdef list _filled
    cdef BodyMemo _bodies
    cdef long long _forgotten
    cdef Py_ssize_t _counters
    cpdef forget(self)
    cpdef event(self, object event)
    @cython.locals(call=Message, walks=Walks, watch=Watch)
    cpdef message(self, Message message)
    @cython.locals(watch=Watch)
    cdef Watch _watch(self, Lane lane, Walks walks)
    cpdef Watch new_watch(self, Walks walks)
    @cython.locals(body=Body)
    cpdef Body plain(self, Message message, Message call, Watched watched, Watch watch)
    cdef _call(self, Message message, Watched watched, Watch watch)
    cdef _reply(self, Message message, Message call, Watched watched, Watch watch)
    cdef _show(self, object detectors, Message message)
    @cython.locals(walks=Walks, watched=Watched, wanted=tuple, body=Body)
    cdef _unusual(self, Message message, Message call)
    cdef Watched _watched_of(self, Walks walks)
    @cython.locals(likeness="long long", found=tuple, counter=Counter, at=FrameRef)
    cdef _alike(self, Message message, Message call, Watch watch)
    @cython.locals(number="long long", found=tuple, made=list, each=Clue)
    cdef tuple _alike_of(self, Message message, Watch watch, long long likeness)
    @cython.locals(lane=Lane, alike=tuple, clues=tuple)
    cdef tuple _clues_of(self, Message message, Watched watched, long long number)
    @cython.locals(walks=Walks, body=Body)
    cdef Body _body(self, Message message, Message call, Watched watched)
    cdef _alike_body(self, Message message, Message call, Body body, Watch watch)
    @cython.locals(clue=Clue)
    cdef Clue _clue(self, object detector, tuple key)
    @cython.locals(asked=bytes, answer=bytes, word=bytes, others=tuple, readers=tuple, size=Py_ssize_t)
    cdef tuple _readers(self, Message message, Message call, Watched watched)
    @cython.locals(counter=Counter)
    cdef Counter _counter(self, object detector, Message message, tuple row, long share=*)
    cdef _add(self, object detector, Message message, tuple key)
    @cython.locals(at=FrameRef, clue=Clue, counter=Counter)
    cdef _note(self, Message message, Message call, tuple clues, Watch watch)
    @cython.locals(each=Watch)
    cdef _make_room(self, Watch watch)
