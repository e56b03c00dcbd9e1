"""The filter of system calls, answered as the kernel would."""

import pytest

from adapters.sandbox.walls.seccomp import instructions
from adapters.sandbox.walls.syscalls import SYSCALL_TABLES


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
