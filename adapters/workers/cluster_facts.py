"""What must be the same on a worker of a cluster and here, so that both come to the same bytes.

The text of this module is run on workers of whichever Python and with whichever perpsim, or none: it stands alone.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import platform
from pathlib import Path

_PACKAGES = ("engine", "processes", "adapters")
_ENDINGS = (".py", ".toml")
#: Stands in adapters in a clone, and elsewhere in an installation.
_FACE = "adapters/face/"


def facts() -> dict[str, str]:
    """Return the versions of Python, numpy and perpsim here ("" for what is not installed), and a digest of the code
    of perpsim.
    """
    found = {name: _version(name) for name in ("numpy", "perpsim")}
    return {"python": platform.python_version(), **found, "code": _code_digest()}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _code_digest() -> str:
    """Return what tells two states of the code apart, "" where there is none."""
    digest = hashlib.blake2b(digest_size=8)
    for package in _PACKAGES:
        found = importlib.util.find_spec(package)
        if found is None or not found.origin:
            return ""
        root = Path(found.origin).parent
        names = sorted(each.relative_to(root).as_posix() for each in root.rglob("*") if each.suffix in _ENDINGS)
        for name in names:
            if not f"{package}/{name}".startswith(_FACE):
                digest.update(f"{package}/{name}\n".encode())
                digest.update(hashlib.blake2b((root / name).read_bytes()).digest())
    return digest.hexdigest()
