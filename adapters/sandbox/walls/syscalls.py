"""System calls by number: which of them a locked-down interpreter needs, and which it asks for without needing them."""

from __future__ import annotations

from typing import NamedTuple


class SyscallTable(NamedTuple):
    """The calls of one machine, by name. What is in none of the groups kills the process.

    `allowed` are free, `without_exec` may map no executable memory, `without_merging` may not offer pages to be shared
    with equal ones of other processes, `own_process` may only signal the caller, `refused` fail with EPERM, `unknown`
    with ENOSYS (so that the C library takes the older call).
    """

    audit_arch: int
    has_x32: bool
    allowed: dict[str, int]
    without_exec: dict[str, int]
    without_merging: dict[str, int]
    own_process: dict[str, int]
    refused: dict[str, int]
    unknown: dict[str, int]


_NEW = {"clone3": 435, "openat2": 437, "faccessat2": 439}

_X86_64 = SyscallTable(
    audit_arch=0xC000003E,
    has_x32=True,
    allowed={
        "write": 1, "futex": 202, "clock_gettime": 228, "munmap": 11, "brk": 12, "mremap": 25,
        "read": 0, "readv": 19, "writev": 20, "close": 3, "lseek": 8, "fstat": 5, "poll": 7,
        "sched_yield": 24, "sched_getaffinity": 204, "membarrier": 324, "rseq": 334, "set_robust_list": 273,
        "clock_getres": 229, "clock_nanosleep": 230, "nanosleep": 35, "gettimeofday": 96, "getitimer": 36,
        "setitimer": 38, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sigaltstack": 131, "restart_syscall": 219,
        "getpid": 39, "getppid": 110, "gettid": 186, "getuid": 102, "geteuid": 107, "getgid": 104, "getegid": 108,
        "getrusage": 98, "getrandom": 318, "exit": 60, "exit_group": 231,
    },
    without_exec={"mmap": 9, "mprotect": 10},
    without_merging={"madvise": 28},
    own_process={"kill": 62, "tgkill": 234},
    refused={
        "open": 2, "stat": 4, "lstat": 6, "rt_sigaction": 13, "ioctl": 16, "access": 21, "pipe": 22, "dup": 32,
        "dup2": 33, "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "uname": 63, "fcntl": 72, "getdents": 78,
        "getcwd": 79, "rename": 82, "mkdir": 83, "rmdir": 84, "unlink": 87, "readlink": 89, "getrlimit": 97,
        "sysinfo": 99, "prctl": 157, "setrlimit": 160, "getdents64": 217, "mbind": 237, "set_mempolicy": 238,
        "get_mempolicy": 239, "openat": 257, "mkdirat": 258, "newfstatat": 262, "unlinkat": 263, "renameat": 264,
        "readlinkat": 267, "faccessat": 269, "dup3": 292, "pipe2": 293, "prlimit64": 302, "renameat2": 316,
        "memfd_create": 319,
    },
    unknown={**_NEW, "statx": 332},
)  # fmt: skip

_AARCH64 = SyscallTable(
    audit_arch=0xC00000B7,
    has_x32=False,
    allowed={
        "write": 64, "futex": 98, "clock_gettime": 113, "munmap": 215, "brk": 214, "mremap": 216,
        "read": 63, "readv": 65, "writev": 66, "close": 57, "lseek": 62, "fstat": 80, "ppoll": 73,
        "sched_yield": 124, "sched_getaffinity": 123, "membarrier": 283, "rseq": 293, "set_robust_list": 99,
        "clock_getres": 114, "clock_nanosleep": 115, "nanosleep": 101, "gettimeofday": 169, "getitimer": 102,
        "setitimer": 103, "rt_sigprocmask": 135, "rt_sigreturn": 139, "sigaltstack": 132, "restart_syscall": 128,
        "getpid": 172, "getppid": 173, "gettid": 178, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177,
        "getrusage": 165, "getrandom": 278, "exit": 93, "exit_group": 94,
    },
    without_exec={"mmap": 222, "mprotect": 226},
    without_merging={"madvise": 233},
    own_process={"kill": 129, "tgkill": 131},
    refused={
        "openat": 56, "newfstatat": 79, "faccessat": 48, "readlinkat": 78, "getcwd": 17, "getdents64": 61, "ioctl": 29,
        "fcntl": 25, "dup": 23, "dup3": 24, "pipe2": 59, "uname": 160, "sysinfo": 179, "clone": 220,
        "rt_sigaction": 134, "prctl": 167, "prlimit64": 261, "getrlimit": 163, "setrlimit": 164, "socket": 198,
        "mkdirat": 34, "unlinkat": 35, "renameat": 38, "renameat2": 276, "memfd_create": 279, "mbind": 235,
        "get_mempolicy": 236, "set_mempolicy": 237,
    },
    unknown={**_NEW, "statx": 291},
)  # fmt: skip

#: By what `platform.machine` says.
SYSCALL_TABLES = {"x86_64": _X86_64, "aarch64": _AARCH64}
