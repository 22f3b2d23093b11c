"""The methods of golden/streams.rpc that streams_service.py serves and streams_client.py calls."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from speaker import Method, Unpacker, fnv, pack_string

PACKAGE = "golden.streams"
REFUSED_BY = 1                                      # the variant of Refused
UNLUCKY = 13                                        # primes below it fail behind their items
MOST_CREDIT = 2**31                                 # R37


@dataclass(frozen=True)
class Streaming(Method):
    """A method, and which of its streams there are."""
    takes: bool
    gives: bool


def _method(service: str, name: str, shape: str) -> Streaming:
    parameters, results = shape.split("->")
    number = fnv("%s.%s/%s" % (PACKAGE, service, name))
    return Streaming(name, number, fnv(shape), False, "stream<" in parameters, "stream<" in results)


ADD = _method("Mixed", "add", "(a:i32,b:i32)->(i32)")
PRIMES = _method("Mixed", "primes", "(limit:u64)->(stream<u64>)")
SUM = _method("Mixed", "sum", "(values:stream<i64>)->(i64)")
CHAT = _method("Both", "chat", "(name:string,messages:stream<string>)->(stream<string>)")
METHODS = {method.number: method for method in (ADD, PRIMES, SUM, CHAT)}

MAX_NAME, MAX_TEXT = 64, 256


def primes(limit: int) -> list[int]:
    """Those below a limit."""
    sieve = bytearray([1]) * limit
    for number in range(2, int(limit ** 0.5) + 1):
        if sieve[number]:
            sieve[number * number::number] = bytes(len(range(number * number, limit, number)))
    return [number for number in range(2, limit) if sieve[number]]


def pack_numbers(numbers: list[int]) -> bytes:
    return struct.pack("!%dq" % len(numbers), *numbers)


def pack_texts(texts: list[str]) -> bytes:
    return b"".join(map(pack_string, texts))


def unpack_items(count: int, body: bytes, read) -> list:
    """Each ITEM carries whole items, as many as it says (R28)."""
    data = Unpacker(body)
    items = [read(data) for _ in range(count)]
    data.finish("items")
    return items
