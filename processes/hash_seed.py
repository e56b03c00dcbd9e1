"""Whether a program in this process sees sets of texts in the same order in every process."""

from __future__ import annotations

import sys

#: The seed of the sandbox and of the command: the one seed that switches randomisation off.
HASH_SEED = "0"

HASH_SEED_WARNING = (
    "a strategy that goes through a set of texts may decide otherwise in another process, because hash randomisation "
    f"is on in this one; start Python with PYTHONHASHSEED={HASH_SEED} and every run gives the same bytes"
)


def is_hash_random() -> bool:
    """Tell whether hashes of texts, and with them the order of sets, may be others in another process.

    See https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED: a seed other than 0 gives an order of its
    own and counts as random here; what is set in the environment after the start has no effect.
    """
    return bool(sys.flags.hash_randomization)
