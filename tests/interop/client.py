"""Checks a server of demo.calculator.Calculator: client.py HOST:PORT [--split N] [--frame BYTES]

Written from docs/wire.md alone (and idl/calculator.rpc), with nothing but Python's standard
library; it may serve as an example. It prints `ok NAME` for each check and `N passed` at the end,
and stops with exit code 1 at the first wrong answer. The server must have no other clients that
calculate meanwhile. Numbers such as R22 or L7 are those of the page.
"""

from __future__ import annotations

import argparse
import math
import queue
import random
import socket
import struct
import sys
import threading
from dataclasses import dataclass, field
from typing import Callable

import speaker as s
from speaker import Broken, Ended, Frame, Step, Unpacker, WrongMagic

READY = s.Preface()                                 # the client announces the minima
BATCH = 48                                          # calls in flight, below the 64 of R3


class Wrong(Exception):
    """The server's answer is not what the page says."""


def expect(condition: bool, what: str) -> None:
    if not condition:
        raise Wrong(what)


def equal(got: object, wanted: object, what: str) -> None:
    expect(got == wanted, "%s: got %r, wanted %r" % (what, got, wanted))


# --- A connection ----------------------------------------------------------------------------

@dataclass
class Answer:
    """The terminal frame of a call, its parts put together."""
    kind: int
    argument: int
    body: bytearray = field(default_factory=bytearray)
    parts: int = 0
    said: list[tuple[str, bytes]] = field(default_factory=list)     # its metadata

    def reply(self) -> Unpacker:
        expect(self.kind == s.REPLY, "a REPLY wanted, but it is %s" % self)
        return Unpacker(bytes(self.body))

    def status(self) -> tuple[int, bool, str]:
        """Status code, "did not run", message; checks their form (R9, R16)."""
        expect(self.kind == s.FAULT and self.argument != 0, "a status wanted, but it is %s" % self)
        data = Unpacker(bytes(self.body))
        did_not_run, text = data.flag("did not run"), data.string("message")
        data.finish("FAULT")
        equal(s.clean_text(text), text, "R16: the message")
        expect(self.argument <= 17, "status %d" % self.argument)
        return self.argument, did_not_run, text

    def declared(self) -> tuple[int, bytes]:
        expect(self.kind == s.FAULT and self.argument == 0, "a MathError wanted, but it is %s" % self)
        data = Unpacker(bytes(self.body))
        ordinal, value = data.number("H", "ordinal"), data.blob("value")
        data.finish("MathError")
        return ordinal, value

    def __str__(self) -> str:
        if self.kind == s.REPLY:
            return "a REPLY with %s" % bytes(self.body[:64]).hex(" ")
        if self.argument == 0:
            return "a MathError: %s" % bytes(self.body[:64]).hex(" ")
        return "status %d, %r" % (self.argument, bytes(self.body[:400]))


