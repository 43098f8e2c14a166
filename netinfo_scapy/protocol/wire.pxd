# C types for wire.py, where it is compiled.

cimport cython

from netinfo_scapy.protocol cimport words


cpdef int need(Py_ssize_t offset, Py_ssize_t end, Py_ssize_t size) except -1
cpdef long long take_word(bytes buffer, Py_ssize_t offset, Py_ssize_t end) except -1
@cython.locals(count="long long")
cpdef long long take_count(
    bytes buffer, Py_ssize_t offset, Py_ssize_t end, long long maximum, long long smallest
) except -1
cpdef int take_flag(bytes buffer, Py_ssize_t offset, Py_ssize_t end, set found) except -1
@cython.locals(length="long long", start=Py_ssize_t, stop=Py_ssize_t, padding="long long")
cpdef Py_ssize_t skip_opaque(
    bytes buffer, Py_ssize_t offset, Py_ssize_t end, long long maximum, set found
) except -1
@cython.locals(after=Py_ssize_t, start=Py_ssize_t)
cpdef Py_ssize_t skip_string(
    bytes buffer, Py_ssize_t offset, Py_ssize_t end, long long maximum, set found
) except -1
@cython.locals(after=Py_ssize_t)
cpdef tuple take_opaque(bytes buffer, Py_ssize_t offset, Py_ssize_t end, long long maximum, set found)
@cython.locals(after=Py_ssize_t)
cpdef tuple take_string(bytes buffer, Py_ssize_t offset, Py_ssize_t end, long long maximum, set found)
@cython.locals(number="long long", at=Py_ssize_t, word="long long")
cpdef long long take_octets(bytes buffer, Py_ssize_t offset, Py_ssize_t end, set found) except -1
