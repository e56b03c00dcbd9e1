"""A filter of system calls that the kernel applies to this process from now on (seccomp)."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from .kernel import prctl, syscall
from .syscalls import SYSCALL_TABLES, SyscallTable

_SECCOMP_NUMBER = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _GET_ACTION_AVAILABLE, _ALL_THREADS = 1, 2, 1
_NO_NEW_PRIVILEGES = 38
_KILL, _ALLOW, _ERROR = 0x80000000, 0x7FFF0000, 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_X32_BIT, _PROT_EXEC, _MERGEABLE = 0x40000000, 4, 12

Instruction = tuple[int, int, int, int]  # operation, jump if true, jump if false, operand


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def seccomp_problem() -> str | None:
    """Return why there can be no filter on this machine, or None."""
    machine = platform.machine()
    if machine not in SYSCALL_TABLES:
        return f"the system calls of {machine} are not known (only of {', '.join(SYSCALL_TABLES)})"
    action = ctypes.c_uint32(_KILL)
    if syscall(_SECCOMP_NUMBER[machine], _GET_ACTION_AVAILABLE, 0, ctypes.byref(action)) < 0:
        return "the kernel offers no system call filter (seccomp)"
    return None


def filter_calls(pid: int) -> None:
    """Install the filter in this process, whose id is `pid`. Raises `OSError` where the kernel refuses."""
    machine = platform.machine()
    code = b"".join(struct.pack("=HBBI", *each) for each in instructions(SYSCALL_TABLES[machine], pid))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(buffer))
    prctl(_NO_NEW_PRIVILEGES, 1)
    result = syscall(_SECCOMP_NUMBER[machine], _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program))
    if result != 0:
        raise OSError(ctypes.get_errno(), "seccomp refused the filter")


def instructions(table: SyscallTable, pid: int) -> list[Instruction]:
    """Return the filter of a machine as instructions of the Berkeley packet filter."""
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, table.audit_arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if table.has_x32:
        code += [(_JUMP_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _KILL)]
    code += _answers(table.allowed, _ALLOW)
    for number in table.without_exec.values():
        checked = [(_JUMP_BITS, 0, 1, _PROT_EXEC), (_RETURN, 0, 0, _ERROR | errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
        code += _with_argument(number, 2, checked)
    for number in table.without_merging.values():
        checked = [(_JUMP_EQUAL, 0, 1, _MERGEABLE), (_RETURN, 0, 0, _ERROR | errno.EINVAL), (_RETURN, 0, 0, _ALLOW)]
        code += _with_argument(number, 2, checked)
    for number in table.own_process.values():
        checked = [(_JUMP_EQUAL, 1, 0, pid), (_RETURN, 0, 0, _KILL), (_RETURN, 0, 0, _ALLOW)]
        code += _with_argument(number, 0, checked)
    code += _answers(table.refused, _ERROR | errno.EPERM)
    code += _answers(table.unknown, _ERROR | errno.ENOSYS)
    return [*code, (_RETURN, 0, 0, _KILL)]


def _answers(numbers: dict[str, int], action: int) -> list[Instruction]:
    return [each for number in numbers.values() for each in ((_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, action))]


def _with_argument(number: int, place: int, checked: list[Instruction]) -> list[Instruction]:
    """Return a check of the lower half of an argument, skipped for every other call."""
    return [(_JUMP_EQUAL, 0, len(checked) + 1, number), (_LOAD, 0, 0, _ARGUMENTS + 8 * place), *checked]