class Connection:
    """A caller. A thread reads all the time (R2), the methods look at what it has read."""

    def __init__(self, address: tuple[str, int], split: int, frame: int) -> None:
        self.stream = s.Stream(socket.create_connection(address, s.TIMEOUT), split)
        self.frame = frame
        self.peer: s.Preface | None = None
        self.highest = 0
        self.waiting: set[int] = set()              # calls that have no terminal frame yet
        self.answers: dict[int, Answer] = {}
        self.partial: dict[int, Answer] = {}
        self.order: list[int] = []                  # calls as they were answered
        self.pongs: list[tuple[int, bytes]] = []
        self.goaways: list[tuple[int, int, str]] = []
        self.arrived: queue.Queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    # Reading

    def _read(self) -> None:
        try:
            self.arrived.put(self.stream.read_preface())
            while True:
                self.arrived.put(self.stream.read_frame(READY.frame, at_server=False))
        except (Broken, Ended, WrongMagic, OSError) as error:
            self.arrived.put(error)

    def pump(self) -> object:
        """Handles the next thing that arrives, and returns it; the end is an exception."""
        try:
            thing = self.arrived.get(timeout=s.TIMEOUT)
        except queue.Empty:
            raise Wrong("nothing arrived for %g s; calls without an answer: %s"
                        % (s.TIMEOUT, sorted(self.waiting))) from None
        if isinstance(thing, s.Preface):
            self.peer = thing
        elif isinstance(thing, Frame):
            self._take(thing)
        elif isinstance(thing, (Broken, WrongMagic)):
            raise Wrong("the server broke a rule: %s" % thing)
        else:
            self.arrived.put(thing)                 # it stays the end
            raise thing
        return thing

    def _take(self, frame: Frame) -> None:
        if frame.kind == s.GOAWAY:
            self.goaways.append((frame.argument, *s.unpack_goaway(frame.body)))
            return
        expect(not self.broken(), "kind %d after a GOAWAY that says: no more answers" % frame.kind)
        if frame.kind == s.PING:
            self.send(Frame(s.PONG, argument=frame.argument, body=frame.body))
        elif frame.kind == s.PONG:
            self.pongs.append((frame.argument, frame.body))
        else:
            expect(frame.kind in (s.REPLY, s.FAULT), "kind %d on a unary call" % frame.kind)
            self._take_part(frame)

    def _take_part(self, frame: Frame) -> None:
        call = frame.call
        expect(call in self.waiting, "kind %d for call %d, which has ended, is oneway, or was "
                                     "never opened" % (frame.kind, call))
        answer = self.partial.get(call)
        if answer is None or (answer.kind, frame.kind) == (s.REPLY, s.FAULT):
            answer = self.partial[call] = Answer(frame.kind, frame.argument)
            answer.said = s.unpack_extensions(frame.extension, frame.kind).metadata or []
        else:
            equal((frame.kind, frame.argument, frame.extension), (answer.kind, answer.argument, b""),
                  "R22: a later part of call %d" % call)
        expect(bool(frame.body) or not frame.more, "R22: an empty part that is not the last")
        answer.body += frame.body
        answer.parts += 1
        if not frame.more:
            self.answers[call] = self.partial.pop(call)
            self.waiting.discard(call)
            self.order.append(call)

    def broken(self) -> bool:
        return any(code for _, code, _ in self.goaways)

    # Writing

    def send(self, *things: bytes | Frame) -> None:
        self.stream.send(b"".join(t.pack() if isinstance(t, Frame) else t for t in things))

    def new_call(self) -> int:
        self.highest += 1
        return self.highest

    def frames(self, method: s.Method, parameters: bytes = b"", *, number: int | None = None,
               shape: int | None = None, flags: int | None = None, extension: bytes = b"",
               limit: int = 0) -> list[Frame]:
        """The frames of a new call, which then waits for its answer."""
        call = self.new_call()
        flags = (s.ONEWAY if method.oneway else 0) if flags is None else flags
        if not flags & s.ONEWAY:
            self.waiting.add(call)
        body = struct.pack("!I", method.shape if shape is None else shape) + parameters
        whole = Frame(s.CALL, flags, call, method.number if number is None else number,
                      body, extension)
        limit = limit or self.frame or s.MIN_FRAME
        return s.split_message(whole, min(limit, self.peer.frame if self.peer else s.MIN_FRAME))

    def start(self, method: s.Method, parameters: bytes = b"", **options) -> int:
        self.send(*self.frames(method, parameters, **options))
        return self.highest

    def answer(self, call: int) -> Answer:
        while call not in self.answers:
            try:
                self.pump()
            except (Ended, OSError) as end:
                raise Wrong("call %d has no answer: %s %s" % (call, end, self.goaways)) from None
            expect(not self.broken(), "GOAWAY in place of the answer to call %d: %s"
                   % (call, self.goaways))
        return self.answers[call]

    def call(self, method: s.Method, parameters: bytes = b"", **options) -> Answer:
        return self.answer(self.start(method, parameters, **options))

    # The methods of the interface

    def number(self, call: int) -> int:
        data = self.answer(call).reply()
        value = data.number("i", "result")
        data.finish("result")
        return value

    def add(self, a: int, b: int) -> int:
        return self.number(self.start(s.ADD, struct.pack("!ii", a, b)))

    def stats(self, values: list[float], **options) -> tuple[float, float]:
        data = self.call(s.STATS, s.pack_values(values), **options).reply()
        mean, deviation = data.number("d", "mean"), data.number("d", "stddev")
        data.finish("results")
        return mean, deviation

    def history(self, limit: int) -> list[Step]:
        data = self.call(s.HISTORY, struct.pack("!I", limit)).reply()
        steps = data.steps("result")
        data.finish("result")
        expect(len(steps) <= limit, "%d steps, at most %d wanted" % (len(steps), limit))
        return steps

    def alive(self) -> None:
        """The connection still answers, and has nothing else to say."""
        equal(self.add(20, 22), 42, "20 + 22")

    def empty_call(self) -> None:
        self.call(s.PING_METHOD).reply().finish("ping")

    # Endings

    def half_close(self) -> None:
        self.stream.socket.shutdown(socket.SHUT_WR)

    def expect_end(self, reset_too: bool = False) -> None:
        """Takes what still comes until the server closes."""
        try:
            while True:
                self.pump()
        except Ended as end:
            expect(not end.inside or reset_too, str(end))
        except OSError as error:
            expect(reset_too, "the connection ended with: %s" % error)
        self.drop()

    def expect_goaway(self, code: int) -> None:
        """The server says GOAWAY with this code, and closes; open calls get no answer."""
        self.expect_end()
        expect(self.peer is not None, "the connection closed without the server's preface")
        expect(bool(self.goaways), "the connection closed without GOAWAY")
        argument, got, reason = self.goaways[-1]
        equal(got, code, "code of GOAWAY (%r)" % reason)
        expect(argument <= self.highest, "GOAWAY for call %d of %d" % (argument, self.highest))

    def finish(self) -> None:
        """Half-closes; the server has nothing more to say than GOAWAY, and closes (R46)."""
        self.half_close()
        self.expect_end()
        expect(not self.broken(), "GOAWAY at an orderly end: %s" % self.goaways)
        expect(not self.waiting, "calls that were never answered: %s" % sorted(self.waiting))

    def drop(self) -> None:
        try:
            self.stream.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Tester:
    def __init__(self, address: tuple[str, int], split: int, frame: int) -> None:
        self.address, self.split, self.frame = address, split, frame
        self.main = self.connect()                  # most checks; and the witness of the others

    def raw(self) -> Connection:
        """A connection that has not sent anything."""
        return Connection(self.address, self.split, self.frame)

    def connect(self) -> Connection:
        connection = self.raw()
        connection.send(READY.pack())
        return connection

    def warm(self) -> Connection:
        """A fresh connection that has done a call."""
        connection = self.connect()
        connection.empty_call()
        return connection

    def still_serves(self) -> None:
        self.main.alive()
        fresh = self.connect()
        fresh.alive()
        fresh.drop()

    def breaks(self, code: int, *things: bytes | Frame) -> None:
        """These bytes, after an answered call, end their connection and no other."""
        connection = self.warm()
        opened = [t.call for t in things if isinstance(t, Frame) and 2 <= t.call <= s.MAX_CALL]
        connection.highest = max(opened, default=1)
        connection.send(*things)
        connection.expect_goaway(code)
        self.still_serves()


