"""Checks a server of golden/streams.rpc: streams_client.py HOST:PORT [--split N] [--frame BYTES]

Like client.py, of which it uses the connection, it was written from docs/wire.md and the interface
alone. It counts the balance of each stream in both directions (R37), and stops if either side
overdraws. The server must have demo.calculator.Calculator too.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass, field
from typing import Callable, Iterator

import client
import speaker as s
import streams
from client import Answer, equal, expect, fails
from speaker import Frame
from streams_service import ABORTED

Check = Callable[["Caller"], None]
CHECKS: list[tuple[str, Check]] = []
SPARING = 1000                                      # bytes: credit is given once so many are consumed
MANY, FEWER = 20_000, 2_000                         # items; fewer where each byte is sent alone


def check(name: str) -> Callable[[Check], Check]:
    def add(function: Check) -> Check:
        CHECKS.append((name, function))
        return function
    return add


# --- Streams at the caller -------------------------------------------------------------------

@dataclass
class Ends:
    """Both directions of a call's streams."""
    method: streams.Streaming
    balance: int                                    # what may be sent
    granted: int = client.READY.window
    received: int = 0
    count: int = 0                                  # of items in the unfinished message
    partial: bytearray | None = None
    messages: list[tuple[int, bytes]] = field(default_factory=list)
    ended: bool = False                             # by the server's END

    def take_item(self, frame: Frame) -> None:
        if self.partial is None:
            expect(self.granted > self.received, "R37: an ITEM without credit: %s" % self)
            self.count, self.partial = frame.argument, bytearray()
        equal(frame.argument, self.count, "R22: the count in a later part of an ITEM")
        expect(bool(frame.body) or not frame.more, "R22: an empty part that is not the last")
        self.partial += frame.body
        self.received += len(frame.body)
        if not frame.more:
            expect(self.count <= len(self.partial), "R29: %d items in %d bytes" % (self.count, len(self.partial)))
            self.messages.append((self.count, bytes(self.partial)))
            self.partial = None


class Caller(client.Connection):
    """A connection whose calls may have streams."""

    def __init__(self, tester: client.Tester) -> None:
        self.tester = tester
        self.ends: dict[int, Ends] = {}
        super().__init__(tester.address, tester.split, tester.frame)
        self.send(client.READY.pack())

    def pump(self) -> object:
        thing = super().pump()
        if isinstance(thing, s.Preface):            # R38
            for ends in self.ends.values():
                ends.balance += thing.window - s.MIN_WINDOW
        return thing

    def _take(self, frame: Frame) -> None:
        if frame.kind not in (s.ITEM, s.END, s.CREDIT):
            return super()._take(frame)
        expect(not self.broken(), "kind %d after a GOAWAY that says: no more answers" % frame.kind)
        expect(frame.call in self.ends, "kind %d on a unary call" % frame.kind)
        ends = self.ends[frame.call]
        if frame.kind == s.CREDIT:
            expect(ends.method.takes, "CREDIT for no stream")
            ends.balance += frame.argument
            expect(ends.balance <= streams.MOST_CREDIT, "R37: a balance of %d" % ends.balance)
            return
        expect(frame.call in self.waiting, "R27: kind %d after the end of call %d" % (frame.kind, frame.call))
        expect(ends.method.gives, "R29: kind %d against the stream" % frame.kind)
        if frame.kind == s.ITEM:
            return ends.take_item(frame)
        expect(ends.partial is None, "R23: END between parts of an ITEM")
        ends.ended = True
        self.waiting.discard(frame.call)

    # What a caller does

    def open(self, method: streams.Streaming, parameters: bytes = b"") -> int:
        frames = self.frames(method, parameters)
        self.ends[self.highest] = Ends(method, (self.peer or client.READY).window)
        self.send(*frames)
        return self.highest

    def item(self, call: int, body: bytes, count: int = 1) -> bool:
        """Sends an ITEM when there is credit for it; not if the call ends before."""
        ends = self.ends[call]
        while ends.balance <= 0 and call in self.waiting:
            self.pump()
        if call not in self.waiting:
            return False
        limit = min(self.frame or s.MIN_FRAME, self.peer.frame if self.peer else s.MIN_FRAME)
        ends.balance -= len(body)
        self.send(*s.split_message(Frame(s.ITEM, 0, call, count, body), limit))
        return True

    def end(self, call: int) -> None:
        self.send(Frame(s.END, call=call))

    def cancel(self, call: int) -> None:
        self.send(Frame(s.CANCEL, call=call))

    def grant(self, call: int, size: int) -> None:
        self.ends[call].granted += size
        self.send(Frame(s.CREDIT, call=call, argument=size))

    def messages(self, call: int) -> Iterator[tuple[int, bytes]]:
        """The messages of a stream, up to its end; credit is given as they are consumed."""
        ends, consumed = self.ends[call], 0
        while ends.messages or call in self.waiting:
            if not ends.messages:
                self.pump()
                continue
            count, body = ends.messages.pop(0)
            yield count, body
            consumed += len(body)
            if consumed >= SPARING and call in self.waiting:
                self.grant(call, consumed)
                consumed = 0

    def numbers(self, call: int) -> list[int]:
        found: list[int] = []
        for count, body in self.messages(call):
            found += streams.unpack_items(count, body, lambda data: data.number("q", "result"))
        return found

    def texts(self, call: int) -> list[str]:
        found: list[str] = []
        for count, body in self.messages(call):
            found += streams.unpack_items(count, body, lambda data: data.string("result"))
        return found

    def declined(self, call: int, status: int) -> str:
        """The call fails with this status, whatever came before."""
        for _ in self.messages(call):
            pass
        return fails(self.answer(call), status, None, "call %d" % call)


