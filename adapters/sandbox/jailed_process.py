"""A worker as its parent sees it: frames come out of it, and it can be killed."""

from __future__ import annotations

import fcntl
import marshal
import os
import re
import select
import signal
from contextlib import ExitStack, suppress
from typing import Any

from engine.errors import ProgramLost
from engine.plain_values import printable

from .frame import (
    AGAIN,
    AGAIN_FRAME,
    EMPTY_FRAME,
    HEADER_BYTES,
    MOST_FRAME_BYTES,
    NOTHING,
    QUICK_READ_BYTES,
    FrameError,
    decode,
    framed,
)
from .job import Job, pack
from .processors import OneProcessor
from .watchdog import Watchdog
from .zygote_client import ZygoteClient

_READ_BYTES = 1 << 18
_MOST_ERROR_BYTES = 20_000
_PIPE_BYTES = 1 << 20
_READ_BYTES = 65_536
_PROGRAM_LINE = re.compile(rb'File "<program>", line (\d{1,9})\b')
_ENDINGS = {
    -signal.SIGSYS: "it made a system call that programs may not make",
    -signal.SIGSEGV: "it crashed the interpreter",
    -signal.SIGABRT: "it crashed the interpreter",
    -signal.SIGBUS: "it crashed the interpreter",
    -signal.SIGXCPU: "it used up its processor time",
    -signal.SIGKILL: "it was killed from outside",
}