Check = Callable[[Tester], None]
CHECKS: list[tuple[str, Check]] = []


def check(name: str) -> Callable[[Check], Check]:
    def add(function: Check) -> Check:
        CHECKS.append((name, function))
        return function
    return add


def fails(answer: Answer, status: int, did_not_run: bool | None, what: str) -> str:
    got, flag, message = answer.status()
    equal(got, status, "%s: status (%r)" % (what, message))
    if did_not_run is not None:
        equal(flag, did_not_run, "%s: did not run (%r)" % (what, message))
    return message


def bits_needed(value: int) -> int:
    return (value if value >= 0 else ~value).bit_length() + 1


def expected(op: int, a: int, b: int) -> int | tuple[int, bytes]:
    """The result, or the MathError."""
    if op == s.OP_DIVIDE and b == 0:
        return s.DIVIDE_BY_ZERO, b""
    value = {s.OP_ADD: a + b, s.OP_SUBTRACT: a - b, s.OP_MULTIPLY: a * b,
             s.OP_DIVIDE: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if b else 0}[op]
    if s.I32_MIN <= value <= s.I32_MAX:
        return value
    return s.OVERFLOW, struct.pack("!I", bits_needed(value))


def calculates(connection: Connection, method: s.Method, op: int, a: int, b: int) -> Step:
    """Makes a calculation, checks its outcome, and returns the Step that it leaves."""
    parameters = struct.pack("!Bii", op, a, b) if method is s.APPLY else struct.pack("!ii", a, b)
    call, wanted = connection.start(method, parameters), expected(op, a, b)
    what = "%s %d of %d and %d" % (method.name, op, a, b)
    if isinstance(wanted, tuple):
        equal(connection.answer(call).declared(), wanted, what)
        return Step(op, a, b, None)
    equal(connection.number(call), wanted, what)
    return Step(op, a, b, wanted)


# --- Checks: the page's own numbers ----------------------------------------------------------

@check("method and shape numbers of the page")
def _(t: Tester) -> None:
    table = {s.ADD: (0x06DE37FA, 0x3506D4FD), s.DIVIDE: (0x5C0499C6, 0x3506D4FD),
             s.APPLY: (0x96F1B631, 0xC123036F), s.STATS: (0x3C599212, 0x9C7AD837),
             s.HISTORY: (0xDD379FE1, 0xB51DF816), s.LOG: (0x49205DCF, 0xF4F02D1A),
             s.PING_METHOD: (0x256F0303, 0xB3FD6CF6)}
    for method, numbers in table.items():
        equal((method.number, method.shape), numbers, method.name)
    for text, value in {"": 0x811C9DC5, "a": 0xE40C292C, "foobar": 0xBF9CF968}.items():
        equal(s.fnv(text), value, "hash of %r" % text)


@check("worked example of the page")
def _(t: Tester) -> None:
    c = t.raw()
    c.waiting |= {1, 2, 3}
    c.highest = 3
    c.send(bytes.fromhex("52504347 01 00 0040 00010000 00004000"
                         "0000000c 01 00 0000 00000001 5c0499c6 3506d4fd 00000007 00000002"),
           bytes.fromhex("0000000c 01000000 00000002 5c0499c6 3506d4fd 00000007 00000000"),
           bytes.fromhex("00000018 01 00 000c 00000003 5c0499c6 01 00 0008 000000000003d090"
                         "deadbeef 00000007 00000002"),
           bytes.fromhex("00000000 08000000 00000000 0000002a"))
    equal(c.number(1), 3, "7 / 2")
    equal(bytes(c.answer(2).body).hex(), "000100000000", "7 / 0")
    expect("divide" in fails(c.answer(3), s.SCHEMA_MISMATCH, True, "shape"), "R33: no method name")
    while not c.pongs:
        c.pump()
    equal(c.pongs, [(42, b"")], "PONG")
    c.finish()


@check("split example of the page")
def _(t: Tester) -> None:
    c = t.warm()
    c.waiting |= {4, 5}
    c.highest = 5
    c.send(bytes.fromhex("0000000a 01010000 00000004 3c599212 9c7ad837000000023ff0"
                         "00000004 01000000 00000005 256f0303 b3fd6cf6"
                         "0000000e 01000000 00000004 3c599212 0000000000004000000000000000"))
    equal(bytes(c.answer(4).body).hex(), "3ff80000000000003fe0000000000000", "stats")
    c.answer(5).reply().finish("ping")
    c.finish()


# --- Checks: the methods ---------------------------------------------------------------------

@check("ping")
def _(t: Tester) -> None:
    t.main.empty_call()
    peer = t.main.peer
    expect(peer.calls >= 64 and peer.frame >= 65_536 and peer.window >= 16_384, "preface %s" % peer)


@check("add, divide and apply, with values at the edges")
def _(t: Tester) -> None:
    edges = [s.I32_MIN, s.I32_MIN + 1, -46_341, -7, -2, -1, 0, 1, 2, 7, 46_341,
             s.I32_MAX - 1, s.I32_MAX]
    for a in edges:
        for b in edges:
            calculates(t.main, s.ADD, s.OP_ADD, a, b)
            calculates(t.main, s.DIVIDE, s.OP_DIVIDE, a, b)
            for op in (s.OP_ADD, s.OP_SUBTRACT, s.OP_MULTIPLY, s.OP_DIVIDE):
                calculates(t.main, s.APPLY, op, a, b)
    equal(expected(s.OP_DIVIDE, s.I32_MIN, -1), (s.OVERFLOW, bytes([0, 0, 0, 33])), "this client")


