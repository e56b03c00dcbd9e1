"""The filter of system calls, answered as the kernel would."""

import platform
import re

import pytest

from adapters.sandbox.walls.seccomp import instructions
from adapters.sandbox.walls.syscalls import SYSCALL_TABLES
from tests.support.attacks import MARK, attempt, program
from tests.support.sandboxes import jailed


@pytest.mark.parametrize("machine", SYSCALL_TABLES)
def test_the_filter_of_each_machine_answers_every_call_once(machine):
    table = SYSCALL_TABLES[machine]
    groups = (table.allowed, table.without_exec, table.without_merging, table.own_process, table.refused, table.unknown)
    numbers = [number for group in groups for number in group.values()]
    assert len(numbers) == len(set(numbers))
    code = instructions(table, 1234)
    assert len(code) < 4_096
    assert evaluate(code, table.audit_arch, table.allowed["write"]) == 0x7FFF0000
    assert evaluate(code, table.audit_arch, table.without_exec["mmap"], (0, 0, 7)) == 0x00050001
    assert evaluate(code, table.audit_arch, table.without_exec["mmap"], (0, 0, 3)) == 0x7FFF0000
    assert evaluate(code, table.audit_arch, table.without_merging["madvise"], (0, 0, 12)) == 0x00050016
    assert evaluate(code, table.audit_arch, table.without_merging["madvise"], (0, 0, 4)) == 0x7FFF0000
    assert evaluate(code, table.audit_arch, table.own_process["kill"], (1234, 0, 0)) == 0x7FFF0000
    assert evaluate(code, table.audit_arch, table.own_process["kill"], (1, 0, 0)) == 0x80000000
    assert evaluate(code, table.audit_arch, 9_999) == 0x80000000
    assert evaluate(code, 0x40000003, table.allowed["write"]) == 0x80000000


def evaluate(code, architecture, number, arguments=(0, 0, 0)):
    """What the kernel would answer."""
    words = {0: number, 4: architecture, **{16 + 8 * place: value for place, value in enumerate(arguments)}}
    accumulator = place = 0
    while True:
        operation, if_true, if_false, operand = code[place]
        place += 1
        if operation == 0x20:
            accumulator = words[operand]
        elif operation == 0x06:
            return operand
        else:
            hit = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: bool(accumulator & operand)}
            place += if_true if hit[operation] else if_false


#: Any function of the C library, and what it answered.
NATIVE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(name, *arguments):
    ctypes.set_errno(0)
    function = libc.syscall if type(name) is int else getattr(libc, name)
    answer = function(*([ctypes.c_long(name)] if type(name) is int else []), *arguments)
    number = ctypes.get_errno()
    log("answer", answer, os.strerror(number) if answer < 0 else "PWNED")
    if answer >= 0: log("PWNED", name, answer)
