"""A server of demo.calculator.Calculator: server.py [--split N] [--frame BYTES]

Written from docs/wire.md alone (and idl/calculator.rpc), with nothing but Python's standard
library; it may serve as an example. It serves golden/shapes.rpc too, and streams of
golden/streams.rpc. It prints `listening HOST:PORT` and ends when its standard input ends. Numbers such as R22 or L7 are those of the page.
"""

from __future__ import annotations

import argparse
import math
import socket
import struct
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Callable

import shapes_service
import streams_service
import speaker as s
from speaker import BadValue, Broken, Declared, Ended, Failed, Frame, Step, Unpacker, WrongMagic

MAX_MESSAGE = 4 * 2**20             # L2
MAX_HELD = 8 * 2**20                # L3; with MAX_CONNECTIONS it also keeps L4
MAX_QUEUED = 4 * 2**20              # L5
MAX_CONNECTIONS = 64                # L14
MAX_HISTORY = 10_000
LINGER = 1.0                        # seconds (R45)
ROOMY = s.Preface(1024, 2**20, s.MIN_WINDOW)     # the least window: credit soon runs out
SMALLEST = s.Preface()

Job = Callable[..., bytes]          # a handler with its arguments: takes its Streams, if any, and
                                    # returns the packed results


def log(text: str) -> None:
    print(s.clean_text(text), file=sys.stderr, flush=True)


# --- The service -----------------------------------------------------------------------------

def bits_needed(value: int) -> int:
    return (value if value >= 0 else ~value).bit_length() + 1


def divide_towards_zero(a: int, b: int) -> int:
    if b == 0:
        raise Declared(s.DIVIDE_BY_ZERO)
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


OPERATIONS: dict[int, Callable[[int, int], int]] = {
    s.OP_ADD: lambda a, b: a + b,
    s.OP_SUBTRACT: lambda a, b: a - b,
    s.OP_MULTIPLY: lambda a, b: a * b,
    s.OP_DIVIDE: divide_towards_zero,
}


class Calculator:
    """The handlers, and the reading of their parameters."""
    methods = s.METHODS

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.steps: deque[Step] = deque(maxlen=MAX_HISTORY)

    def job(self, method: s.Method, data: Unpacker) -> Job:
        """Unpacks the parameters, to the last byte, and binds them to the handler."""
        reader = {s.ADD: self._read_add, s.DIVIDE: self._read_divide, s.APPLY: self._read_apply,
                  s.STATS: self._read_stats, s.HISTORY: self._read_history, s.LOG: self._read_log,
                  s.PING_METHOD: lambda _: lambda: b""}[method]
        job = reader(data)
        data.finish(method.name)
        return job

    def _read_add(self, data: Unpacker) -> Job:
        a, b = data.number("i", "a"), data.number("i", "b")
        return lambda: self._calculate(s.OP_ADD, a, b)

    def _read_divide(self, data: Unpacker) -> Job:
        a, b = data.number("i", "a"), data.number("i", "b")
        return lambda: self._calculate(s.OP_DIVIDE, a, b)

    def _read_apply(self, data: Unpacker) -> Job:
        op, a, b = data.number("B", "op"), data.number("i", "a"), data.number("i", "b")
        return lambda: self._calculate(op, a, b)

    def _read_stats(self, data: Unpacker) -> Job:
        values = data.values("values", s.MAX_VALUES)
        return lambda: self._stats(values)

    def _read_history(self, data: Unpacker) -> Job:
        limit = data.number("I", "limit")
        return lambda: self._history(limit)

    def _read_log(self, data: Unpacker) -> Job:
        line = data.string("line", s.MAX_LINE)

        def run() -> bytes:
            log("log: " + line)
            return b""
        return run

    def _calculate(self, op: int, a: int, b: int) -> bytes:
        if op not in OPERATIONS:
            raise Failed(s.INVALID_ARGUMENT, "op: %d is not an operation" % op)
        result = None
        try:
            value = OPERATIONS[op](a, b)
            if not s.I32_MIN <= value <= s.I32_MAX:
                raise Declared(s.OVERFLOW, struct.pack("!I", bits_needed(value)))
            result = value
        finally:
            with self.lock:
                self.steps.appendleft(Step(op, a, b, result))
        return struct.pack("!i", value)

    @staticmethod
    def _stats(values: list[float]) -> bytes:
        if not values:
            raise Failed(s.INVALID_ARGUMENT, "values: there is no mean of nothing")
        mean = sum(values) / len(values)
        variance = sum((value - mean) * (value - mean) for value in values) / len(values)
        return struct.pack("!dd", mean, math.sqrt(variance))

    def _history(self, limit: int) -> bytes:
        with self.lock:
            steps = [step for step, _ in zip(self.steps, range(limit))]
        return struct.pack("!I", len(steps)) + b"".join(step.pack() for step in steps)


