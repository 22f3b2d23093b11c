"""Packing, frames and prefaces of the wire format, shared by client.py and server.py.

Written from docs/wire.md alone (and idl/calculator.rpc for the interface), with nothing but
Python's standard library. It may serve as an example for an implementation in another language.
Numbers such as R22 or L7 are those of the page.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable, Iterator

TIMEOUT = 10.0                      # seconds: for every socket, without progress (L6, L7, L15)

MAGIC, VERSION = b"RPCG", 1
PREFACE = struct.Struct("!4sBBHII")
HEADER = struct.Struct("!IBBHII")
ENTRY = struct.Struct("!BBH")

MIN_CALLS, MIN_FRAME, MIN_WINDOW = 64, 65_536, 16_384
MAX_CALL = 2**31 - 1
MAX_TEXT, MAX_PING, MAX_EXTENSION = 1024, 64, 65_535        # L18, L19, L20
MAX_LEVELS = 64                                             # L10

CALL, REPLY, FAULT, ITEM, END, CANCEL, CREDIT, PING, PONG, GOAWAY = range(1, 11)
MORE, ONEWAY = 1, 2

KINDS_FOR_SERVER = {CALL, ITEM, END, CANCEL, CREDIT, PING, PONG, GOAWAY}
KINDS_FOR_CALLER = {REPLY, FAULT, ITEM, END, CREDIT, PING, PONG, GOAWAY}
KINDS_WITHOUT_CALL = {PING, PONG, GOAWAY}
KINDS_WITH_EXTENSION = {CALL, REPLY, FAULT}
FLAGS = {CALL: MORE | ONEWAY, REPLY: MORE, FAULT: MORE, ITEM: MORE}

CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED = 1, 2, 3, 4
RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, SCHEMA_MISMATCH = 8, 12, 13, 14, 17
GOAWAY_END, GOAWAY_MALFORMED, GOAWAY_SLOW, GOAWAY_LIMIT, GOAWAY_VERSION = 0, 3, 4, 8, 12

TIMEOUT_KEY, METADATA_KEY, TRACE_KEY = 1, 2, 3
MUST_UNDERSTAND = 1
KEY_LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789-_.")


class Broken(Exception):
    """The peer broke a rule of the connection: it gets GOAWAY with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class WrongMagic(Exception):
    """The peer speaks another protocol: it gets no answer (R7)."""


class Ended(Exception):
    """The peer shut down writing; `inside` a frame or preface it is a broken connection."""

    def __init__(self, inside: bool) -> None:
        super().__init__("the peer closed the connection" + (" within a frame" if inside else ""))
        self.inside = inside


class Failed(Exception):
    """A call fails with a status."""

    def __init__(self, status: int, message: str, did_not_run: bool = False) -> None:
        super().__init__(message)
        self.status, self.did_not_run = status, did_not_run


class Declared(Exception):
    """A call fails with a declared error, packed (R49)."""

    def __init__(self, ordinal: int, value: bytes = b"") -> None:
        super().__init__("declared error @%d" % ordinal)
        self.packed = pack_error(ordinal, value)


class BadValue(Exception):
    """Bytes that are not a value of their type (R34)."""


# --- The interface ---------------------------------------------------------------------------