"""
KILLED = "it made a system call that programs may not make"
REFUSED = "answer -1 (Operation not permitted|Permission denied|Function not implemented|File too large)"
EITHER = f"{KILLED}|{REFUSED}"
ONLY_X86 = platform.machine() == "x86_64"

#: What a program does by itself once it is in C, and what comes of it.
NATIVE_CALLS = {
    "open": ("call('open', b'/etc/passwd', 0)", REFUSED),
    "open for writing": (f"call('open', b'/tmp/{MARK}', 0o102, 0o600)", REFUSED),
    "openat2": ("call(437, -100, b'/etc/passwd', b'\\0' * 24, 24)", REFUSED),
    "creat": (f"call('creat', b'/tmp/{MARK}', 0o600)", EITHER),
    "a file without a name": ("call('open', b'/tmp', 0o20200002, 0o600)", REFUSED),
    "a file of a handle": ("call('open_by_handle_at', -100, b'x' * 64, 0)", KILLED),
    "a link": (f"call('symlink', b'/etc', b'/tmp/{MARK}')", KILLED),
    "a directory": (f"call('mkdir', b'/tmp/{MARK}', 0o700)", REFUSED),
    "a device": (f"call('mknod', b'/tmp/{MARK}', 0o20666, 259)", KILLED),
    "removing a file": ("call('unlink', b'/etc/hostname')", REFUSED),
    "another root": ("call('chroot', b'/')", KILLED),
    "a mount": ("call('mount', b'none', b'/tmp', b'tmpfs', 0, None)", KILLED),
    "a socket": ("call('socket', 2, 1, 0)", REFUSED),
    "a pair of sockets": ("call('socketpair', 1, 1, 0, (ctypes.c_int * 2)())", KILLED),
    "a connection": ("call('connect', 3, b'\\2\\0\\0\\x50\\x7f\\0\\0\\1' + b'\\0' * 8, 16)", KILLED),
    "a message with descriptors": ("call('sendmsg', 3, b'\\0' * 56, 0)", KILLED),
    "fork": ("call('fork')", REFUSED),
    "vfork": ("call(58)", REFUSED),
    "clone with a namespace": ("call(56, 0x10000000, None, None, None, None)", REFUSED),
    "clone3": ("call(435, b'\\0' * 88, 88)", REFUSED),
    "a thread": ("log('answer', libc.pthread_create(ctypes.byref(ctypes.c_long()), None, None, None))", "answer (1|11)"),
    "execve": ("call('execve', b'/bin/sh', None, None)", KILLED),
    "execveat": ("call(322, 3, b'', None, None, 0x1000)", KILLED),
    "ptrace the parent": ("call('ptrace', 16, os.getppid(), None, None)", KILLED),
    "ptrace me": ("call('ptrace', 0, 0, None, None)", KILLED),
    "kill the parent": ("call('kill', os.getppid(), 9)", KILLED),
    "kill everybody": ("call('kill', -1, 9)", KILLED),
    "kill the group": ("call('kill', 0, 9)", KILLED),
    "a signal to a thread of the parent": ("call(234, os.getppid(), os.getppid(), 9)", KILLED),
    "a queued signal": ("call('sigqueue', os.getppid(), 9, None)", KILLED),
    "a signal through a descriptor": ("call(424, 0, 9, None, 0)", KILLED),
    "a descriptor of the parent": ("call(434, os.getppid(), 0)", KILLED),
    "a descriptor out of the parent": ("call(438, 0, 0, 0)", KILLED),
    "memory of the parent": ("call('process_vm_readv', os.getppid(), b'\\0' * 16, 1, b'\\0' * 16, 1, 0)", KILLED),
    "advice about the parent": ("call(440, 0, None, 0, 4, 0)", KILLED),
    "executable memory": ("call('mmap', None, 4096, 7, 0x22, -1, 0)", REFUSED),
    "memory made executable": (
        "b = ctypes.create_string_buffer(8192); call('mprotect', (ctypes.addressof(b) + 4095) & ~4095, 4096, 7)",
        REFUSED,
    ),
    "memory made executable with a key": ("call(329, None, 4096, 7, -1)", KILLED),
    "memory as a file": ("call('memfd_create', b'x', 0)", REFUSED),
    "secret memory": ("call(447, 0)", KILLED),
    "shared memory of System V": ("call('shmget', 0, 4096, 0o1600)", KILLED),
    "a queue of messages": ("call('msgget', 0, 0o1600)", KILLED),
    "semaphores": ("call('semget', 0, 1, 0o1600)", KILLED),
    "io_uring": ("call(425, 8, b'\\0' * 120)", KILLED),
    "bpf": ("call(321, 0, b'\\0' * 48, 48)", KILLED),
    "perf": ("call(298, b'\\0' * 112, 0, -1, -1, 0)", KILLED),
    "userfaultfd": ("call(323, 0)", KILLED),
    "keys": ("call(250, 0, -3, 1)", KILLED),
    "a namespace": ("call('unshare', 0x10000000)", KILLED),
    "another's namespace": ("call('setns', 0, 0)", KILLED),
    "personality": ("call('personality', 0)", KILLED),
    "prctl: dumpable": ("call('prctl', 4, 1, 0, 0, 0)", REFUSED),
    "prctl: outliving the parent": ("call('prctl', 1, 0, 0, 0, 0)", REFUSED),
    "prctl: another name": ("call('prctl', 15, b'init', 0, 0, 0)", REFUSED),
    "another filter": ("call(317, 1, 0, b'\\0' * 16)", KILLED),
    "another Landlock": ("call(444, None, 0, 1)", KILLED),
    "higher limits": ("call('setrlimit', 7, (ctypes.c_ulong * 2)(99, 99))", REFUSED),
    "limits of the parent": ("call(302, os.getppid(), 7, (ctypes.c_ulong * 2)(1, 1), None)", REFUSED),
    "another user": ("call('setuid', 0)", KILLED),
    "other groups": ("call('setgroups', 0, None)", KILLED),
    "rights": ("call(126, b'\\0' * 8, b'\\xff' * 24)", KILLED),
    "another priority": ("call('setpriority', 0, 0, -20)", KILLED),
    "a real-time schedule": ("call('sched_setscheduler', 0, 1, ctypes.byref(ctypes.c_int(99)))", KILLED),
    "one processor": ("call('sched_setaffinity', 0, 8, b'\\1' + b'\\0' * 7)", KILLED),
    "another session": ("call('setsid')", KILLED),
    "another group": ("call('setpgid', 0, 0)", KILLED),
    "the clock": ("call('settimeofday', b'\\0' * 16, None)", KILLED),
    "the name of the machine": ("call('sethostname', b'pwned', 5)", KILLED),
    "a reboot": ("call('reboot', 0)", KILLED),
    "a kernel module": ("call(313, 0, b'', 0)", KILLED),
    "terminal input": ("call('ioctl', 0, 0x5412, b'x')", REFUSED),
    "descriptors doubled": ("call('dup', 1)", REFUSED),
    "a pipe": ("call('pipe', (ctypes.c_int * 2)())", REFUSED),
    "flags of a descriptor": ("call('fcntl', 1, 4, 0o4000)", REFUSED),
    "an eventfd": ("call('eventfd', 0, 0)", KILLED),
    "a timer of its own": ("call('timer_create', 0, None, ctypes.byref(ctypes.c_long()))", KILLED),
    "a timer as a descriptor": ("call('timerfd_create', 0, 0)", KILLED),
    "signals as a descriptor": ("call('signalfd', -1, b'\\0' * 128, 0)", KILLED),
    "an alarm": ("call('alarm', 1); log(1 / 0)", KILLED),
    "another way to handle SIGUSR1": ("call('signal', 10, ctypes.c_void_p(1))", REFUSED),
    "a call of the other table": ("call(0x40000000 | 39)", KILLED),
    "a call that is none": ("call(9_999)", KILLED),
    "code on the stack": (
        "ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.create_string_buffer(b'\\xc3' * 64)))()",
        "it crashed the interpreter",
    ),
    "a null pointer": ("ctypes.string_at(0)", "it crashed the interpreter"),
    "an abort": ("libc.abort()", "it crashed the interpreter"),
    "an exit": ("libc._exit(0)", "its process ended unexpectedly"),
    "a stop": ("call('raise', 19)", "TimeLimit|could not be interrupted"),
}  # fmt: skip
NUMBERED = re.compile(r"call\(\(?(\d|0x)")


@jailed
@pytest.mark.parametrize(("statement", "expected"), NATIVE_CALLS.values(), ids=NATIVE_CALLS)
def test_a_program_that_is_in_the_c_library_gets_no_further(statement, expected, attacked):
    if NUMBERED.search(statement) and not ONLY_X86:
        pytest.skip("these numbers are of x86-64")
    result = attempt(program(f"if data.timestamp > 0: {statement}", NATIVE), attacked, minutes=1)
    assert re.search(expected, result.said), result.said[:500]