# --- Writing ---------------------------------------------------------------------------------

class Outbox:
    """Writes messages in a thread of its own, so that the reader never waits for it (R2).

    Messages in parts take turns: a large reply does not hold up small ones (R23).
    """

    def __init__(self, stream: s.Stream) -> None:
        self.stream = stream
        self.changed = threading.Condition()
        self.messages: deque[tuple[int, deque[bytes], Callable[[], None]]] = deque()
        self.queued, self.closed = 0, False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def put(self, frames: list[Frame], at_last: Callable[[], None] = lambda: None) -> None:
        """Queues a message; `at_last` runs just before its last frame is written."""
        packed = deque(frame.pack() for frame in frames)
        with self.changed:
            if not self.closed:
                self.messages.append((frames[0].call, packed, at_last))
                self.queued += sum(map(len, packed))
                self.changed.notify_all()

    def give_up(self, call: int) -> None:
        """Drops what is queued of a call that something else ends (R24)."""
        with self.changed:
            dropped = [packed for number, packed, _ in self.messages if number == call]
            self.messages = deque(message for message in self.messages if message[0] != call)
            self.queued -= sum(len(frame) for packed in dropped for frame in packed)
            self.changed.notify_all()

    def full(self) -> bool:
        return self.queued > MAX_QUEUED

    def wait_until_short(self) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self.closed or not self.full())

    def close(self, last: Frame | None = None) -> None:
        """Writes what is queued, or only `last`, and shuts down writing."""
        with self.changed:
            if last is not None:
                self.messages.clear()
                self.messages.append((0, deque([last.pack()]), lambda: None))
            self.closed = True
            self.changed.notify_all()
        self.thread.join()

    def _next(self) -> tuple[bytes, Callable[[], None]] | None:
        with self.changed:
            self.changed.wait_for(lambda: self.closed or self.messages)
            if not self.messages:
                return None
            call, frames, at_last = self.messages.popleft()
            frame = frames.popleft()
            self.queued -= len(frame)
            if frames:
                self.messages.append((call, frames, at_last))
            self.changed.notify_all()
            return frame, at_last if not frames else lambda: None

    def _run(self) -> None:
        try:
            while following := self._next():
                frame, before = following
                before()
                self.stream.send(frame)
            self.stream.socket.shutdown(socket.SHUT_WR)
        except OSError:                                     # gone, or no progress (L6)
            with self.changed:
                self.closed, self.queued = True, 0
                self.messages.clear()
                self.changed.notify_all()
            shut_down(self.stream.socket)


