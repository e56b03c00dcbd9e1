"""The shapes of answers about uploaded files, imports and downloads."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Uploaded(BaseModel):
    """A file that waits for its import; times are in epoch ms."""

    id: str
    name: str
    size: int
    added_ms: int
    expires_ms: int = Field(description="when it is thrown away")


class UploadedFiles(BaseModel):
    """The files that wait."""

    files: list[Uploaded]


class LookedRows(BaseModel):
    """What one file holds, as it would be stored."""

    what: str
    rows: int
    period: str | None
    time_unit: str
    market: str | None
    columns: dict[str, str] = Field(description="the title of the column that was taken for each field")
    remarks: list[str]
    sample_heads: list[str]
    sample: list[list[float | None]] = Field(description="the first rows")
    first_ms: int | None
    last_ms: int | None


class LookedGroup(BaseModel):
    """What is imported together: a symbol, a kind, of klines a period."""

    symbol: str
    kind: str
    period: str | None
    names: list[str] = Field(description="of features")
    files: list[LookedRows]


class LookedFile(BaseModel):
    """What a file is recognised as, or why it cannot be imported as it is."""

    lines: list[str] = Field(description="its first lines, where it is a text")
    problem: str | None
    groups: list[LookedGroup]
    remarks: list[str]


class StartedJob(BaseModel):
    """An import or a download that was started, or cancelled."""

    id: int


class JobProgress(BaseModel):
    """How far the present step of a job has come."""

    what: str
    done: int
    total: int | None


class Job(BaseModel):
    """An import or a download."""

    id: int
    kind: str
    status: str
    status_text: str
    title: str
    message: str
    report: list[str]
    progress: JobProgress | None = Field(description="null when it is over")
    created_ms: int
    ended_ms: int | None


class Jobs(BaseModel):
    """Imports and downloads, the newest first."""

    jobs: list[Job]
    total: int


class DataForms(BaseModel):
    """What the forms of imports and downloads have."""

    fields: list[dict[str, Any]] = Field(description="how files are read")
    periods: list[str]
    venues: list[str] = Field(description="some of those that there are")
    download_problem: str | None = Field(description="why nothing can be downloaded here")
    largest_upload: int = Field(description="in bytes")