def fnv(text: str) -> int:
    """32-bit FNV-1a (R55)."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


@dataclass(frozen=True)
class Method:
    name: str
    number: int
    shape: int
    oneway: bool


def _method(name: str, shape: str) -> Method:
    number = fnv("demo.calculator.Calculator/" + name)
    return Method(name, number, fnv(shape), shape.startswith("oneway"))


ADD = _method("add", "(a:i32,b:i32)->(i32)")
DIVIDE = _method("divide", "(a:i32,b:i32)->(i32)")
APPLY = _method("apply", "(op:u8,a:i32,b:i32)->(i32)")
STATS = _method("stats", "(values:list<f64>)->(mean:f64,stddev:f64)")
HISTORY = _method("history", "(limit:u32)->(list<{op:u8,a:i32,b:i32,result:i32?}>)")
LOG = _method("log", "oneway(line:string)")
PING_METHOD = _method("ping", "()->()")
METHODS = {m.number: m for m in (ADD, DIVIDE, APPLY, STATS, HISTORY, LOG, PING_METHOD)}

MAX_VALUES, MAX_LINE = 1 << 16, 4096
OP_ADD, OP_SUBTRACT, OP_MULTIPLY, OP_DIVIDE = 1, 2, 3, 4
DIVIDE_BY_ZERO, OVERFLOW = 1, 2                     # the variants of MathError
I32_MIN, I32_MAX = -2**31, 2**31 - 1


@dataclass(frozen=True)
class Step:
    op: int
    a: int
    b: int
    result: int | None

    LEAST_BYTES = 10

    def pack(self) -> bytes:
        head = struct.pack("!Bii", self.op, self.a, self.b)
        return head + (b"\0" if self.result is None else struct.pack("!Bi", 1, self.result))

    @staticmethod
    def unpack(data: Unpacker, path: str) -> Step:
        op = data.number("B", path + ".op")
        a = data.number("i", path + ".a")
        b = data.number("i", path + ".b")
        present = data.flag(path + ".result")
        return Step(op, a, b, data.number("i", path + ".result") if present else None)


# --- Packing ---------------------------------------------------------------------------------

def pack_string(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return struct.pack("!I", len(data)) + data


def pack_values(values: list[float]) -> bytes:
    return struct.pack("!I%dd" % len(values), len(values), *values)


def pack_error(ordinal: int, value: bytes = b"") -> bytes:
    return struct.pack("!HI", ordinal, len(value)) + value


class Unpacker:
    """Takes values off the front of some bytes; errors name the path and the byte offset."""

    def __init__(self, data: bytes) -> None:
        self.data, self.offset, self.end, self.level = data, 0, len(data), 0

    def refuse(self, path: str, why: str, back: int = 0) -> BadValue:
        """`back` is how many of the bytes already taken the complaint is about."""
        return BadValue("%s: %s, at byte %d" % (path, why, self.offset - back))

    def left(self) -> int:
        return self.end - self.offset

    @contextmanager
    def within(self, size: int, path: str) -> Iterator[None]:
        """What is read meanwhile fills the next `size` bytes exactly (R49, R61)."""
        outer, self.end = self.end, self.offset + size
        yield
        self.finish(path)
        self.end = outer

    @contextmanager
    def deeper(self, path: str) -> Iterator[None]:
        """What is read meanwhile stands one level further in (R54)."""
        self.level += 1
        if self.level > MAX_LEVELS:
            raise self.refuse(path, "more than %d levels" % MAX_LEVELS)
        yield
        self.level -= 1

    def take(self, size: int, path: str) -> bytes:
        if size > self.left():
            raise self.refuse(path, "%d bytes wanted, %d left" % (size, self.left()))
        self.offset += size
        return self.data[self.offset - size:self.offset]

    def number(self, code: str, path: str):
        return struct.unpack("!" + code, self.take(struct.calcsize("!" + code), path))[0]

    def flag(self, path: str) -> bool:
        byte = self.number("B", path)
        if byte > 1:
            raise self.refuse(path, "0 or 1 wanted, not %d" % byte, back=1)
        return byte == 1

    def count(self, least: int, path: str, bound: int | None = None) -> int:
        """The count of a list: believed only if the bytes can be there (R53)."""
        count = self.number("I", path)
        if bound is not None and count > bound:
            raise self.refuse(path, "%d is over the bound %d" % (count, bound), back=4)
        if count * least > self.left():
            raise self.refuse(path, "%d announced, %d bytes left" % (count, self.left()), back=4)
        return count

    def length(self, path: str, bound: int | None = None) -> int:
        """The length of what follows: believed only if the bytes are there."""
        size = self.number("I", path)
        if bound is not None and size > bound:
            raise self.refuse(path, "%d bytes are over the bound %d" % (size, bound), back=4)
        if size > self.left():
            raise self.refuse(path, "%d bytes wanted, %d left" % (size, self.left()))
        return size

    def blob(self, path: str, bound: int | None = None) -> bytes:
        return self.take(self.length(path, bound), path)

    def string(self, path: str, bound: int | None = None) -> str:
        data = self.blob(path, bound)
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise self.refuse(path, "not UTF-8", back=4 + len(data)) from None

    def values(self, path: str, bound: int | None = None) -> list[float]:
        count = self.count(8, path, bound)
        return list(struct.unpack("!%dd" % count, self.take(8 * count, path)))

    def steps(self, path: str) -> list[Step]:
        count = self.count(Step.LEAST_BYTES, path)
        return [Step.unpack(self, "%s[%d]" % (path, index)) for index in range(count)]

    def finish(self, path: str) -> None:
        if self.left():
            raise self.refuse(path, "%d bytes left over" % self.left())


def clean_text(text: str) -> str:
    """The message of a FAULT or reason of GOAWAY, escaped and cut (R16)."""
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    out, size = [], 0
    for letter in text:
        if ord(letter) < 0x20 or 0x7F <= ord(letter) <= 0x9F:
            letter = short.get(letter, "\\u{%x}" % ord(letter))
        size += len(letter.encode())
        if size > MAX_TEXT:
            break
        out.append(letter)
    return "".join(out)


def pack_status(message: str, did_not_run: bool) -> bytes:
    return struct.pack("!B", did_not_run) + pack_string(clean_text(message))


# --- Extensions ------------------------------------------------------------------------------

def pack_entry(key: int, data: bytes, flags: int = 0) -> bytes:
    if ENTRY.size + len(data) > MAX_EXTENSION:
        raise Failed(RESOURCE_EXHAUSTED, "L20: extension %d of %d bytes" % (key, len(data)))
    return ENTRY.pack(key, flags, len(data)) + data


def pack_timeout(microseconds: int) -> bytes:
    return pack_entry(TIMEOUT_KEY, struct.pack("!Q", microseconds))


def pack_metadata(pairs: list[tuple[str, bytes]]) -> bytes:
    rows = b"".join(pack_string(key) + pack_string(value) for key, value in pairs)
    return pack_entry(METADATA_KEY, struct.pack("!H", len(pairs)) + rows)


def pack_trace(trace: bytes, parent: bytes, flags: int) -> bytes:
    return pack_entry(TRACE_KEY, struct.pack("!16s8sB", trace, parent, flags))


@dataclass
class Extensions:
    timeout: int | None = None
    metadata: list[tuple[str, bytes]] | None = None
    trace: tuple[bytes, bytes, int] | None = None


def unpack_extensions(block: bytes, kind: int) -> Extensions:
    """Reads a block; BadValue if it breaks R18, Failed if an unknown entry must be understood."""
    data, entries = Unpacker(block), {}
    while data.left():
        key, flags = data.number("B", "extension"), data.number("B", "extension")
        entry = data.take(data.number("H", "extension %d" % key), "extension %d" % key)
        if key in entries:
            raise BadValue("extension %d stands twice" % key)
        entries[key] = flags, entry
    found, not_understood = Extensions(), None
    for key, (flags, entry) in entries.items():
        if key == METADATA_KEY:
            found.metadata = _unpack_metadata(entry)
        elif key == TIMEOUT_KEY and kind == CALL:
            found.timeout = _exact("Q", entry, "timeout")[0]
        elif key == TRACE_KEY and kind == CALL:
            trace, parent, flags = _exact("16s8sB", entry, "trace context")
            if any(trace) and any(parent):
                found.trace = trace, parent, flags
        elif key not in (TIMEOUT_KEY, TRACE_KEY) and flags & MUST_UNDERSTAND:
            not_understood = key
    if not_understood is not None:
        raise Failed(UNIMPLEMENTED, "extension %d is not known here" % not_understood, True)
    return found


def _exact(code: str, entry: bytes, name: str) -> tuple:
    if len(entry) != struct.calcsize("!" + code):
        raise BadValue("%s: an entry of %d bytes" % (name, len(entry)))
    return struct.unpack("!" + code, entry)


def _unpack_metadata(entry: bytes) -> list[tuple[str, bytes]]:
    data = Unpacker(entry)
    count = data.number("H", "metadata")
    pairs = [(data.string("metadata key"), data.blob("metadata value")) for _ in range(count)]
    data.finish("metadata")
    for key, _ in pairs:
        if not key or not set(key) <= KEY_LETTERS:
            raise BadValue("metadata: the key %r" % key)
    return pairs


def traceparent(trace: bytes, parent: bytes, flags: int) -> bytes:
    """The text that HTTP would carry."""
    return b"00-%s-%s-%02x" % (trace.hex().encode(), parent.hex().encode(), flags)


# --- Prefaces --------------------------------------------------------------------------------

@dataclass(frozen=True)
class Preface:
    calls: int = MIN_CALLS
    frame: int = MIN_FRAME
    window: int = MIN_WINDOW

    def pack(self) -> bytes:
        return PREFACE.pack(MAGIC, VERSION, 0, self.calls, self.frame, self.window)


def unpack_preface(data: bytes) -> Preface:
    magic, version, _flags, calls, frame, window = PREFACE.unpack(data)
    if magic != MAGIC:
        raise WrongMagic(repr(magic))
    if version != VERSION:
        raise Broken(GOAWAY_VERSION, "version %d, this side speaks %d" % (version, VERSION))
    if calls < MIN_CALLS or frame < MIN_FRAME or window < MIN_WINDOW:
        raise Broken(GOAWAY_MALFORMED, "preface below the minima: %d calls, frames of %d, window %d"
                     % (calls, frame, window))
    return Preface(calls, frame, window)


# --- Frames ----------------------------------------------------------------------------------

@dataclass(frozen=True)
class Frame:
    kind: int
    flags: int = 0
    call: int = 0
    argument: int = 0
    body: bytes = b""
    extension: bytes = b""

    @property
    def more(self) -> bool:
        return bool(self.flags & MORE)

    @property
    def oneway(self) -> bool:
        return bool(self.flags & ONEWAY)

    def pack(self) -> bytes:
        payload = self.extension + self.body
        return HEADER.pack(len(payload), self.kind, self.flags, len(self.extension),
                           self.call, self.argument) + payload


def split_message(frame: Frame, limit: int) -> list[Frame]:
    """Cuts a message into frames of at most `limit` payload bytes (R22).

    The whole extension block and one byte go into the first frame, even if `limit` is smaller.
    """
    first = max(1, limit - len(frame.extension))
    cuts = [0, first, *range(first + limit, len(frame.body), limit)]
    parts = [frame.body[a:b] for a, b in zip(cuts, [*cuts[1:], None]) if a == 0 or a < len(frame.body)]
    last = len(parts) - 1
    return [Frame(frame.kind, frame.flags | (MORE if index < last else 0), frame.call,
                  frame.argument, part, b"" if index else frame.extension)
            for index, part in enumerate(parts)]


def goaway(highest: int, code: int, reason: str) -> Frame:
    body = struct.pack("!I", code) + pack_string(clean_text(reason))
    return Frame(GOAWAY, argument=highest, body=body)


def unpack_goaway(body: bytes) -> tuple[int, str]:
    data = Unpacker(body)
    try:
        code, reason = data.number("I", "code"), data.string("reason")
        data.finish("GOAWAY")
    except BadValue as error:
        raise Broken(GOAWAY_MALFORMED, "GOAWAY: %s" % error) from None
    return code, reason


def check_header(length: int, kind: int, flags: int, extension: int, call: int, argument: int,
                 at_server: bool) -> None:
    """Refuses what breaks the two tables of R9, as far as the header shows it (R10)."""
    def need(condition: bool, what: str) -> None:
        if not condition:
            raise Broken(GOAWAY_MALFORMED, "kind %d: %s" % (kind, what))

    need(kind in (KINDS_FOR_SERVER if at_server else KINDS_FOR_CALLER), "not for this side")
    need(not flags & ~FLAGS.get(kind, 0), "flags %#x" % flags)
    need(extension == 0 or kind in KINDS_WITH_EXTENSION, "an extension")
    need(extension <= length, "the extension is longer than the payload")
    need((call == 0) == (kind in KINDS_WITHOUT_CALL), "call %d" % call)
    need(call <= MAX_CALL, "call number %#x is reserved" % call)
    if kind in (REPLY, END, CANCEL):
        need(argument == 0, "argument %d" % argument)
    if kind in (ITEM, CREDIT):
        need(argument >= 1, "argument 0")
    if kind in (END, CANCEL, CREDIT):
        need(length == 0, "a payload of %d bytes" % length)
    if kind in (PING, PONG):
        need(length <= MAX_PING, "a payload of %d bytes" % length)


# --- The byte stream -------------------------------------------------------------------------

class Stream:
    """A connected socket: writes in pieces of `split` bytes, and reads whole frames.

    `wake` is called before each wait; it returns how many seconds the wait may last at most.
    """

    def __init__(self, connected: socket.socket, split: int = 0,
                 wake: Callable[[], float] = lambda: TIMEOUT) -> None:
        self.socket, self.split, self.wake = connected, split, wake
        connected.settimeout(TIMEOUT)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.poller = select.poll()
        self.poller.register(connected, select.POLLIN)

    def send(self, data: bytes) -> None:
        view, step = memoryview(data), self.split or 65_536
        for start in range(0, len(data), step):
            piece = view[start:start + step]
            while piece:
                piece = piece[self.socket.send(piece):]

    def fill(self, inside: bool, until: float | None = None) -> None:
        """Waits for more bytes: for ever at the end of a frame, but never long inside one."""
        give_up = until or time.monotonic() + TIMEOUT
        while True:
            patience = give_up - time.monotonic()
            if (inside or until) and patience <= 0:
                raise Broken(GOAWAY_SLOW, "no byte for %g s" % TIMEOUT)
            wait = min(self.wake(), patience if patience > 0 else TIMEOUT)
            if self.poller.poll(max(0, int(wait * 1000) + 1)):
                break
        data = self.socket.recv(65_536)
        if not data:
            raise Ended(inside)
        self.buffer += data

    def take(self, size: int, inside: bool = True) -> bytes:
        while len(self.buffer) < size:
            self.fill(inside or bool(self.buffer))
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def read_preface(self) -> Preface:
        """Reads the peer's preface; wrong magic is noticed at its first byte (R7)."""
        until = time.monotonic() + TIMEOUT
        while len(self.buffer) < PREFACE.size:
            self.fill(bool(self.buffer), until)
            known = min(len(self.buffer), len(MAGIC))
            if self.buffer[:known] != MAGIC[:known]:
                raise WrongMagic(repr(bytes(self.buffer[:16])))
        return unpack_preface(self.take(PREFACE.size))

    def read_frame(self, limit: int, at_server: bool) -> Frame:
        """The next frame of a known kind; hints of kinds from 128 on are skipped (R11)."""
        while True:
            length, kind, *rest = HEADER.unpack(self.take(HEADER.size, inside=False))
            if length > limit:
                raise Broken(GOAWAY_LIMIT, "L1: a frame of %d bytes, at most %d" % (length, limit))
            if kind < 128:
                check_header(length, kind, *rest, at_server)
            payload = self.take(length)
            if kind < 128:
                flags, extension, call, argument = rest
                return Frame(kind, flags, call, argument, payload[extension:], payload[:extension])

    def drain(self, seconds: float) -> None:
        """Reads and drops until the peer closes, for at most so long (R45)."""
        until = time.monotonic() + seconds
        while (patience := until - time.monotonic()) > 0:
            if self.poller.poll(int(patience * 1000) + 1) and not self.socket.recv(65_536):
                return
