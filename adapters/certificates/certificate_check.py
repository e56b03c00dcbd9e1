"""One check of a certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.plain_values import plain


class Verdict(StrEnum):
    """What a check, or a certificate, came to. A check has noted what is no fault of anybody's, and must be known: its
    reason tells it. No certificate is noted.
    """

    PASSED = "passed"
    FAILED = "failed"
    NOT_SHOWN = "not shown"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class CertificateCheck:
    """What one check has found: `proves` is what it shows where it is passed, `reason` why the verdict is what it is.

    `not_shown` are things that it cannot show, each a sentence; `evidence` are facts behind it by name.
    """

    name: str
    title: str
    proves: str
    verdict: Verdict
    reason: str
    not_shown: Sequence[str] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> CertificateCheck:
        """Return the check that `to_dict` has told."""
        return cls(**{**told, "verdict": Verdict(told["verdict"])})

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "proves": self.proves,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "not_shown": list(self.not_shown),
            "evidence": plain(dict(self.evidence)),
        }
