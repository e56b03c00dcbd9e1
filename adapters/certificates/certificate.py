"""The certificate of a back-test: what has been proved of its result, check by check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from engine.instants import utc_text
from engine.json_text import json_pieces
from engine.plain_values import counted

from ..output import atomic_file
from .certificate_check import CertificateCheck, Verdict
from .certificate_contents import CertificateContents

TEXT_WIDTH = 80


@dataclass(frozen=True, repr=False)
class Certificate:
    """The checks of a certificate, and its verdict with its reason.

    `contents` are versions and hashes of what it is of.
    `title` says what was run, `start_ms` and `end_ms` over which range, `digest` is that of the result that it is of.
    `print` and `str` have it as a text.
    """

    title: str
    start_ms: int
    end_ms: int
    digest: str
    checks: Sequence[CertificateCheck]
    contents: CertificateContents | None = None

    @property
    def verdict(self) -> Verdict:
        """Failed where a check is, not shown where one is, else passed; what is noted changes nothing."""
        verdicts = {each.verdict for each in self.checks}
        return next((each for each in (Verdict.FAILED, Verdict.NOT_SHOWN) if each in verdicts), Verdict.PASSED)

    @property
    def reason(self) -> str:
        """Why the verdict is what it is."""
        decisive = [each for each in self.checks if each.verdict is self.verdict]
        if self.verdict is Verdict.PASSED:
            noted = [each.title for each in self.checks if each.verdict is Verdict.NOTED]
            beside = f", noted: {', '.join(noted)}" if noted else ""
            return f"{'all ' * (len(decisive) > 1 and not noted)}{counted(len(decisive), 'check')} passed{beside}"
        return f"{self.verdict}: {', '.join(each.title for each in decisive)}"

    def check(self, name: str) -> CertificateCheck:
        """Return the check of a name."""
        return next(each for each in self.checks if each.name == name)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Certificate:
        """Return the certificate that `to_dict` has told, as it stands beside a stored result."""
        contents = told["contents"]
        return cls(
            told["title"],
            told["start_time"],
            told["end_time"],
            told["digest"],
            [CertificateCheck.from_dict(each) for each in told["checks"]],
            None if contents is None else CertificateContents(**contents),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as plain values."""
        return {
            "title": self.title,
            "start_time": self.start_ms,
            "end_time": self.end_ms,
            "digest": self.digest,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "contents": None if self.contents is None else self.contents.to_dict(),
            "checks": [each.to_dict() for each in self.checks],
        }

    def save_json(self, path: str | Path) -> None:
        """Write the certificate as JSON, whole or not at all; `DataError` when it cannot be."""
        with atomic_file(path) as file:
            file.writelines(piece.encode() for piece in json_pieces(self.to_dict()))

    @property
    def period(self) -> str:
        """The range as a text."""
        return f"{utc_text(self.start_ms)} to {utc_text(self.end_ms)}"

    def __str__(self) -> str:
        from rich.console import Console  # what only a text needs

        from .certificate_text import print_certificate

        out = StringIO()
        print_certificate(self, Console(file=out, width=TEXT_WIDTH))
        return out.getvalue().rstrip("\n")

    def __repr__(self) -> str:
        return f"<certificate of {self.title}: {self.verdict}, {self.reason}; print it, .save_json(path) writes it>"
