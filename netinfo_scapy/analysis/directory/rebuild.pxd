# C types for rebuild.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.knowledge cimport Knowledge
from netinfo_scapy.analysis.directory.node cimport Node
from netinfo_scapy.analysis.directory.sightings cimport Sighting, Table, Write
from netinfo_scapy.analysis.directory.writes cimport Written
from netinfo_scapy.capture.frames cimport FrameRef


cdef long long _MOST_SNAPSHOTS


@cython.locals(table=Table, each=Sighting, write=Write, at=FrameRef, last=FrameRef, events=list, places=list, again=list)
cdef list _in_order(list tables, list writes)


@cython.locals(sighting=Sighting, table=Table, forgotten=list)
cdef list _forgotten(list tables, list events)


cdef class Replay:
    cdef public object source
    cdef public Knowledge knowledge
    cdef public list changes
    cdef public object change
    cdef bint _notes
    cdef long long _snapshots
    @cython.locals(knowledge=Knowledge, events=list, at=FrameRef)
    cpdef Replay run(self)
    @cython.locals(sighting=Sighting)
    cdef _take(self, FrameRef at, event)
    @cython.locals(table=Table, written=Written)
    cdef _write(self, Write write)
    cdef object _snapshot(self, Node node)
    @cython.locals(node=Node, each=Node, steps=list, above=list)
    cdef bytes _path(self, object number)
