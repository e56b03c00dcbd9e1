"""The limit of this process's own memory: what is too much fails here, and the machine goes on."""

import os
import resource
import subprocess
import sys

from adapters.sandbox.walls.jail import address_space
from tests.conftest import ROOT

TOO_MUCH = """
import os, resource
from adapters.sandbox import limited_memory
before = resource.getrlimit(resource.RLIMIT_AS)
with limited_memory():
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with limited_memory():
        assert resource.getrlimit(resource.RLIMIT_AS) == (soft, hard)
    print(soft, hard)
    try:
        bytearray(os.sysconf("SC_PHYS_PAGES") * resource.getpagesize() + (1 << 30))
    except MemoryError:
        print("refused")
assert resource.getrlimit(resource.RLIMIT_AS) == before
"""


def test_more_than_the_machine_has_is_refused_and_a_limit_that_is_there_stays():
    done = subprocess.run([sys.executable, "-c", TOO_MUCH], cwd=ROOT, capture_output=True, text=True, check=True)
    limits, said = done.stdout.splitlines()
    soft, hard = map(int, limits.split())
    memory = os.sysconf("SC_PHYS_PAGES") * resource.getpagesize()
    assert memory < soft < memory + 8 * address_space()
    assert (hard, said) == (resource.getrlimit(resource.RLIMIT_AS)[1], "refused")