def limit(number: int) -> bytes:
    return struct.pack("!Q", number)


def name(text: str) -> bytes:
    return s.pack_string(text)


def number(answer: Answer) -> int:
    data = answer.reply()
    value = data.number("q", "result")
    data.finish("result")
    return value


# --- Checks ----------------------------------------------------------------------------------

@check("numbers of the methods")
def _(c: Caller) -> None:
    equal(streams.SUM.shape, 0xA5198472, "the shape of the page's sum")
    equal(number(c.answer(summed(c, []))), 0, "the sum of nothing")


def summed(c: Caller, values: list[int], together: int = 1) -> int:
    call = c.open(streams.SUM)
    for start in range(0, len(values), together):
        some = values[start:start + together]
        expect(c.item(call, streams.pack_numbers(some), len(some)), "sum ends before its stream")
    c.end(call)
    return call


@check("the example of the page")
def _(c: Caller) -> None:
    call = c.open(streams.SUM)
    c.send(bytes.fromhex("00000010 04000000 %08x 00000002 0000000000000001 0000000000000002"
                         "00000008 04000000 %08x 00000001 0000000000000003"
                         "00000000 05000000 %08x 00000000" % (call, call, call)))
    equal(number(c.answer(call)), 6, "1 + 2 + 3")


@check("many items come")
def _(c: Caller) -> None:
    for end in (0, 2, 3, 100, 200_000):
        call = c.open(streams.PRIMES, limit(end))
        equal(c.numbers(call), streams.primes(end), "primes below %d" % end)
        expect(c.ends[call].ended, "primes does not end with END")


@check("many items go")
def _(c: Caller) -> None:
    values = list(range(FEWER if c.tester.split == 1 else MANY))
    for together in (1, 7, 1000, len(values)):
        equal(number(c.answer(summed(c, values, together))), sum(values), "sum, %d together" % together)