@check("apply with an unknown operation")
def _(t: Tester) -> None:
    for op in (0, 5, 255):
        answer = t.main.call(s.APPLY, struct.pack("!Bii", op, 1, 2))
        fails(answer, s.INVALID_ARGUMENT, None, "op %d" % op)
    t.main.alive()


@check("stats")
def _(t: Tester) -> None:
    for values in ([1.5], [1.0, 2.0], [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], [-1e100, 1e100]):
        mean = sum(values) / len(values)
        deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))
        got = t.main.stats(values)
        expect(all(map(math.isclose, got, (mean, deviation))), "stats of %s: %s" % (values, got))


@check("stats of NaN and infinities")
def _(t: Tester) -> None:
    nan, inf = math.nan, math.inf
    for values in ([nan], [1.0, nan, 2.0], [inf, -inf]):
        got = t.main.stats(values)
        expect(all(map(math.isnan, got)), "stats of %s: %s" % (values, got))
    for values in ([1.0, inf], [1.0, -inf]):
        mean, deviation = t.main.stats(values)
        equal(mean, values[1], "mean of %s" % values)
        expect(not math.isfinite(deviation), "deviation of %s: %s" % (values, deviation))


@check("stats of nothing")
def _(t: Tester) -> None:
    fails(t.main.call(s.STATS, s.pack_values([])), s.INVALID_ARGUMENT, None, "no values")


@check("history")
def _(t: Tester) -> None:
    made = [calculates(t.main, s.ADD, s.OP_ADD, 1, 2),
            calculates(t.main, s.DIVIDE, s.OP_DIVIDE, 7, 0),
            calculates(t.main, s.APPLY, s.OP_MULTIPLY, s.I32_MIN, s.I32_MIN),
            calculates(t.main, s.APPLY, s.OP_SUBTRACT, -3, 4),
            calculates(t.main, s.DIVIDE, s.OP_DIVIDE, -7, 2)]
    equal(t.main.history(5), made[::-1], "history")
    equal(t.main.history(2), made[:2:-1], "history of two")
    equal(t.main.history(0), [], "history of none")
    equal(t.main.history(2**32 - 1)[:5], made[::-1], "all history")


@check("log")
def _(t: Tester) -> None:
    for line in ("", "a line", "hé ✓ \n\t\x1b[0m", "x" * s.MAX_LINE):
        t.main.start(s.LOG, s.pack_string(line))
    t.main.alive()


# --- Checks: calls in flight and in parts ----------------------------------------------------

@check("calls in flight, answered in any order")
def _(t: Tester) -> None:
    c = t.connect()
    calls = {c.start(s.ADD, struct.pack("!ii", index, 1000)): index for index in range(64)}
    for call, index in calls.items():
        equal(c.number(call), index + 1000, "%d + 1000" % index)
    c.finish()


@check("gaps between call numbers, up to the last")
def _(t: Tester) -> None:
    c = t.connect()
    for number in (7, 1000, s.MAX_CALL):
        c.highest = number - 1
        c.alive()
    c.finish()


@check("a message in parts, cut anywhere")
def _(t: Tester) -> None:
    for limit in (1, 2, 3, 5, 23):
        equal(t.main.stats([1.0, 2.0], limit=limit), (1.5, 0.5), "parts of %d" % limit)
    t.main.start(s.LOG, s.pack_string("in parts"), limit=1)
    values = [float(index) for index in range(1000)]
    mean, deviation = t.main.stats(values, limit=min(t.frame or 61, 61))
    expect(math.isclose(mean, 499.5) and math.isclose(deviation, 288.6749902572095), "many values")


@check("a last part without bytes")
def _(t: Tester) -> None:
    (whole,) = t.main.frames(s.ADD, struct.pack("!ii", 1, 2), limit=s.MIN_FRAME)
    call = whole.call
    t.main.send(Frame(s.CALL, s.MORE, call, whole.argument, whole.body),
                Frame(s.CALL, 0, call, whole.argument))
    equal(t.main.number(call), 3, "1 + 2")


@check("other frames between the parts")
def _(t: Tester) -> None:
    c = t.warm()
    long, other = c.frames(s.STATS, s.pack_values([1.0, 2.0]), limit=4), c.frames(s.PING_METHOD)
    between = [Frame(s.PING, argument=9, body=b"between"), other[0], Frame(s.PONG),
               Frame(200, 255, long[0].call, 3, b"hint"),
               Frame(s.CREDIT, call=long[0].call, argument=1)]
    if len(other) > 1:
        c.send(long[0], *between, *other[1:], *long[1:])
    else:
        c.send(*(x for pair in zip(long, between) for x in pair), *long[len(between):])
    c.answer(other[0].call)
    c.answer(long[0].call).reply()
    equal(c.pongs, [(9, b"between")], "PONG")
    c.finish()


@check("two messages in parts, interleaved")
def _(t: Tester) -> None:
    c = t.warm()
    one = c.frames(s.ADD, struct.pack("!ii", 1, 2), limit=5)
    two = c.frames(s.ADD, struct.pack("!ii", 3, 4), limit=5)
    c.send(*(frame for pair in zip(one, two) for frame in pair))
    equal((c.number(one[0].call), c.number(two[0].call)), (3, 7), "sums")
    c.finish()


