"""A certificate as text, which fits into 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from .certificate import Certificate
from .certificate_check import CertificateCheck, Verdict
from .certificate_contents import CertificateContents

_STYLES = {Verdict.PASSED: "green", Verdict.FAILED: "red", Verdict.NOT_SHOWN: "yellow", Verdict.NOTED: "cyan"}
_INDENT = (0, 0, 0, 4)


def print_certificate(certificate: Certificate, console: Console) -> None:
    """Print a certificate: its verdict, and of each check what it proves, its verdict and why."""
    with console.capture() as capture:
        console.print(Group(*_parts(certificate)), highlight=False)
    lines = (line.rstrip() for line in capture.get().rstrip().splitlines())
    console.file.write("".join(f"{line}\n" for line in lines))


def _parts(certificate: Certificate) -> Iterator[RenderableType]:
    yield Text(certificate.title, style="bold")
    yield Text(f"{certificate.period}, digest {certificate.digest}")
    yield Text()
    verdict = certificate.verdict
    yield Text.assemble("Certificate: ", (verdict.upper(), f"bold {_STYLES[verdict]}"), f", {certificate.reason}")
    for check in certificate.checks:
        yield Text()
        yield from _check(check)
    if certificate.contents is not None:
        yield Text()
        yield from _contents(certificate.contents)


def _contents(contents: CertificateContents) -> Iterator[RenderableType]:
    yield Text(", ".join(f"{name} {number}" for name, number in contents.versions.items()), style="dim")
    for what, hashes in (("Data", contents.data), ("Code", contents.code)):
        for name, found in hashes.items():
            yield Text(f"{what} {name}: {found or 'its text is not to be had'}", style="dim")
    yield Text(f"Configuration: {contents.configuration}", style="dim")
    yield Text(f"Journal: {contents.head}", style="dim")


def _check(check: CertificateCheck) -> Iterator[RenderableType]:
    yield Text.assemble((check.title, "bold"), ": ", (check.verdict, _STYLES[check.verdict]))
    yield Padding(Text(check.reason), _INDENT)
    is_proved = "Proved" if check.verdict is Verdict.PASSED else "To be proved"
    yield Padding(Text(f"{is_proved}: {check.proves[:1].lower()}{check.proves[1:]}", style="dim"), _INDENT)
    for each in check.not_shown:
        yield Padding(Text(f"Not shown for {each}", style="yellow"), _INDENT)
