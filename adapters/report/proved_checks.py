"""What a page shows of what was proved of a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from engine.instants import utc_text

_PASSED = "passed"
#: How a verdict looks: what is neither of them is to be looked at.
_TONES = {_PASSED: "good", "failed": "bad", "noted": "soft"}
_OTHER = "warn"


def shown_certificate(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page shows of a certificate: its checks without their evidence, and its contents in words, with
    the hashes that others check it by; {} of a result without one.
    """
    if not certificate:
        return {}
    return {
        **_judged(certificate),
        "about": f"{certificate['title']}, {utc_text(certificate['start_time'])} to "
        f"{utc_text(certificate['end_time'])}",
        "counted": _counted([each["verdict"] for each in certificate["checks"]]),
        "checks": [
            {**_judged(each), **{name: each[name] for name in ("title", "proves", "not_shown")}}
            for each in certificate["checks"]
        ],
        "contents": _contents(certificate),
    }


def _counted(verdicts: Sequence[str]) -> str:
    """Return how many checks passed, and what became of the others."""
    counts = Counter(verdicts)
    passed = counts.pop(_PASSED, 0)
    others = "".join(f", {count:,} {verdict}" for verdict, count in counts.items())
    return f"{passed:,} of {len(verdicts):,} checks passed{others}"


def _judged(told: Mapping[str, Any]) -> dict[str, Any]:
    verdict = told["verdict"]
    return {"verdict": verdict, "tone": _TONES.get(verdict, _OTHER), "reason": told["reason"]}


def _contents(certificate: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return names and values of what must be the same for it to be a certificate of the same run."""
    contents = certificate["contents"]
    listed = [("Digest of the result", certificate["digest"])]
    if contents is None:
        return listed
    listed += [("Head of the journal", contents["head"]), ("Configuration", contents["configuration"])]
    listed += [(f"Data of {name}", found) for name, found in contents["data"].items()]
    listed += [(f"Code of {name}", found or "its text is not to be had") for name, found in contents["code"].items()]
    settings = ", ".join(f"{name} {value}" for name, value in contents["settings"].items())
    versions = ", ".join(f"{name} {number}" for name, number in contents["versions"].items())
    return [*listed, ("Runs", settings), ("Versions", versions)]
