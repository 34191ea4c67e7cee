"""A disk that does not take flushes any more: the kernel answers this process's fsync with an I/O error."""

import ctypes
import errno
import os
import platform
import struct
from pathlib import Path

#: The numbers of fsync, fdatasync and seccomp.
FSYNC, FDATASYNC, SECCOMP = {"x86_64": (74, 75, 317), "aarch64": (82, 83, 277)}[platform.machine()]
NO_NEW_PRIVILEGES, SET_FILTER, ALL_THREADS = 38, 1, 1
#: Instructions of the kernel's packet filter: load a word, compare it and jump, return.
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
FAIL, ALLOW = 0x00050000 | errno.EIO, 0x7FFF0000
#: Where the filter finds the call's number and the lower half of its first argument, the descriptor.
NUMBER, DESCRIPTOR = 0, 16


def fail_flushes(file: Path | None = None) -> None:
    """From now on, in all threads and for good, flushes fail; with `file`, only those of it."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = b"".join(struct.pack("HBBI", *line) for line in _program(file))
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    assert libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    assert libc.syscall(SECCOMP, SET_FILTER, ALL_THREADS, program) == 0, os.strerror(ctypes.get_errno())


def _program(file: Path | None) -> list[tuple[int, int, int, int]]:
    """Return lines of (instruction, lines to skip if so, lines to skip if not, value)."""
    start = [(LOAD, 0, 0, NUMBER), (JUMP_IF_EQUAL, 1, 0, FSYNC), (JUMP_IF_EQUAL, 0, 1, FDATASYNC)]
    if file is None:
        return [*start, (RETURN, 0, 0, FAIL), (RETURN, 0, 0, ALLOW)]
    those = _descriptors(file)
    compared = [(JUMP_IF_EQUAL, len(those) - number, 0, one) for number, one in enumerate(those)]
    start[-1] = (JUMP_IF_EQUAL, 0, 1 + len(those), FDATASYNC)
    return [*start, (LOAD, 0, 0, DESCRIPTOR), *compared, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, FAIL)]


def _descriptors(file: Path) -> list[int]:
    """Return this process's descriptors of `file`."""
    ours = Path("/proc/self/fd")
    return [int(link.name) for link in ours.iterdir() if link.is_symlink() and os.path.realpath(link) == str(file)]