@check("items go to and fro")
def _(c: Caller) -> None:
    call, total = c.open(streams.CHAT, name("Ada")), FEWER // 10 if c.tester.split == 1 else FEWER
    ends, sent, heard = c.ends[call], 0, []
    while len(heard) < total:
        if sent < total and ends.balance > 0:
            c.item(call, s.pack_string("%d %s" % (sent, "x" * 100)))
            sent += 1
        elif ends.messages:
            count, body = ends.messages.pop(0)
            heard += streams.unpack_items(count, body, lambda data: data.string("result"))
            c.grant(call, len(body))
        else:
            c.pump()
    equal(heard, ["Ada: %d %s" % (n, "x" * 100) for n in range(total)], "chat")
    c.end(call)
    equal(c.texts(call), [], "what comes behind the last answer")


@check("an ITEM that is split at every byte")
def _(c: Caller) -> None:
    texts = ["", "h\u00e9", "three"]
    body = streams.pack_texts(texts)
    call = c.open(streams.CHAT, name("B"))
    for at in range(1, len(body)):
        c.ends[call].balance -= len(body)
        expect(c.ends[call].balance > 0, "the checks are too long")
        c.send(Frame(s.ITEM, s.MORE, call, 3, body[:at]), Frame(s.PING, argument=at),
               Frame(s.ITEM, 0, call, 3, body[at:]))
    c.ends[call].balance -= len(body)
    c.send(*[Frame(s.ITEM, s.MORE, call, 3, bytes([byte])) for byte in body], Frame(s.ITEM, 0, call, 3))
    c.end(call)
    equal(c.texts(call), ["B: " + text for text in texts] * len(body), "chat")


@check("a server without credit sends nothing, and answers other calls")
def _(c: Caller) -> None:
    call = c.open(streams.PRIMES, limit(1_000_000))
    ends = c.ends[call]
    while ends.granted > ends.received or ends.partial is not None:
        c.pump()
    for _ in range(3):
        received = ends.received
        c.alive()
        equal(ends.received, received, "R37: bytes without credit")
        c.grant(call, received - ends.granted + 1)  # for one more message
        while ends.received == received or ends.partial is not None:
            c.pump()
    c.cancel(call)
    c.declined(call, s.CANCELLED)
    c.alive()


@check("a stream fails behind its items")
def _(c: Caller) -> None:
    call = c.open(streams.PRIMES, limit(streams.UNLUCKY))
    equal(c.numbers(call), [2, 3, 5, 7, 11], "primes")
    fails(c.answer(call), ABORTED, False, "primes")


@check("a FAULT that comes early")
def _(c: Caller) -> None:
    call = c.open(streams.SUM)
    c.item(call, streams.pack_numbers([1, -1]), 2)
    while c.item(call, streams.pack_numbers([1] * 100), 100):
        pass
    equal(c.answer(call).declared(), (streams.REFUSED_BY, s.pack_string("sum")), "sum")
    c.send(Frame(s.ITEM, 0, call, 1, bytes(8)), Frame(s.CREDIT, call=call, argument=1), Frame(s.END, call=call))
    c.alive()


@check("CANCEL")
def _(c: Caller) -> None:
    for method, parameters in ((streams.PRIMES, limit(1_000_000)), (streams.SUM, b""), (streams.CHAT, name("C"))):
        call = c.open(method, parameters)
        if method.takes:
            body = s.pack_string("x") if method is streams.CHAT else bytes(8)
            c.item(call, body)
            c.send(Frame(s.ITEM, s.MORE, call, 1, body[:3]))
        c.cancel(call)
        c.declined(call, s.CANCELLED)
        c.send(Frame(s.ITEM, 0, call, 1, bytes(5)), Frame(s.END, call=call))
        c.alive()