def shut_down(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


# --- One connection --------------------------------------------------------------------------

@dataclass
class Call:
    number: int
    argument: int
    oneway: bool
    deadline: float = math.inf
    said: list[tuple[str, bytes]] = field(default_factory=list)     # what the answer says back
    data: bytearray = field(default_factory=bytearray)
    unfinished: bool = True         # parts of the CALL are still to come
    begun: bool = False             # the handler
    running: bool = False           # it waits in the pool, or runs
    answered: bool = False          # a terminal frame is queued
    written: bool = False           # ... and written
    streams: streams_service.Streams | None = None

    def awaits_more(self) -> bool:
        return self.unfinished or bool(self.streams and not self.streams.complete and not self.answered)


class Connection:
    MOST_OVERDRAWN = MAX_MESSAGE    # bytes of an ITEM for which there was a little credit

    def __init__(self, server: Server, connected: socket.socket) -> None:
        self.server = server
        self.stream = s.Stream(connected, server.split, self._expire)
        self.preface = server.preface
        self.peer = SMALLEST
        self.lock = threading.RLock()
        self.idle = threading.Condition(self.lock)
        self.calls: dict[int, Call] = {}
        self.refused: set[int] = set()      # ended before all their parts had come (R13)
        self.highest, self.held = 0, 0
        self.draining = False
        self.outbox: Outbox | None = None

    # Life and death

    def serve(self) -> None:
        try:
            if self._open():
                self._receive()
        except OSError as error:
            log("connection lost: %s" % error)
        finally:
            self._cancel_all()
            if self.outbox:
                shut_down(self.stream.socket)
                self.outbox.close()
            self.stream.socket.close()

    def _open(self) -> bool:
        try:
            self.peer = self.stream.read_preface()
        except WrongMagic as error:
            log("another protocol: %s" % error)             # R7: no answer
        except Ended:
            pass
        except Broken as error:
            if error.code != s.GOAWAY_SLOW:                 # L15: just closed
                self._start_writing()
                self._close_with_reason(error)
        else:
            self._start_writing()
            return True
        return False

    def _start_writing(self) -> None:
        self.stream.send(self.preface.pack())
        self.outbox = Outbox(self.stream)

    def _receive(self) -> None:
        try:
            while True:
                self._take(self.stream.read_frame(self.preface.frame, at_server=True))
        except Broken as error:
            self._close_with_reason(error)
        except Ended as end:
            if not end.inside:
                self._finish_calls()

    def _close_with_reason(self, error: Broken) -> None:
        log("closing, code %d: %s" % (error.code, error))
        self.outbox.close(s.goaway(self.highest, error.code, str(error)))
        self.stream.drain(LINGER)

    def _finish_calls(self) -> None:
        """The caller shut down writing: answer what is open, then close (R46)."""
        with self.lock:
            for call in [call for call in self.calls.values() if call.awaits_more()]:
                self._fail(call, s.CANCELLED, "not all came of the CALL or its stream")
            self.idle.wait_for(lambda: not self.calls, s.TIMEOUT)
        self.outbox.close()

    def drain(self) -> None:
        """The server ends: calls that came are answered, others are not taken (R43)."""
        with self.lock:
            if not self.outbox:
                return
            self.draining = True
            self.outbox.put([s.goaway(self.highest, s.GOAWAY_END, "shutting down")])
            self.idle.wait_for(lambda: not self.calls, LINGER)
        self.outbox.close()

    def _cancel_all(self) -> None:
        with self.lock:
            for call in self.calls.values():
                call.answered = True
            self.idle.notify_all()

    # Frames

    def _take(self, frame: Frame) -> None:
        if frame.kind == s.CALL:
            self.outbox.wait_until_short()                  # L5
            with self.lock:
                self._take_call(frame)
        elif frame.kind == s.PING:
            if not self.outbox.full():
                self.outbox.put([Frame(s.PONG, argument=frame.argument, body=frame.body)])
        elif frame.kind == s.GOAWAY:
            code, reason = s.unpack_goaway(frame.body)
            if code:
                log("the caller closes, code %d: %s" % (code, reason))
                raise Ended(inside=True)
        elif frame.kind != s.PONG:
            with self.lock:
                self._take_other(frame)

    def _take_other(self, frame: Frame) -> None:
        """CANCEL, and what belongs to streams."""
        if frame.call > self.highest:
            raise Broken(s.GOAWAY_MALFORMED, "call %d was never opened" % frame.call)
        call = self.calls.get(frame.call)
        if frame.kind == s.CANCEL:
            self.refused.discard(frame.call)
            if call and not call.answered:
                call.unfinished = False                     # no more parts follow (R24)
                self._fail(call, s.CANCELLED, "cancelled by the caller")
        elif frame.kind in (s.ITEM, s.END) and call and not call.answered:
            if not call.streams:                            # R23: or its CALL is not complete
                return self._fail(call, s.INVALID_ARGUMENT, "kind %d where no stream is" % frame.kind)
            self._take_stream(call, frame)
        elif frame.kind == s.CREDIT and call and call.streams and not call.answered:
            self._take_stream(call, frame)

    def _take_stream(self, call: Call, frame: Frame) -> None:
        try:
            call.streams.take(frame)
        except Failed as error:                             # R29
            self._fail(call, error.status, str(error))

    def _take_call(self, frame: Frame) -> None:
        call = self.calls.get(frame.call)
        if call and call.unfinished:
            if (frame.argument, frame.oneway, frame.extension) != (call.argument, call.oneway, b""):
                raise Broken(s.GOAWAY_MALFORMED, "a part that differs from call %d" % frame.call)
            self._add_part(call, frame)
        elif frame.call in self.refused:
            if not frame.more:
                self.refused.discard(frame.call)
        elif frame.call <= self.highest:
            raise Broken(s.GOAWAY_MALFORMED, "call %d after %d" % (frame.call, self.highest))
        elif not self.draining:
            self.highest = frame.call
            self._begin(frame)

    def _begin(self, frame: Frame) -> None:
        call = Call(frame.call, frame.argument, frame.oneway)
        call.unfinished = frame.more
        try:
            if len(self.calls) >= self.preface.calls:
                raise Failed(s.RESOURCE_EXHAUSTED, "L8: %d calls are open" % len(self.calls))
            found = s.unpack_extensions(frame.extension, s.CALL)
            if frame.argument not in self.server.services:  # known before the last part comes
                raise Failed(s.UNIMPLEMENTED, "method %#010x is unknown" % frame.argument)
        except BadValue as error:
            return self._fail(call, s.INVALID_ARGUMENT, str(error))
        except Failed as error:
            return self._fail(call, error.status, str(error))
        if found.timeout is not None:
            call.deadline = time.monotonic() + found.timeout / 1e6
        call.said = found.metadata or []
        if found.trace is not None:
            call.said = [*call.said, ("traceparent", s.traceparent(*found.trace))]
        self.calls[call.number] = call
        self._add_part(call, frame)

    def _add_part(self, call: Call, frame: Frame) -> None:
        if frame.more and not frame.body:
            raise Broken(s.GOAWAY_MALFORMED, "an empty part of call %d" % call.number)
        call.unfinished = frame.more
        if len(call.data) + len(frame.body) > MAX_MESSAGE:
            return self._fail(call, s.RESOURCE_EXHAUSTED, "L2: over %d bytes" % MAX_MESSAGE)
        if self.held + len(frame.body) > MAX_HELD:
            return self._fail(call, s.RESOURCE_EXHAUSTED, "L3: over %d bytes held" % MAX_HELD)
        call.data += frame.body
        self.held += len(frame.body)
        if not frame.more:
            self._complete(call)

    # Calls

    def _complete(self, call: Call) -> None:
        data, call.data = bytes(call.data), bytearray()
        self.held -= len(data)
        try:
            job = self._check(call, data)
        except BadValue as error:
            return self._fail(call, s.INVALID_ARGUMENT, str(error))
        except Failed as error:
            return self._fail(call, error.status, str(error))
        call.running = True
        method = self.server.services[call.argument].methods[call.argument]
        if getattr(method, "takes", False) or getattr(method, "gives", False):
            call.streams = streams_service.Streams(self, call, method)
        if call.oneway:
            job()
            call.answered = call.written = True
            self._returned(call)
        else:
            self.server.pool.submit(self._run, call, job)

    def _check(self, call: Call, data: bytes) -> Job:
        """In the order of R33."""
        service = self.server.services[call.argument]
        method = service.methods[call.argument]
        unpacker = Unpacker(data)
        shape = unpacker.number("I", "shape number")
        name = "%s/%s" % (type(service).__name__, method.name)
        if shape != method.shape:
            raise Failed(s.SCHEMA_MISMATCH, "%s: shape %#010x, expected %#010x"
                         % (name, shape, method.shape))
        if call.oneway != method.oneway:
            raise Failed(s.SCHEMA_MISMATCH, "%s: one side says oneway" % name)
        if call.deadline <= time.monotonic():
            raise Failed(s.DEADLINE_EXCEEDED, "the time was over before the call began")
        return service.job(method, Unpacker(data[unpacker.offset:]))

    def _run(self, call: Call, job: Job) -> None:
        with self.lock:
            call.begun = not call.answered
        if call.begun:
            self._answer_with(call, job)
        with self.lock:
            self._returned(call)

    def _answer_with(self, call: Call, job: Job) -> None:
        """The handlers say the caller's metadata back, and its trace."""
        try:
            block = s.pack_metadata(call.said) if call.said else b""
            answer = self._run_job(call, job)
            if answer.kind in s.KINDS_WITH_EXTENSION:
                answer = replace(answer, extension=block)
        except Failed as error:                             # L20
            answer = self._status(call, error.status, str(error), False)
        with self.lock:
            self._answer(call, answer)

    def _run_job(self, call: Call, job: Job) -> Frame:
        try:
            results = job(call.streams) if call.streams else job()
            if call.streams and call.streams.method.gives:
                return Frame(s.END, call=call.number)
            return Frame(s.REPLY, call=call.number, body=results)
        except streams_service.Over:
            return Frame(s.END, call=call.number)           # nobody hears it
        except BadValue as error:                           # an item
            return self._status(call, s.INVALID_ARGUMENT, str(error), False)
        except Declared as error:
            return Frame(s.FAULT, call=call.number, body=error.packed)
        except Failed as error:
            return self._status(call, error.status, str(error), False)
        except Exception as error:                          # a fault of the program
            log("call %d: %r" % (call.number, error))
            return self._status(call, s.INTERNAL, "the handler failed", False)

    @staticmethod
    def _status(call: Call, status: int, message: str, did_not_run: bool) -> Frame:
        return Frame(s.FAULT, call=call.number, argument=status,
                     body=s.pack_status(message, did_not_run))

    def _fail(self, call: Call, status: int, message: str) -> None:
        """Ends a call from the outside; it did not run if its handler has not begun."""
        if call.unfinished:
            self.refused.add(call.number)
            if len(self.refused) > self.preface.calls:
                raise Broken(s.GOAWAY_MALFORMED, "too many unfinished calls that were refused")
        call.unfinished = False
        self.held -= len(call.data)
        call.data = bytearray()
        if call.oneway:
            log("oneway call %d failed, status %d: %s" % (call.number, status, message))
            self.calls.pop(call.number, None)
            self.idle.notify_all()
        else:
            if not call.answered:
                self.outbox.give_up(call.number)
            self._answer(call, self._status(call, status, message, did_not_run=not call.begun))

    def _answer(self, call: Call, frame: Frame) -> None:
        if call.answered:
            return
        call.answered = True
        self.idle.notify_all()                              # its streams are over

        def written() -> None:
            with self.lock:
                call.written = True
                self._release(call)

        self.put_message(frame, written)

    def put_message(self, frame: Frame, at_last: Callable[[], None]) -> None:
        limit = min(self.server.frame or self.peer.frame, self.peer.frame)
        self.outbox.put(s.split_message(frame, limit), at_last)

    def _returned(self, call: Call) -> None:
        call.running = False
        self._release(call)

    def _release(self, call: Call) -> None:
        """A call is open until its answer is written and its handler has returned (R31)."""
        if call.written and not call.running:
            self.calls.pop(call.number, None)
            self.idle.notify_all()

    def _expire(self) -> float:
        """Ends the calls whose time is over; returns the seconds until the next one's is."""
        with self.lock:
            waiting = [call for call in self.calls.values()
                       if call.deadline < math.inf and not call.answered and not call.oneway]
            now = time.monotonic()
            for call in [call for call in waiting if call.deadline <= now]:
                self._fail(call, s.DEADLINE_EXCEEDED, "the time was over")
                waiting.remove(call)
            return min([call.deadline - now for call in waiting], default=s.TIMEOUT)


# --- The server ------------------------------------------------------------------------------

class Server:
    def __init__(self, split: int, frame: int) -> None:
        self.split, self.frame = split, frame
        self.preface = SMALLEST if frame else ROOMY
        served = (Calculator(), shapes_service.Shapes(), shapes_service.Newer(),
                  streams_service.Mixed(), streams_service.Both())
        self.services = {number: service for service in served for number in service.methods}
        self.pool = ThreadPoolExecutor(max_workers=16)
        self.room = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self.lock = threading.Lock()
        self.connections: set[Connection] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))

    def accept(self) -> None:
        while True:
            self.room.acquire()
            connected, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        try:
            connection = Connection(self, connected)
            with self.lock:
                self.connections.add(connection)
            connection.serve()
            with self.lock:
                self.connections.discard(connection)
        finally:
            self.room.release()

    def drain(self) -> None:
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            connection.drain()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", type=int, default=0, metavar="N",
                        help="write all bytes in pieces of N")
    parser.add_argument("--frame", type=int, default=0, metavar="BYTES",
                        help="announce the minima, and split replies into frames of BYTES")
    options = parser.parse_args()
    server = Server(options.split, options.frame)
    print("listening %s:%d" % server.listener.getsockname(), flush=True)
    threading.Thread(target=server.accept, daemon=True).start()
    sys.stdin.buffer.read()
    server.drain()
    sys.stdout.flush()


if __name__ == "__main__":
    main()
