"""The services of golden/shapes.rpc, for server.py."""

from __future__ import annotations

import struct
from typing import Callable

import shapes
from packing import Operation
from speaker import Declared, Method, Unpacker

Job = Callable[[], bytes]


def unpack_all(operation: Operation, data: Unpacker) -> dict:
    parameters = operation.takes.unpack(data, "")
    data.finish(operation.method.name)
    return parameters


class Shapes:
    """Gives back what it is given; `fold`, `unfold` and `refuse` take it apart."""

    def __init__(self) -> None:
        self.handlers: dict[Operation, Callable[[dict], dict]] = {
            echo: lambda given: {"result": given["value"]} for echo in shapes.ECHOES.values()}
        self.handlers[shapes.FOLD] = lambda given: {"result": given}
        self.handlers[shapes.UNFOLD] = lambda given: given["value"]
        self.handlers[shapes.REFUSE] = self._refuse
        self.operations = {operation.method: operation for operation in self.handlers}
        self.methods = {method.number: method for method in self.operations}

    @staticmethod
    def _refuse(given: dict) -> dict:
        packed = shapes.REFUSAL.pack(given["value"], "refusal")
        raise Declared(struct.unpack("!H", packed[:2])[0], packed[6:])

    def job(self, method: Method, data: Unpacker) -> Job:
        operation = self.operations[method]
        given = unpack_all(operation, data)
        return lambda: operation.gives.pack(self.handlers[operation](given), "")


def table(*fields: bytes) -> bytes:
    body = b"".join(fields)
    return struct.pack("!I", len(body)) + body


def text(ordinal: int, content: bytes) -> bytes:
    return struct.pack("!HI", ordinal * 8 + 4, len(content)) + content


def word(ordinal: int, value: int) -> bytes:
    return struct.pack("!HI", ordinal * 8 + 2, value)


class Newer:
    """Answers that nothing made from shapes.rpc can make, byte by byte."""

    ANSWERS = {
        "profile": table(text(1, b"Ada"), word(3, 36), text(4, b"later"), word(6, 7),
                         struct.pack("!HB", 7 * 8, 255), text(8191, b"")),
        "shape": struct.pack("!HI", 77, 5) + b"later",
        "access": struct.pack("!I", 0x8000_0001),
        "key": struct.pack("!HQ", 77, 1),
        "mode": b"\x03",
        "unsorted": table(word(3, 36), text(1, b"Ada")),
    }

    def __init__(self) -> None:
        self.operations = {operation.method: operation for operation in shapes.NEWER.values()}
        self.methods = {method.number: method for method in self.operations}

    def job(self, method: Method, data: Unpacker) -> Job:
        unpack_all(self.operations[method], data)
        if method.name == "refuse":
            return self._refuse
        return lambda: self.ANSWERS[method.name]

    @staticmethod
    def _refuse() -> bytes:
        raise Declared(77, b"later")
