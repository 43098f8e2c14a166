# C types for cells.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.sightings cimport Table
from netinfo_scapy.analysis.findings.watch cimport Watch
from netinfo_scapy.analysis.findings.watched cimport Watched
from netinfo_scapy.analysis.histogram cimport Tally
from netinfo_scapy.capture.flows cimport Lane
from netinfo_scapy.protocol.walks cimport Walks


cdef class Cell:
    # What is looked at for each message first, so that it lies together.
    cdef public dict durations_of
    cdef public long long calls, replies, succeeded, uid
    cdef public long long first_ns, last_ns
    cdef public Watched watched
    cdef public Tally durations
    cdef public Table table
    cdef public Watch watch
    cdef public Walks walks
    cdef public Lane lane
    cdef public object users
    cdef public dict statuses


cdef class Sum:
    cdef public long long calls, replies
    cdef public dict statuses
    @cython.locals(statuses=dict)
    cpdef add(self, Cell cell)
    cpdef add_to(self, object row)
