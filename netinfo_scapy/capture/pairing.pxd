# C types for pairing.py, where it is compiled.

cimport cython

from netinfo_scapy.capture.events cimport Record, make_record
from netinfo_scapy.capture.flows cimport Lane, is_same_lane, turned
from netinfo_scapy.capture.frames cimport FrameRef, make_ref
from netinfo_scapy.capture.message cimport Message, read_message
from netinfo_scapy.protocol cimport words
from netinfo_scapy.protocol.walks cimport Walks


cdef Py_ssize_t _SLACK, _COST
cdef unsigned int _STEP, _NUMBERS
cdef Py_ssize_t _COLUMNS, _XID, _BEFORE, _ANSWERED, _NS, _NUMBER, _CAPTURE, _START


cdef class _Waiting:
    cdef list _calls
    cdef Py_ssize_t _head
    @cython.locals(each=Message)
    cdef push(self, Message call, Py_ssize_t count)
    @cython.locals(call=Message)
    cdef Message first(self)


cdef class _Client:
    cdef Pairing home
    cdef _Bucket bucket
    cdef unsigned int number
    cdef Message only
    cdef dict calls, elsewhere, anywhere
    cdef Py_ssize_t waiting, answered
    @cython.locals(call=Message)
    cdef Message sent(self, Lane lane, unsigned int xid)
    @cython.locals(call=Message)
    cdef Message asked(self, Lane lane, unsigned int xid)
    cdef put(self, Message call)
    cdef take(self, Message call)
    cdef list all(self)


cdef class _Bucket:
    cdef Py_ssize_t room, size
    cdef long long count
    cdef unsigned int chains
    cdef list calls, clients, lanes, data
    cdef long long[::1] rows, heads
    @cython.locals(record=Record, at=FrameRef, place=Py_ssize_t, row=Py_ssize_t, chain="unsigned int")
    cdef put(self, _Client client, Message call, bint whole)
    @cython.locals(place=Py_ssize_t, row=Py_ssize_t, number="long long", other=Lane)
    cdef Message find(self, _Client client, unsigned int xid, Lane lane, bint answers)
    @cython.locals(call=Message, lane=Lane, row=Py_ssize_t, record=Record)
    cdef Message call(self, Py_ssize_t place)
    @cython.locals(client=_Client, data=bytes)
    cdef clear(self, Py_ssize_t place)


cdef class Pairing:
    cdef public long evicted
    cdef Py_ssize_t _most_calls, _most_bytes, _bucket_calls, _bucket_bytes
    cdef Py_ssize_t _waiting_calls, _waiting_bytes
    cdef unsigned int _numbers
    cdef long long _answered_ns
    cdef dict _clients
    cdef list _buckets
    cdef _Waiting _waiting
    @cython.locals(record=Record, lane=Lane, client=_Client, earlier=Message, oldest=Message, xid="unsigned int")
    cpdef call(self, Message message)
    @cython.locals(record=Record, client=_Client, call=Message, now_ns="long long")
    cpdef reply(self, Message message)
    @cython.locals(client=_Client)
    cdef _Client _client_of(self, Lane lane)
    @cython.locals(client=_Client)
    cdef _Client _answered_client(self, Lane lane)
    @cython.locals(bucket=_Bucket, client=_Client)
    cdef _Client _new_client(self, Lane lane)
    @cython.locals(bucket=_Bucket, record=Record, number="long long", whole=bint)
    cdef _keep(self, _Client client, Message call)
    @cython.locals(client=_Client, lane=Lane, call=Message)
    cdef _make_room(self, _Bucket bucket, Py_ssize_t place)
    cdef bint _holds(self, Message call, long long now_ns) except -1
    @cython.locals(call=Message)
    cdef Message _find(self, _Client client, Lane lane, unsigned int xid)
    @cython.locals(client=_Client, call=Message)
    cpdef bint expects_forwarded(self, Lane lane, bytes payload) except -1
    @cython.locals(client=_Client, call=Message)
    cpdef close(self, Lane lane)
    @cython.locals(client=_Client, bucket=_Bucket)
    cpdef finish(self)
    @cython.locals(bucket=_Bucket)
    cdef _forget(self, _Client client, Message call)
    cdef _forget_whole(self, _Client client, Message call)
    cdef _let_go(self, _Client client, bytes key)


@cython.locals(walks=Walks)
cdef bint _forwards(Message call) except -1
