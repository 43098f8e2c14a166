# The functions of words.py for compiled modules; see there.

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.ref cimport PyObject
from libc.string cimport memchr, memcmp, memcpy

cdef extern from "Python.h":
    void PyObject_GC_UnTrack(void*)
    void* PyCapsule_GetPointer(object, const char*) except NULL
    const char* PyCapsule_GetName(object) except NULL


# How Cython compiles the walkers of _codec.py: the last number is whether to look for one that overrides it.
ctypedef Py_ssize_t (*_Walker)(bytes, Py_ssize_t, Py_ssize_t, set, int) except -1


cdef inline unsigned int u32(const unsigned char* buffer, Py_ssize_t offset) noexcept nogil:
    return (
        (<unsigned int>buffer[offset] << 24)
        | (<unsigned int>buffer[offset + 1] << 16)
        | (<unsigned int>buffer[offset + 2] << 8)
        | buffer[offset + 3]
    )


cdef inline unsigned int u16(const unsigned char* buffer, Py_ssize_t offset) noexcept nogil:
    return (<unsigned int>buffer[offset] << 8) | buffer[offset + 1]


cdef inline bint has_zero(const unsigned char* buffer, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    return stop > start and memchr(buffer + start, 0, stop - start) != NULL


cdef inline bint is_zero(const unsigned char* buffer, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    while start < stop:
        if buffer[start]:
            return False
        start += 1
    return True


cdef inline (unsigned int, unsigned int) two_u16(const unsigned char* buffer, Py_ssize_t offset) noexcept nogil:
    return u16(buffer, offset), u16(buffer, offset + 2)


cdef inline unsigned int _little(const unsigned char* buffer, Py_ssize_t offset) noexcept nogil:
    return (
        (<unsigned int>buffer[offset + 3] << 24)
        | (<unsigned int>buffer[offset + 2] << 16)
        | (<unsigned int>buffer[offset + 1] << 8)
        | buffer[offset]
    )


cdef inline (unsigned int, unsigned int, unsigned int, unsigned int) four_u32(
    const unsigned char* buffer, Py_ssize_t offset, bint little
) noexcept nogil:
    if little:
        return (
            _little(buffer, offset), _little(buffer, offset + 4),
            _little(buffer, offset + 8), _little(buffer, offset + 12),
        )
    return u32(buffer, offset), u32(buffer, offset + 4), u32(buffer, offset + 8), u32(buffer, offset + 12)


cdef inline bytes cut(const unsigned char* buffer, Py_ssize_t start, Py_ssize_t stop):
    return PyBytes_FromStringAndSize(<const char*>buffer + start, stop - start if stop > start else 0)


cdef inline unsigned int sum_of_words(const unsigned char* buffer, Py_ssize_t start, Py_ssize_t stop) noexcept nogil:
    # Eight bytes at once, in the machine's own order: the sum is that of the other order, turned around (RFC 1071, 2).
    cdef unsigned long long total = 0, carried = 0, word
    cdef unsigned short one = 1
    while stop - start >= 8:
        memcpy(&word, buffer + start, 8)
        total += word
        carried += total < word
        start += 8
    if start < stop:
        word = 0
        memcpy(&word, buffer + start, stop - start)
        total += word
        carried += total < word
    total = (<unsigned int>total + (total >> 32) + carried) % 0xFFFF
    return (<unsigned char>total << 8) | <unsigned int>(total >> 8) if (<unsigned char*>&one)[0] else <unsigned int>total


cdef inline bint is_same(
    const unsigned char* buffer, Py_ssize_t at, const unsigned char* other, Py_ssize_t other_at, Py_ssize_t size
) noexcept nogil:
    return memcmp(buffer + at, other + other_at, size) == 0


cdef inline unsigned int mix(
    const unsigned char* buffer, Py_ssize_t start, Py_ssize_t stop, unsigned int number
) noexcept nogil:
    while start < stop:
        number = (number ^ u32(buffer, start)) * 0x9E3779B1u
        start += 4
    return number >> 8


cdef inline void untrack(object thing) noexcept:
    PyObject_GC_UnTrack(<void*><PyObject*>thing)


cdef inline Py_ssize_t address_of(object capsule) except? -1:
    return 0 if capsule is None else <Py_ssize_t>PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule))


cdef inline Py_ssize_t walk(
    Py_ssize_t address, object walker, bytes buffer, Py_ssize_t offset, Py_ssize_t end, set found
) except -1:
    if address:
        return (<_Walker><void*>address)(buffer, offset, end, found, 0)
    return walker(buffer, offset, end, found)
