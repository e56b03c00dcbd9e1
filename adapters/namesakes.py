"""Files of a user's own that bear the name of one of our packages and come before it on the search path."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def refuse_namesakes() -> None:
    """Raise an `ImportError` that names the first file that hides one of our packages below this; nothing is run."""
    for name in ("engine", "processes"):
        found = _place_of(name)
        if found is not None and _folder_of(found) != Path(__file__).parents[1] / name:
            raise ImportError(
                f"{found} hides the package {name} of perpsim, which has the same name: rename it, or start Python "
                "where it is not found first",
                name=name,
                path=str(found),
            )


def _place_of(name: str) -> Path | None:
    """Return the file or the folder that an import of a top-level name takes, None when there is none."""
    spec = find_spec(name)
    places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
    return next((Path(place) for place in places if place is not None), None)


def _folder_of(place: Path) -> Path:
    return place.parent if place.stem == "__init__" else place
