"""Objects on their way to another process: pickled, arrays beside, so that they can be mapped there."""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np

from engine import PerpsimError

from .main_script import MAIN, load_main, require_main_guard, script_of_main


class NotSendable(PerpsimError):
    """An object cannot be sent to another process."""


class Packed:
    """An object as bytes: `stream` and, beside it, the memory of its arrays."""

    def __init__(self, stream: bytes, buffers: list[memoryview]) -> None:
        self.stream, self.buffers = stream, buffers

    @property
    def parts(self) -> list[memoryview | bytes]:
        """All of it: the arrays, then the stream."""
        return [*self.buffers, self.stream]

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return sum(each.nbytes for each in self.buffers) + len(self.stream)


class _Pickler(pickle.Pickler):
    """Puts arrays aside, also views and mapped ones, and notes what stands in the script that is run."""

    def __init__(self, file: io.BytesIO, aside: Callable[[pickle.PickleBuffer], bool] | None) -> None:
        super().__init__(file, protocol=5, buffer_callback=aside)
        self.needs_main = False

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, np.ndarray):
            return _reduced(obj)
        if getattr(obj, "__module__", None) == MAIN and hasattr(obj, "__qualname__"):
            self.needs_main = True
        return NotImplemented


def _reduced(array: Any) -> Any:
    """Return how an array is pickled: as one that lies in memory in one piece, also where it is mapped from a file."""
    if not array.dtype.hasobject and type(array) in (np.ndarray, np.memmap):
        return np.ascontiguousarray(array).view(np.ndarray).__reduce_ex__(5)
    return NotImplemented


def packed(thing: Any, what: str, aside: bool = False, far: bool = False) -> Packed:
    """Return an object as it is sent; `what` names it in errors. With `aside` its arrays stand beside it.

    What stands in a script is found there again, which asks for a main guard. What stands in a notebook, or nowhere, is
    sent whole by cloudpickle, where that is installed; so is, when it goes `far`, to a machine that does not have it,
    what stands in a script or in a module of which cloudpickle was told so. Raises `NotSendable` for what cannot be
    sent.
    """
    buffers: list[memoryview] = []

    def put_aside(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if not raw.nbytes:
            return True
        buffers.append(raw)
        return False

    if far:
        return Packed(_by_value(thing, what, None, put_aside if aside else None), buffers)
    file = io.BytesIO()
    pickler = _Pickler(file, put_aside if aside else None)
    try:
        pickler.dump(thing)
    except Exception as error:  # objects raise what they like when they are pickled
        buffers.clear()
        return Packed(_by_value(thing, what, error, put_aside if aside else None), buffers)
    if pickler.needs_main:
        if script_of_main() is None:
            buffers.clear()
            return Packed(_by_value(thing, what, None, put_aside if aside else None), buffers)
        require_main_guard()
    return Packed(file.getvalue(), buffers)


def _by_value(
    thing: Any, what: str, reason: Exception | None, aside: Callable[[pickle.PickleBuffer], bool] | None
) -> bytes:
    try:
        import cloudpickle
    except ModuleNotFoundError:
        _refuse(what, reason, "pip install cloudpickle", None)

    class ByValue(cloudpickle.Pickler):  # type: ignore[misc]
        def reducer_override(self, obj: Any) -> Any:
            return _reduced(obj) if isinstance(obj, np.ndarray) else super().reducer_override(obj)

    file = io.BytesIO()
    try:
        ByValue(file, protocol=5, buffer_callback=aside).dump(thing)
    except Exception as error:
        _refuse(what, reason or error, "", error)
    return file.getvalue()


def _refuse(what: str, reason: Exception | None, remedy: str, cause: Exception | None) -> NoReturn:
    why = "it stands in a notebook or at a prompt" if reason is None else f"{reason}".strip().rstrip(".")
    ways = ["define it in a file of its own and import it from there", *filter(None, [remedy]), "run it with workers=1"]
    raise NotSendable(f"{what} cannot be sent to another process ({why}): {', or '.join(ways)}") from cause


class _Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name == MAIN:
            load_main()
        return super().find_class(module_name, global_name)


def unpacked(stream: bytes | memoryview, buffers: Iterable[memoryview] = ()) -> Any:
    """Return an object again; its arrays look at the buffers."""
    return _Unpickler(io.BytesIO(stream), buffers=buffers).load()


def as_sendable(error: BaseException) -> Exception:
    """Return an error, or one that says the same where it could not be read elsewhere, or would end more there."""
    try:
        again = pickle.loads(pickle.dumps(error))
        if (
            isinstance(error, Exception)
            and type(again) is type(error)
            and sys.modules.get(type(error).__module__) is not None
        ):
            return error
    except Exception as problem:
        return PerpsimError(f"{type(error).__name__}: {error} ({problem})")
    return PerpsimError(f"{type(error).__name__}: {error}")