class WorkerProcess:
    """One worker with a job and the memory `arena`. Nothing that it writes is believed; `close` ends it and releases
    everything. From `share_processor` on it and the thread that asks run on one processor.
    """

    def __init__(self, zygote: ZygoteClient, job: Job, arena: int, uid: int) -> None:
        self._zygote, self._limits = zygote, job.limits
        self._buffer = bytearray()
        self._errors = b""
        self._received = 0
        self._last_payload: bytes | bytearray = b""
        self._status: int | None = None
        self._processor: OneProcessor | None = None
        with ExitStack() as kept:
            self._start(arena, uid, kept)
            self._write_framed(framed(job.source.encode("utf-8", "surrogatepass")))
            self._write_framed(framed(pack(job)))
            self._kept = kept.pop_all()

    def _start(self, arena: int, uid: int, kept: ExitStack) -> None:
        with ExitStack() as handed_over:
            request_end, self._request = os.pipe2(os.O_CLOEXEC)
            _closed_by(handed_over, request_end)
            self._result, result_end = _pipe(kept, handed_over)
            self._error, error_end = _pipe(kept, handed_over)
            for descriptor in (_closed_by(kept, self._request), self._error):
                os.set_blocking(descriptor, False)
            with suppress(OSError):  # a smaller pipe works as well
                fcntl.fcntl(self._result, getattr(fcntl, "F_SETPIPE_SZ", 1031), _PIPE_BYTES)
            self._pid, self._pidfd = self._zygote.fork([request_end, result_end, error_end, arena], uid)
            kept.callback(os.close, self._pidfd)
            kept.callback(self._end)
        self.watchdog = Watchdog(self._limits, self._send, self._look)
        kept.callback(self.watchdog.stop)

    def _send(self, number: int) -> None:
        with suppress(ProcessLookupError):  # it has ended by itself meanwhile
            signal.pidfd_send_signal(self._pidfd, number)

    def share_processor(self) -> None:
        """Keep it on one processor with the thread that calls this, which is the one that asks, to the end."""
        self._processor = OneProcessor(self._pid)
        self._kept.callback(self._processor.leave)

    def ask(self, question: bytes) -> dict[str, Any]:
        """Send a framed message and return the next frame, for which the worker has the time of an answer."""
        watchdog = self.watchdog
        now_s, processor = watchdog.begin(), self._processor
        if processor is not None and now_s >= processor.stay_until_s:
            processor.take_turn(now_s)
        try:
            sent = os.write(self._request, question)
        except OSError:  # full, or closed
            sent = 0
        if sent < len(question) or self._buffer:
            self._write_framed(question[sent:])
            return self.frame()
        content = os.read(self._result, QUICK_READ_BYTES)
        watchdog.waited()
        if content == EMPTY_FRAME:  # nearly all are
            return NOTHING
        if content == AGAIN_FRAME:
            return AGAIN
        if int.from_bytes(content[:HEADER_BYTES], "little") == len(content) - HEADER_BYTES:  # nearly all of the others
            return self._decoded(content[HEADER_BYTES:])
        self._buffer += content
        return self.frame()

    def say(self, message: tuple[Any, ...]) -> None:
        """Send a message of plain values. Raises `ProgramLost` when nobody takes it."""
        self._write_framed(framed(marshal.dumps(message)))

    def _write_framed(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            try:
                view = view[os.write(self._request, view) :]
            except BlockingIOError:
                self.watchdog.wait()
                select.select([], [self._request], [])
                self.watchdog.waited()
            except BrokenPipeError:
                raise self.lost(self._how_it_ended()) from None

    def frame(self) -> dict[str, Any]:
        """Wait for the next frame. Raises `ProgramLost` when none can come any more, or when it cannot be believed."""
        while (payload := self._payload()) is None:
            self.watchdog.wait()
            content = os.read(self._result, _READ_BYTES)
            self.watchdog.waited()
            if not content:
                raise self.lost(self._how_it_ended())
            self._buffer += content
        return self._decoded(payload)

    def _payload(self) -> bytearray | None:
        """Take the first whole payload out of what has been read, if there is one."""
        if len(self._buffer) < HEADER_BYTES:
            return None
        size = int.from_bytes(self._buffer[:HEADER_BYTES], "little")
        if size > MOST_FRAME_BYTES:
            raise self.lost(f"it reported {size:,} bytes at once")
        end = HEADER_BYTES + size
        if len(self._buffer) < end:
            return None
        payload = self._buffer[HEADER_BYTES:end]
        del self._buffer[:end]
        return payload

    def _decoded(self, payload: bytes | bytearray) -> dict[str, Any]:
        if payload != self._last_payload:  # one that says the same as the last one leaves nothing that is kept
            self._received += len(payload)
            self._last_payload = payload
        if self._received > self._limits.result_bytes:
            raise self.lost(f"it reported more than {self._limits.result_bytes:,} bytes")
        try:
            return decode(payload)
        except FrameError as error:
            raise self.lost(f"its report cannot be believed: {error}") from error

    def lost(self, why: str) -> ProgramLost:
        """Kill the worker and return the error that says why its run cannot go on."""
        self.watchdog.stop()
        self.watchdog.kill(why)
        reason = self.watchdog.reason or why
        line = self._last_line()
        return ProgramLost(f"the program was stopped: {reason}" + ("" if line is None else f" (line {line})"))

    def _how_it_ended(self) -> str:
        self.watchdog.stop()
        if self.watchdog.reason is not None:
            return self.watchdog.reason
        self._send(signal.SIGKILL)
        status = self._wait()
        self._read_errors()
        what = _ENDINGS.get(status, f"its process ended unexpectedly (status {status})")
        last = self._errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return f"{what}: {printable(last, 300)}" if status > 0 and last else what

    def _look(self, takes_long: bool) -> None:
        if takes_long and self._processor is not None:
            self._processor.leave()
        self._read_errors()

    def _read_errors(self) -> None:
        """Read what is there, in the watchdog's thread as long as that looks; the last of it is kept."""
        with suppress(BlockingIOError):
            for _ in range(_PIPE_BYTES // _READ_BYTES):  # more than a full pipe comes at the next look
                part = os.read(self._error, _READ_BYTES)
                self._errors = (self._errors + part)[-_MOST_ERROR_BYTES:]
                if len(part) < _READ_BYTES:
                    return

    def _last_line(self) -> int | None:
        """Return the innermost line of the program in the last place that the worker wrote down."""
        self._read_errors()
        dump = self._errors[self._errors.rfind(b"most recent call first") :]
        found = _PROGRAM_LINE.search(dump)
        return None if found is None else int(found[1])

    def _wait(self) -> int:
        if self._status is None:
            self._status = self._zygote.wait(self._pid)
        return self._status

    def _end(self) -> None:
        if self._status is None:
            self._send(signal.SIGKILL)
            self._wait()

    def close(self) -> None:
        """Kill the worker, wait for its end, close every descriptor. May be called twice."""
        self._kept.close()


def _pipe(kept: ExitStack, handed_over: ExitStack) -> tuple[int, int]:
    """Return the ends of a new pipe: the one that is read from, and the other one."""
    end, other = os.pipe2(os.O_CLOEXEC)
    return _closed_by(kept, end), _closed_by(handed_over, other)


def _closed_by(stack: ExitStack, descriptor: int) -> int:
    stack.callback(os.close, descriptor)
    return descriptor