@check("a long history, in parts if its server splits it")
def _(t: Tester) -> None:
    c, batches = t.connect(), 5000 // BATCH + 1
    for batch in range(batches):
        calls = [c.start(s.ADD, struct.pack("!ii", batch, index)) for index in range(BATCH)]
        for index, call in enumerate(calls):
            equal(c.number(call), batch + index, "%d + %d" % (batch, index))
    steps = c.history(batches * BATCH)
    expect(len(steps) >= BATCH, "only %d steps in the history" % len(steps))
    equal([step.a for step in steps], sorted((step.a for step in steps), reverse=True), "batches")
    equal(len(set(steps)), len(steps), "different steps")
    for step in steps:
        equal(step, Step(s.OP_ADD, step.a, step.b, step.a + step.b), "a step")
    size = 4 + sum(len(step.pack()) for step in steps)
    parts = c.answers[c.highest].parts
    expect(parts >= -(-size // READY.frame), "%d bytes in %d frames" % (size, parts))
    c.finish()


# --- Checks: calls that fail -----------------------------------------------------------------

@check("unknown method")
def _(t: Tester) -> None:
    fails(t.main.call(s.ADD, number=0xDEADBEEF), s.UNIMPLEMENTED, True, "unknown method")
    fails(t.main.call(s.ADD, bytes(100), number=0), s.UNIMPLEMENTED, True, "method 0")
    parts = t.main.call(s.ADD, bytes(100), number=1, limit=10)
    fails(parts, s.UNIMPLEMENTED, True, "unknown method in parts")
    t.main.alive()


@check("wrong shape")
def _(t: Tester) -> None:
    step = calculates(t.main, s.ADD, s.OP_ADD, 11, 12)
    for limit in (s.MIN_FRAME, 3):
        answer = t.main.call(s.ADD, struct.pack("!ii", 1, 2), shape=0xDEADBEEF, limit=limit)
        expect("add" in fails(answer, s.SCHEMA_MISMATCH, True, "shape"), "R33: no method name")
    equal(t.main.history(1), [step], "the call ran")


@check("too short for a shape number")
def _(t: Tester) -> None:
    for size in range(4):
        call = t.main.new_call()
        t.main.waiting.add(call)
        t.main.send(Frame(s.CALL, 0, call, s.ADD.number, bytes(size)))
        fails(t.main.answer(call), s.INVALID_ARGUMENT, True, "%d bytes" % size)


@check("ONEWAY flag that does not fit the method")
def _(t: Tester) -> None:
    step = calculates(t.main, s.ADD, s.OP_ADD, 13, 14)
    t.main.start(s.ADD, struct.pack("!ii", 1, 2), flags=s.ONEWAY)
    answer = t.main.call(s.LOG, s.pack_string("must not be logged"), flags=0)
    fails(answer, s.SCHEMA_MISMATCH, True, "log without ONEWAY")
    equal(t.main.history(1), [step], "add with ONEWAY ran")


@check("arguments cut short, and bytes left over")
def _(t: Tester) -> None:
    for method, whole in ((s.ADD, struct.pack("!ii", 1, 2)), (s.APPLY, struct.pack("!Bii", 1, 2, 3)),
                          (s.HISTORY, struct.pack("!I", 1)), (s.STATS, s.pack_values([1.0, 2.0]))):
        for size in range(len(whole)):
            fails(t.main.call(method, whole[:size]), s.INVALID_ARGUMENT, True,
                  "%s with %d bytes" % (method.name, size))
        fails(t.main.call(method, whole + b"\0"), s.INVALID_ARGUMENT, True, method.name + " + 1")
    fails(t.main.call(s.PING_METHOD, b"\0"), s.INVALID_ARGUMENT, True, "ping + 1")
    t.main.alive()


@check("oneway calls that fail are dropped, and the connection lives")
def _(t: Tester) -> None:
    for parameters in (s.pack_string("x" * (s.MAX_LINE + 1)), s.pack_string(b"\xff"), b"",
                       s.pack_string(b"\xed\xa0\x80"), s.pack_string(b"\xc0\x80"),
                       s.pack_string("line") + b"\0", struct.pack("!I", 2**32 - 1)):
        t.main.start(s.LOG, parameters)
    t.main.start(s.LOG, s.pack_string("line"), shape=1)
    t.main.start(s.LOG, s.pack_string("line"), number=1)
    t.main.start(s.LOG, s.pack_string("line"), extension=b"\0")
    t.main.start(s.LOG, s.pack_string("line"), extension=s.pack_timeout(0))
    t.main.start(s.LOG, s.pack_string("line"), number=1, limit=1)
    t.main.alive()


@check("a list at its bound, and over it")
def _(t: Tester) -> None:
    limit = max(t.frame, 16_384)
    equal(t.main.stats([2.5] * s.MAX_VALUES, limit=limit), (2.5, 0.0), "stats at the bound")
    over = t.main.call(s.STATS, s.pack_values([2.5] * (s.MAX_VALUES + 1)), limit=limit)
    fails(over, s.INVALID_ARGUMENT, True, "one value over the bound")


@check("a count of four billion in 20 bytes")
def _(t: Tester) -> None:
    for count in (2**32 - 1, 2**31, 2, 65_536):
        answer = t.main.call(s.STATS, struct.pack("!I", count) + bytes(12))
        fails(answer, s.INVALID_ARGUMENT, True, "a count of %d" % count)


# --- Checks: extensions ----------------------------------------------------------------------

SUM = struct.pack("!ii", 20, 22)


@check("timeout, metadata and trace context")
def _(t: Tester) -> None:
    trace = s.pack_entry(s.TRACE_KEY, bytes(range(1, 26)))
    pairs = s.pack_metadata([("key", b"value"), ("key", b""), ("x-1_y.z", b"\xff")])
    for block in (s.pack_timeout(60_000_000), s.pack_timeout(2**64 - 1), pairs, trace,
                  s.pack_metadata([]), trace + pairs + s.pack_timeout(60_000_000),
                  s.pack_entry(s.TRACE_KEY, bytes(25)),         # no trace, and no mistake
                  s.pack_entry(1, struct.pack("!Q", 2**40), s.MUST_UNDERSTAND)):
        equal(t.main.number(t.main.start(s.ADD, SUM, extension=block)), 42, block.hex())
    call = t.main.start(s.ADD, SUM, extension=s.pack_timeout(60_000_000), limit=1)
    equal(t.main.number(call), 42, "in parts")


@check("metadata and trace context come back")
def _(t: Tester) -> None:
    trace = bytes(range(1, 17)), b"parent-1", 1
    pairs = [("key", b"value"), ("key", b""), ("x-1_y.z", b"\xff" * 20_000)]
    block = s.pack_metadata(pairs) + s.pack_trace(*trace)
    both = [*pairs, ("traceparent", s.traceparent(*trace))]
    for method, parameters in [(s.ADD, SUM), (s.DIVIDE, bytes(8)), (s.STATS, bytes(4))]:
        said = t.main.call(method, parameters, extension=block).said
        expect(said[-len(both):] == both, "%s: %r" % (method.name, said))
        said = t.main.call(method, parameters, extension=s.pack_entry(s.TRACE_KEY, bytes(25))).said
        expect(all(key != "traceparent" for key, _ in said), "a trace of zeros: %r" % said)
    equal(t.main.call(s.ADD, bytes(3), extension=block).said, [], "of a call that did not run")
    block = s.pack_metadata([("k", bytes(s.MAX_EXTENSION - 15))])
    call = t.main.start(s.ADD, SUM, extension=block, limit=s.MIN_FRAME)
    fails(t.main.answer(call), s.RESOURCE_EXHAUSTED, False, "L20: with its own there is too much")


@check("a timeout that is over")
def _(t: Tester) -> None:
    step = calculates(t.main, s.ADD, s.OP_ADD, 15, 16)
    over = s.pack_timeout(0)
    fails(t.main.call(s.ADD, SUM, extension=over), s.DEADLINE_EXCEEDED, True, "timeout 0")
    fails(t.main.call(s.ADD, b"", extension=over), s.DEADLINE_EXCEEDED, True, "before parameters")
    whole = t.main.call(s.ADD, SUM, extension=over, shape=1, limit=s.MIN_FRAME)     # R33: in parts, the time may decide
    fails(whole, s.SCHEMA_MISMATCH, True, "after shape")
    equal(t.main.history(1), [step], "the call ran")


@check("a timeout that ends while the CALL is not complete")
def _(t: Tester) -> None:
    c = t.warm()
    first, *rest = c.frames(s.ADD, SUM, extension=s.pack_timeout(50_000), limit=6)
    c.send(first)
    fails(c.answer(first.call), s.DEADLINE_EXCEEDED, True, "an unfinished CALL")
    c.send(*rest)                                   # dropped (R13)
    c.alive()
    c.finish()


@check("unknown extensions")
def _(t: Tester) -> None:
    block = s.pack_entry(99, b"skip me") + s.pack_entry(0, b"") + s.pack_entry(255, b"", 0xFE)
    equal(t.main.number(t.main.start(s.ADD, SUM, extension=block)), 42, "skipped")
    must = s.pack_entry(99, b"", s.MUST_UNDERSTAND)
    fails(t.main.call(s.ADD, SUM, extension=must), s.UNIMPLEMENTED, True, "must be understood")
    fails(t.main.call(s.ADD, SUM, extension=must, limit=1), s.UNIMPLEMENTED, True, "in parts")
    fails(t.main.call(s.ADD, SUM, extension=must, shape=1), s.UNIMPLEMENTED, True, "before shape")
    t.main.alive()


@check("the largest extension block")
def _(t: Tester) -> None:
    block = s.pack_entry(99, bytes(s.MAX_EXTENSION - 4))
    call = t.main.start(s.ADD, SUM, extension=block, limit=s.MIN_FRAME)
    equal(t.main.number(call), 42, "a block of %d bytes" % len(block))


@check("broken extension blocks")
def _(t: Tester) -> None:
    twice = s.pack_entry(99, b"") * 2
    for block in (b"\x01", b"\x01\0\0", struct.pack("!BBH", 99, 0, 1), twice,
                  s.pack_timeout(1) * 2, s.pack_entry(1, b"1234"), s.pack_entry(1, bytes(9)),
                  s.pack_entry(3, bytes(24)), s.pack_entry(2, b""), s.pack_entry(2, b"\0\1"),
                  s.pack_entry(2, b"\0\0\0"), s.pack_entry(2, b"\0\1" + s.pack_string(b"\xff") * 2),
                  s.pack_entry(3, bytes(26)), s.pack_metadata([("", b"")]), s.pack_metadata([("Key", b"")]),
                  s.pack_metadata([("é", b"")]), s.pack_metadata([("a b", b"")])):
        answer = t.main.call(s.ADD, SUM, extension=block)
        fails(answer, s.INVALID_ARGUMENT, True, "the block %s" % block.hex(" "))
        answer = t.main.call(s.ADD, SUM, extension=block, number=1)
        fails(answer, s.INVALID_ARGUMENT, True, "R33: extensions before the method")
    t.main.alive()


# --- Checks: other frames --------------------------------------------------------------------

@check("PING and PONG")
def _(t: Tester) -> None:
    c = t.connect()
    sent = [(0, b""), (2**32 - 1, b"x"), (7, bytes(range(64)))]
    c.send(*(Frame(s.PING, argument=argument, body=body) for argument, body in sent))
    while len(c.pongs) < len(sent):
        c.pump()
    equal(c.pongs, sent, "PONGs")
    c.send(Frame(s.PONG, argument=5, body=b"nobody asked"))
    c.alive()
    c.finish()


@check("unknown kinds from 128 on are skipped")
def _(t: Tester) -> None:
    for kind in (128, 200, 255):
        t.main.send(s.HEADER.pack(3, kind, 255, 9, 2**32 - 1, 77) + b"abc")
        t.main.send(s.HEADER.pack(0, kind, 0, 0, 0, 0))
    t.main.send(s.HEADER.pack(s.MIN_FRAME, 128, 0, 0, 0, 0) + bytes(s.MIN_FRAME))
    t.main.alive()


@check("frames for calls that have ended are dropped")
def _(t: Tester) -> None:
    c = t.warm()
    c.send(Frame(s.CANCEL, call=1), Frame(s.END, call=1), Frame(s.CREDIT, call=1, argument=5),
           Frame(s.ITEM, s.MORE, 1, 2, b"items"))
    c.alive()
    c.send(Frame(s.CANCEL, call=c.start(s.LOG, s.pack_string("a line"))))
    c.alive()
    c.highest += 10
    c.alive()
    c.send(Frame(s.CANCEL, call=c.highest - 5))     # skipped numbers count as opened (R13)
    c.alive()
    c.finish()


@check("CANCEL gets exactly one terminal frame")
def _(t: Tester) -> None:
    c = t.warm()
    for _ in range(20):
        (frame,) = c.frames(s.STATS, s.pack_values([1.0] * 1000), limit=s.MIN_FRAME)
        c.send(frame, Frame(s.CANCEL, call=frame.call), Frame(s.CANCEL, call=frame.call))
        answer = c.answer(frame.call)
        if answer.kind == s.FAULT:
            fails(answer, s.CANCELLED, None, "CANCEL")
    c.finish()


@check("CANCEL of a CALL that is not complete")
def _(t: Tester) -> None:
    c = t.warm()
    first = c.frames(s.ADD, SUM, limit=5)[0]
    c.send(first, Frame(s.CANCEL, call=first.call))
    fails(c.answer(first.call), s.CANCELLED, True, "CANCEL")
    oneway = c.frames(s.LOG, s.pack_string("never"), limit=5)[0]
    c.send(oneway, Frame(s.CANCEL, call=oneway.call))
    c.alive()
    c.finish()


@check("more calls than the server announced")
def _(t: Tester) -> None:
    c = t.warm()
    held = [c.frames(s.ADD, SUM, limit=6) for _ in range(c.peer.calls)]
    c.send(*(frames[0] for frames in held))
    fails(c.call(s.ADD, SUM), s.RESOURCE_EXHAUSTED, True, "one call too many")
    fails(c.call(s.ADD, SUM, limit=5), s.RESOURCE_EXHAUSTED, True, "one too many, in parts")
    fails(c.call(s.ADD, number=1), s.RESOURCE_EXHAUSTED, True, "R33: before the method")
    c.start(s.LOG, s.pack_string("one too many is dropped"))
    c.send(*(frame for frames in held for frame in frames[1:]))
    for frames in held:
        equal(c.number(frames[0].call), 42, "a call that was held")
    c.alive()
    c.finish()


@check("half-close: open calls are answered, then the server closes")
def _(t: Tester) -> None:
    c = t.connect()
    calls = [c.start(s.ADD, struct.pack("!ii", index, 1)) for index in range(BATCH)]
    c.finish()
    for index, call in enumerate(calls):
        equal(c.number(call), index + 1, "%d + 1" % index)
    t.still_serves()


@check("half-close at once, and with a CALL that is not complete")
def _(t: Tester) -> None:
    t.connect().finish()
    c = t.warm()
    first, call = c.frames(s.ADD, SUM, limit=5)[0], c.highest
    c.send(first)
    c.finish()
    fails(c.answer(call), s.CANCELLED, True, "R46: given up, as by CANCEL")
    t.still_serves()


# --- Checks: connections that break ----------------------------------------------------------

def closes_silently(t: Tester, data: bytes) -> None:
    c = t.raw()
    try:
        c.send(data)
    except OSError:
        pass                                        # closed before all was written
    c.expect_end(reset_too=True)
    expect(c.peer is None, "an answer to wrong magic")
    t.still_serves()


@check("wrong magic")
def _(t: Tester) -> None:
    for data in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"X", b"RPCX", b"rpcg" + bytes(12),
                 b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"SSH-2.0-OpenSSH_9.6\r\n"):
        closes_silently(t, data)


@check("random bytes")
def _(t: Tester) -> None:
    dice = random.Random(1)
    for size in (1, 16, 17, 1000, 100_000):
        closes_silently(t, bytes([dice.choice(range(0x80, 0x100))]) + dice.randbytes(size - 1))
    for size in (1, 15, 16, 40, 1000, 10_000):
        c = t.warm()
        try:
            c.send(dice.randbytes(size))
            c.half_close()
        except OSError:
            pass
        c.expect_end(reset_too=True)
        t.still_serves()


@check("an end within the preface, and within a frame")
def _(t: Tester) -> None:
    for data in (b"", b"RPC", READY.pack()[:15]):
        c = t.raw()
        c.send(data)
        c.half_close()
        c.expect_end(reset_too=True)
        expect(c.peer is None, "a preface in answer to half of one")
    for size in (1, 15, 16, 27):
        c = t.warm()
        (frame,) = c.frames(s.ADD, SUM, limit=s.MIN_FRAME)
        c.send(frame.pack()[:size])
        c.half_close()
        c.expect_end(reset_too=True)
    t.still_serves()


@check("wrong version")
def _(t: Tester) -> None:
    for version in (0, 2, 255):
        c = t.raw()
        c.send(s.PREFACE.pack(s.MAGIC, version, 0, 64, 65_536, 16_384))
        c.expect_goaway(s.GOAWAY_VERSION)
        t.still_serves()


@check("preface below the minima")
def _(t: Tester) -> None:
    for preface in (s.Preface(calls=63), s.Preface(frame=65_535), s.Preface(window=16_383),
                    s.Preface(0, 0, 0)):
        c = t.raw()
        c.send(preface.pack())
        c.expect_goaway(s.GOAWAY_MALFORMED)
        t.still_serves()


@check("a preface with flags and the largest values")
def _(t: Tester) -> None:
    c = t.raw()
    c.send(s.PREFACE.pack(s.MAGIC, 1, 255, 65_535, 2**32 - 1, 2**32 - 1))
    c.alive()
    c.finish()


@check("a frame longer than announced")
def _(t: Tester) -> None:
    limit = t.main.peer.frame
    for length, kind in ((limit + 1, s.CALL), (2**32 - 1, s.CALL), (limit + 1, 200)):
        t.breaks(s.GOAWAY_LIMIT, s.HEADER.pack(length, kind, 0, 0, 2 if kind == 1 else 0, 0))


@check("unknown kinds below 128")
def _(t: Tester) -> None:
    for kind in (0, 11, 127):
        t.breaks(s.GOAWAY_MALFORMED, Frame(kind, body=b"abc"))


@check("call numbers that fall, repeat, are 0, or have the top bit")
def _(t: Tester) -> None:
    body = struct.pack("!I", s.PING_METHOD.shape)
    c = t.warm()
    c.highest = 9
    c.empty_call()
    c.send(Frame(s.CALL, 0, 5, s.PING_METHOD.number, body))
    c.expect_goaway(s.GOAWAY_MALFORMED)
    for number in (1, 0, 2**31, 2**32 - 1):         # 1 is the call of `warm`
        t.breaks(s.GOAWAY_MALFORMED, Frame(s.CALL, 0, number, s.PING_METHOD.number, body))


@check("frames that break the tables")
def _(t: Tester) -> None:
    for frame in (Frame(s.CALL, 4, 2, 1, bytes(4)), Frame(s.CALL, 128, 2, 1, bytes(4)),
                  Frame(s.REPLY, 0, 1), Frame(s.FAULT, 0, 1, 2, s.pack_status("no", True)),
                  Frame(s.PING, s.MORE), Frame(s.PING, call=1), Frame(s.PONG, call=1),
                  Frame(s.PING, extension=s.pack_entry(9, b"")), Frame(s.PING, body=bytes(65)),
                  Frame(s.PONG, body=bytes(65)), Frame(s.CANCEL), Frame(s.CANCEL, call=2),
                  Frame(s.CANCEL, call=1, argument=1), Frame(s.CANCEL, call=1, body=b"x"),
                  Frame(s.CANCEL, s.ONEWAY, 1), Frame(s.CREDIT, call=1), Frame(s.ITEM, call=1),
                  Frame(s.ITEM, call=2, argument=1), Frame(s.END, call=2), Frame(s.END, 0, 1, 1),
                  Frame(s.GOAWAY, body=bytes(7)), Frame(s.GOAWAY, body=bytes(9)),
                  Frame(s.GOAWAY, call=1, body=bytes(8))):
        t.breaks(s.GOAWAY_MALFORMED, frame)
    t.breaks(s.GOAWAY_MALFORMED, s.HEADER.pack(4, s.CALL, 0, 5, 2, 1) + bytes(4))


@check("parts that do not fit together")
def _(t: Tester) -> None:
    first = Frame(s.CALL, s.MORE, 2, s.ADD.number, b"1234")
    for part in (Frame(s.CALL, 0, 2, s.DIVIDE.number, SUM),
                 Frame(s.CALL, s.ONEWAY, 2, s.ADD.number, SUM),
                 Frame(s.CALL, 0, 2, s.ADD.number, SUM, s.pack_timeout(2**40)),
                 Frame(s.CALL, s.MORE, 2, s.ADD.number)):
        t.breaks(s.GOAWAY_MALFORMED, first, part)
    t.breaks(s.GOAWAY_MALFORMED, Frame(s.CALL, s.MORE, 2, s.ADD.number, b"", s.pack_timeout(2**40)))


@check("the main connection ends in order")
def _(t: Tester) -> None:
    t.main.finish()


# --- The program -----------------------------------------------------------------------------

def run(tester: Tester, checks: list, subject: Callable) -> int:
    for name, function in checks:
        try:
            function(subject(tester))
        except (Wrong, s.BadValue, s.Failed, Broken, Ended, OSError) as error:
            print("WRONG %s: %s" % (name, error or repr(error)), file=sys.stderr)
            if tester.main.goaways:
                print("main connection: GOAWAY %s" % tester.main.goaways, file=sys.stderr)
            return 1
        print("ok " + name, flush=True)
    print("%d passed" % len(checks))
    return 0


def main(checks: list, subject: Callable) -> int:
    """Runs these checks with what `subject` makes of a Tester."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", metavar="HOST:PORT")
    parser.add_argument("--split", type=int, default=0, metavar="N",
                        help="write all bytes in pieces of N")
    parser.add_argument("--frame", type=int, default=0, metavar="BYTES",
                        help="split calls into frames of BYTES")
    options = parser.parse_args()
    host, port = options.address.rsplit(":", 1)
    try:
        tester = Tester((host.strip("[]"), int(port)), options.split, options.frame)
    except OSError as error:
        print("%s: %s" % (options.address, error), file=sys.stderr)
        return 1
    return run(tester, checks, subject)


if __name__ == "__main__":
    sys.exit(main(CHECKS, lambda tester: tester))