@check("what is wrong with a stream fails its call alone")
def _(c: Caller) -> None:
    eight = struct.pack("!q", 1)
    for method, parameters, frames in (
            (streams.SUM, b"", [(s.ITEM, 9, eight)]),               # more items than bytes
            (streams.SUM, b"", [(s.ITEM, 1, eight[:7])]),           # not a whole item
            (streams.SUM, b"", [(s.ITEM, 1, eight + eight), (s.END, 0, b"")]),
            (streams.SUM, b"", [(s.ITEM, 2, eight + eight[:1])]),
            (streams.CHAT, name("D"), [(s.ITEM, 1, struct.pack("!I", 257) + b"x" * 257)]),
            (streams.CHAT, name("D"), [(s.ITEM, 1, struct.pack("!I", 1) + b"\xff")]),
            (streams.PRIMES, limit(1_000_000), [(s.ITEM, 1, eight)]),   # against the direction
            (streams.PRIMES, limit(1_000_000), [(s.END, 0, b"")])):
        call = c.open(method, parameters)
        c.send(*[Frame(kind, 0, call, argument, body) for kind, argument, body in frames])
        c.declined(call, s.INVALID_ARGUMENT)
        c.alive()


@check("nothing may come behind END")
def _(c: Caller) -> None:
    for behind in (Frame(s.END), Frame(s.ITEM, 0, 0, 1, bytes(8))):
        call = c.open(streams.SUM)
        c.send(Frame(s.END, call=call), Frame(behind.kind, 0, call, behind.argument, behind.body))
        answer = c.answer(call)                     # the handler may be quicker (R13)
        expect(answer.kind == s.REPLY or answer.status()[0] == s.INVALID_ARGUMENT, str(answer))
        c.alive()


@check("ITEM and END between parts of a CALL fail it")
def _(c: Caller) -> None:
    for kind, argument, body in ((s.ITEM, 1, bytes(8)), (s.END, 0, b"")):
        call = c.new_call()
        c.waiting.add(call)
        first, last = s.split_message(Frame(s.CALL, 0, call, streams.SUM.number, bytes(8)), 4)
        c.send(first, Frame(kind, 0, call, argument, body), last)
        fails(c.answer(call), s.INVALID_ARGUMENT, True, "sum")
        c.alive()


@check("CREDIT where no stream is")
def _(c: Caller) -> None:
    call = c.open(streams.SUM)
    c.send(Frame(s.CREDIT, call=call, argument=2**32 - 1), Frame(s.CREDIT, call=1, argument=1))
    c.end(call)
    equal(number(c.answer(call)), 0, "sum")


@check("too much credit is malformed")
def _(c: Caller) -> None:
    other = Caller(c.tester)
    call = other.open(streams.PRIMES, limit(1_000_000))
    other.send(Frame(s.CREDIT, call=call, argument=2**31), Frame(s.CREDIT, call=call, argument=2**31))
    other.ends[call].granted = 2**33
    other.expect_goaway(s.GOAWAY_MALFORMED)
    c.alive()


@check("parts of an ITEM that do not fit together are malformed")
def _(c: Caller) -> None:
    for frame in (Frame(s.ITEM, 0, 1, 2, b"x"), Frame(s.ITEM, s.MORE, 1, 1), Frame(s.END, call=1)):
        other = Caller(c.tester)
        other.open(streams.SUM)
        other.send(Frame(s.ITEM, s.MORE, 1, 1, b"abc"), frame)
        other.expect_goaway(s.GOAWAY_MALFORMED)
    c.alive()


@check("a caller that shuts down writing gives up its streams")
def _(c: Caller) -> None:
    other = Caller(c.tester)
    calls = [other.open(streams.SUM), other.open(streams.CHAT, name("E")), other.open(streams.SUM)]
    other.item(calls[2], streams.pack_numbers([4, 5]), 2)
    other.end(calls[2])
    other.half_close()
    equal(number(other.answer(calls[2])), 9, "the stream that is complete")
    for call in calls[:2]:
        other.declined(call, s.CANCELLED)
    other.expect_end()


@check("the connection ends in order")
def _(c: Caller) -> None:
    c.finish()


# --- The program -----------------------------------------------------------------------------

def caller(tester: client.Tester) -> Caller:
    """One for all checks."""
    if not hasattr(tester, "caller"):
        tester.caller = Caller(tester)
    return tester.caller


if __name__ == "__main__":
    sys.exit(client.main(CHECKS, caller))
