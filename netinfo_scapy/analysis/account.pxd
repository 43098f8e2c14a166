# C types for account.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.cells cimport Cell, Sum
from netinfo_scapy.analysis.memo cimport Body
from netinfo_scapy.analysis.directory.sightings cimport Sightings, Table
from netinfo_scapy.analysis.findings.detection cimport Detection
from netinfo_scapy.analysis.findings.watch cimport Watch
from netinfo_scapy.analysis.histogram cimport Tally
from netinfo_scapy.analysis.timeline cimport Timeline
from netinfo_scapy.capture.events cimport Record
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.protocol.walks cimport Walks


cdef long long _NIBIND


cdef class Account:
    cdef object _facts
    cdef Detection _detection
    cdef Sightings _sightings
    cdef bint _only_counts
    cdef Timeline _timeline
    cdef dict _cells, _durations
    cdef Py_ssize_t _cell_count
    cdef long long _calls, _replies, _answered, _retransmissions
    cpdef feed(self, object event)
    cpdef feed_all(self, list events)
    cpdef object facts(self)
    cpdef object finish(self)
    cpdef forget(self)
    @cython.locals(call=Message, walks=Walks, status="long long")
    cdef _message(self, Message message)
    cdef _unusual(self, Message message)
    @cython.locals(cell=Cell, durations=Tally, table=Table, watch=Watch)
    cdef Cell _cell(self, Lane lane, Walks walks, long long time_ns)
    @cython.locals(time_ns="long long", cell=Cell, body=Body)
    cdef _count(self, Message message, Message call, Walks walks, long long status)
    @cython.locals(cells=list, cell=Cell, walks=Walks, each=Sum, of_procedure=Sum)
    cdef _empty(self)
    @cython.locals(lane=Lane, cell=Cell, first=Cell, both=Sum, first_ns="long long", last_ns="long long")
    cdef _add(self, list cells)
