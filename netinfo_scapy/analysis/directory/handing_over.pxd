# C types for handing_over.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.directory.sightings cimport Sighting, Sightings, Table, Write
from netinfo_scapy.capture.frames cimport FrameRef, ref_at


cdef tuple _room(Sightings sightings)
@cython.locals(each=Sighting, first=FrameRef, last=FrameRef, numbers=list)
cdef list _numbers(list sightings)
@cython.locals(sightings=Sightings, table=Table, place=Py_ssize_t, bodies=list, numbers=list, ref=FrameRef)
cpdef Sightings restored(tuple room, list others, long long evicted, list tables, list writes)
