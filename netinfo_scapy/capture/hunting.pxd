# C types for hunting.py, where it is compiled.

cimport cython

from netinfo_scapy.protocol cimport words


cdef unsigned int _LAST, _CALL, _RPC_VERSION, _MOST_VERSION, _MOST_FLAVOR, _MAXIMUM_AUTH_BODY
cdef unsigned int _ACCEPTED, _DENIED, _RPC_MISMATCH, _AUTH_ERROR, _SUCCESS, _PROG_MISMATCH
cdef unsigned int _ACCEPT_STATUSES, _AUTH_STATUSES
cdef Py_ssize_t _LONGEST, _LONGEST_FOUND_FRAGMENT, _CANDIDATE_BYTES, _CALL_BYTES, _NONE, _CUT


@cython.locals(at=Py_ssize_t)
cpdef tuple find_record(bytes data)
@cython.locals(at=Py_ssize_t, length=Py_ssize_t)
cpdef Py_ssize_t find_cut_record(bytes data, long long missing, Py_ssize_t longest) except -2
@cython.locals(mark="unsigned int", length=Py_ssize_t, last=bint, kind="unsigned int")
cpdef object plausible_record(bytes data, Py_ssize_t at)
@cython.locals(left=Py_ssize_t, length=Py_ssize_t)
cdef bint _plausible_next(bytes data, Py_ssize_t at, bint begins) except -1
@cython.locals(flavor="unsigned int", length="unsigned int")
cdef Py_ssize_t _auth_end(bytes data, Py_ssize_t at) except -2
@cython.locals(version="unsigned int", procedure="unsigned int", end=Py_ssize_t)
cdef object _plausible_call(bytes data, Py_ssize_t at, Py_ssize_t length)
@cython.locals(
    status="unsigned int", reject="unsigned int", detail="unsigned int", accept="unsigned int", end=Py_ssize_t,
    size=Py_ssize_t, mismatch=Py_ssize_t,
)
cdef object _plausible_reply(bytes data, Py_ssize_t at, Py_ssize_t length, bint last)
