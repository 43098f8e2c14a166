# C types for sightings.py, where it is compiled.

cimport cython

from netinfo_scapy.analysis.memo cimport Body
from netinfo_scapy.capture.frames cimport FrameRef
from netinfo_scapy.capture.message cimport Message
from netinfo_scapy.protocol cimport words


cdef long long _NETINFO
cdef int _TELLS_NOTHING, _TELLS, _TELLS_OF_ID, _WRITES
cdef unsigned int _RECENT
cdef bytes _NO_INSTANCE
cdef Py_ssize_t _COST, _MOST_TABLES, _MOST_ALIKE, _HEAD


cdef class Sighting:
    cdef public Table table
    cdef public bytes body
    cdef public FrameRef first, last
    cdef public long long first_order, last_order


cdef class Table:
    cdef public object transport, endpoint, row
    cdef public dict seen
    cdef public int kind
    cdef public unsigned int number
    cdef public long long evicted


cdef class Write:
    cdef public Table table
    cdef public FrameRef at, call_at
    cdef public object client, uid
    cdef public long long order
    cdef public bytes asked, told


cdef class Sightings:
    cdef public long long evicted
    cdef public dict tables
    cdef public object writes
    cdef long long _most_bytes, _most_write_bytes, _bytes, _write_bytes, _order
    cdef object _until, _kept
    cdef list _recent
    cdef public list others
    cpdef Table table(self, object transport, object endpoint, object walks)
    cpdef Table _place(self, object transport, object endpoint, object row)
    @cython.locals(at=FrameRef, asked=bytes, told=bytes, sighting=Sighting)
    cpdef see(self, Table table, Message reply, Message call, Body remembered)
    @cython.locals(call=Message, table=Table, asked=bytes, told=bytes)
    cpdef see_any(self, Message reply)
    @cython.locals(rest=Py_ssize_t, size=Py_ssize_t, place="unsigned int", sighting=Sighting, body=bytes)
    cdef Sighting _sight(self, Table table, FrameRef at, bytes asked, Py_ssize_t begin, bytes told, Py_ssize_t start)
    cdef _again(self, Sighting sighting, FrameRef at)
    @cython.locals(sighting=Sighting)
    cpdef Sighting _note(self, Table table, bytes body, FrameRef at, long long order)
    @cython.locals(oldest=Sighting, table=Table)
    cdef _make_room(self)
    @cython.locals(at=FrameRef, write=Write)
    cdef _write(self, Table table, Message reply, Message call, bytes asked, bytes told)
    @cython.locals(oldest=Write)
    cpdef _keep(self, Write write)
    @cython.locals(other=Sightings, theirs=Table, mine=Table, each=Sighting, write=Write)
    cpdef merge(self, Sightings other)
    @cython.locals(write=Write, mine=Write, later=list)
    cdef _take(self, list writes)


cdef Py_ssize_t _cost_of(Write write) except -1
cdef bint _is_later(FrameRef at, long long order, FrameRef other, long long other_order) except -1
