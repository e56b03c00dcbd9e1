"""The zygote: a process that has everything imported and forks a worker for each run.

It is started clean (empty environment, no descriptor but its socket), holds no data and never runs a program itself.
It ends when the process that started it does.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import traceback
import warnings
from collections.abc import Callable

_MOST_BYTES = 4_096
_DESCRIPTORS = 4
_REHEARSALS = 3
_SMALL = 64  # what a larger answer needs would leave a hole among the rest

#: What a worker does with its three descriptors, its parent's id and its user's.
Work = Callable[[int, int, int, int, int], None]


def main() -> None:
    """Serve the process at the other end of the socket that the first argument numbers."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # they are for the process that started it
        signal.signal(number, signal.SIG_IGN)
    gc.disable()  # what is imported is there to stay: looking through it takes a tenth of the time
    try:
        from .walls import live_apart
        from .warming import warm_up

        live_apart()
        warnings.simplefilter("ignore")
        warm_up()
        gc.enable()
        gc.collect()  # the holes that it leaves take up what is not of the same size in every worker
        gc.freeze()
        _rehearse()
    except Exception as error:
        channel.send(json.dumps({"error": f"{type(error).__name__}: {error}"[:2_000]}).encode())
        return
    channel.send(b'{"ready": true}')
    _serve(channel)


def _serve(channel: socket.socket) -> None:
    children: set[int] = set()
    while _answer(channel, children):
        continue
    for child in children:
        os.kill(child, signal.SIGKILL)
    os._exit(0)  # there is nothing to be put in order, and somebody waits


def _in_the_jail(*given: int) -> None:
    from .jailed_worker import work

    work(*given)


def _nothing(*_: int) -> None:
    """What a worker does at a rehearsal."""


def _answer(channel: socket.socket, children: set[int], work: Work = _in_the_jail) -> bool:
    """Do what is asked for next; tell whether there was anything. A worker does `work`."""
    message, descriptors, _, _ = socket.recv_fds(channel, _MOST_BYTES, _DESCRIPTORS)
    if not message:
        return False
    request = json.loads(message)
    if request["what"] == "fork":
        child = _fork(channel, descriptors, request["uid"], work)
        children.add(child)
        answer = {"pid": child}
    else:
        _, status = os.waitpid(request["pid"], 0)
        children.discard(request["pid"])
        answer = {"status": os.waitstatus_to_exitcode(status)}
    channel.send(json.dumps(answer).encode())
    gc.collect()  # it also empties the lists of objects to be used again, whose order is that of the runs before
    return True


def _rehearse() -> None:
    """Serve a few runs of nothing: from then on the objects of every run lie where those of the one before lay."""
    channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    children: set[int] = set()
    nothing = os.open(os.devnull, os.O_RDWR)
    with channel, other:
        for _ in range(_REHEARSALS):
            request = json.dumps({"what": "fork", "uid": os.getuid()}).encode()
            socket.send_fds(other, [request], [nothing] * _DESCRIPTORS)
            _answer(channel, children, _nothing)
            pid = json.loads(other.recv(_SMALL))["pid"]
            other.send(json.dumps({"what": "wait", "pid": pid}).encode())
            _answer(channel, children)
            other.recv(_SMALL)
    os.close(nothing)


def _fork(channel: socket.socket, descriptors: list[int], uid: int, work: Work) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        for descriptor in descriptors:
            os.close(descriptor)
        return child
    status = 1
    try:
        channel.close()
        requests, results, errors, arena = descriptors
        os.dup2(errors, 1)
        os.dup2(errors, 2)
        os.close(errors)
        work(requests, results, arena, parent, uid)
        status = 0
    except BaseException:  # whatever it is must not come back into the zygote's loop
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(status)
