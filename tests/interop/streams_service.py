"""The streams of a call at the server, and the methods of golden/streams.rpc, for server.py."""

from __future__ import annotations

import struct
from collections import deque
from typing import Callable, Iterator

import speaker as s
import streams
from speaker import Broken, Declared, Failed, Frame, Unpacker

ABORTED = 10
TOGETHER = 100                                      # primes in an ITEM

Job = Callable[..., bytes]


class Over(Exception):
    """The call has ended from the outside: nobody wants what its handler does."""


class Streams:
    """Both directions of a call's streams. The lock is that of its connection, whose reader calls `take_…`."""

    def __init__(self, connection, call, method: streams.Streaming) -> None:
        self.connection, self.call, self.method = connection, call, method
        self.changed = connection.idle
        self.balance = connection.peer.window               # R37: what may be sent
        self.granted, self.received = connection.preface.window, 0
        self.arrived: deque[tuple[int, bytes]] = deque()
        self.partial: tuple[int, bytearray] | None = None   # count and bytes of an unfinished ITEM
        self.complete = not method.takes

    # What the reader takes

    def take(self, frame: Frame) -> None:
        if frame.kind == s.CREDIT:
            self._take_credit(frame.argument)
        elif self.complete:
            raise Failed(s.INVALID_ARGUMENT, "kind %d, and the stream is complete or not there" % frame.kind)
        elif frame.kind == s.END:
            if self.partial:
                raise Broken(s.GOAWAY_MALFORMED, "END between parts of an ITEM")
            self.complete = True
        else:
            self._take_item(frame)
        self.changed.notify_all()

    def _take_credit(self, size: int) -> None:
        self.balance += size if self.method.gives else 0
        if self.balance > streams.MOST_CREDIT:
            raise Broken(s.GOAWAY_MALFORMED, "R37: a balance of %d" % self.balance)

    def _take_item(self, frame: Frame) -> None:
        if self.partial is None:
            if self.granted <= self.received:
                raise Broken(s.GOAWAY_LIMIT, "R37: an ITEM without credit")
            self.partial = frame.argument, bytearray()
        count, body = self.partial
        if frame.argument != count or frame.more and not frame.body:
            raise Broken(s.GOAWAY_MALFORMED, "a part of an ITEM that breaks R22")
        body += frame.body
        self.received += len(frame.body)
        if self.received > self.granted + self.connection.MOST_OVERDRAWN:
            raise Failed(s.RESOURCE_EXHAUSTED, "L2: an ITEM of %d bytes" % len(body))
        if not frame.more:
            self.partial = None
            if count > len(body):
                raise Failed(s.INVALID_ARGUMENT, "R29: %d items in %d bytes" % (count, len(body)))
            self.arrived.append((count, bytes(body)))

    # What the handler does

    def items(self, read: Callable[[Unpacker], object]) -> Iterator:
        """The items as they come, up to END. Each message gives credit once its items are done with."""
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.call.answered or self.arrived or self.complete)
                if self.call.answered:
                    raise Over
                if not self.arrived:
                    return
                count, body = self.arrived.popleft()
            yield from streams.unpack_items(count, body, read)
            self._grant(len(body))

    def _grant(self, size: int) -> None:
        with self.changed:
            if not (self.complete or self.call.answered):
                self.granted += size
                self.connection.outbox.put([Frame(s.CREDIT, call=self.call.number, argument=size)])

    def send(self, body: bytes, count: int = 1) -> None:
        """Waits for credit, and then until all parts but the last are written: no other ITEM may come between (R23)."""
        written: list[bool] = []

        def note() -> None:
            with self.changed:
                written.append(True)
                self.changed.notify_all()

        with self.changed:
            self.changed.wait_for(lambda: self.call.answered or self.balance > 0)
            if self.call.answered:
                raise Over
            self.balance -= len(body)
            self.connection.put_message(Frame(s.ITEM, 0, self.call.number, count, body), note)
            self.changed.wait_for(lambda: self.call.answered or written)


class Mixed:
    methods = {method.number: method for method in (streams.ADD, streams.PRIMES, streams.SUM)}

    def job(self, method: streams.Streaming, data: Unpacker) -> Job:
        reader = {streams.ADD: self._read_add, streams.PRIMES: self._read_primes, streams.SUM: self._read_sum}[method]
        job = reader(data)
        data.finish(method.name)
        return job

    @staticmethod
    def _read_add(data: Unpacker) -> Job:
        total = data.number("i", "a") + data.number("i", "b")
        return lambda: struct.pack("!i", total)

    @staticmethod
    def _read_primes(data: Unpacker) -> Job:
        limit = data.number("Q", "limit")

        def run(ends: Streams) -> bytes:
            numbers = streams.primes(limit)
            for start in range(0, len(numbers), TOGETHER):
                some = numbers[start:start + TOGETHER]
                ends.send(streams.pack_numbers(some), len(some))
            if limit == streams.UNLUCKY:
                raise Failed(ABORTED, "unlucky")
            return b""
        return run

    @staticmethod
    def _read_sum(data: Unpacker) -> Job:
        def run(ends: Streams) -> bytes:
            total = 0
            for value in ends.items(lambda data: data.number("q", "values")):
                if value < 0:
                    raise Declared(streams.REFUSED_BY, s.pack_string("sum"))
                total += value
            return struct.pack("!q", total)
        return run


class Both:
    methods = {streams.CHAT.number: streams.CHAT}

    def job(self, method: streams.Streaming, data: Unpacker) -> Job:
        name = data.string("name", streams.MAX_NAME)
        data.finish(method.name)

        def run(ends: Streams) -> bytes:
            for message in ends.items(lambda data: data.string("messages", streams.MAX_TEXT)):
                ends.send(s.pack_string("%s: %s" % (name, message)))
            return b""
        return run
