"""The environment of a worker process: that of this one without what is secret."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from processes import HASH_SEED

#: Names of what only this process needs: passwords, tokens, keys, and where databases are.
_SECRET_NAME = re.compile(
    r"PASSW(OR)?D|PASSPHRASE|PASSFILE|(^|_)PASS($|_)|SECRET|TOKEN|CREDENTIAL|KEY|^PG|DATABASE|DSN", re.IGNORECASE
)
#: A URL with a password.
_SECRET_VALUE = re.compile(r"://[^/\s@]*:[^/\s@]*@")

#: Workers are as many as the processors: each takes one.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def worker_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a worker: nothing secret, the fixed hash seed, one thread for linear algebra."""
    kept = {
        name: value
        for name, value in environment.items()
        if not _SECRET_NAME.search(name) and not _SECRET_VALUE.search(value)
    }
    return {**kept, "PYTHONHASHSEED": HASH_SEED, "PYTHONUNBUFFERED": "1", **dict.fromkeys(_ONE_THREAD, "1")}
