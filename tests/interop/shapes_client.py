"""Checks a server of golden/shapes.rpc: shapes_client.py HOST:PORT [--split N] [--frame BYTES]

Like client.py, of which it uses the connection, it was written from docs/wire.md and the interface
alone.
"""

from __future__ import annotations

import random
import re
import struct
import sys
from typing import Callable

import client
import packing as p
import shapes
import speaker as s
from client import Answer, Connection, equal, expect
from shapes_service import table, text, word

Check = Callable[[Connection], None]
CHECKS: list[tuple[str, Check]] = []
ANY = random.Random(7)
INNERMOST = 3                                       # levels of values that are made up


def check(name: str) -> Callable[[Check], Check]:
    def add(function: Check) -> Check:
        CHECKS.append((name, function))
        return function
    return add


# --- Calls -----------------------------------------------------------------------------------

def finish(operation: p.Operation, answer: Answer) -> dict:
    data = answer.reply()
    results = operation.gives.unpack(data, "")
    data.finish(operation.method.name)
    return results


def call(c: Connection, operation: p.Operation, **given) -> dict:
    return finish(operation, c.call(operation.method, operation.takes.pack(given, "")))


def echo(c: Connection, name: str, packed: bytes) -> bytes:
    """What comes back of these bytes; they are a value's only form, so they say all (R51)."""
    return bytes(c.call(shapes.ECHOES[name].method, packed).reply().data)


def keeps(c: Connection, name: str, value) -> None:
    operation = shapes.ECHOES[name]
    packed = operation.takes.pack({"value": value}, "")
    answer = c.call(operation.method, packed)
    equal(bytes(answer.body).hex(" "), packed.hex(" "), "%s of %r" % (name, value))
    equal(finish(operation, answer), finish(operation, Answer(s.REPLY, 0, bytearray(packed))), name)


def refuses(c: Connection, name: str, packed: bytes, path: str, offset: int) -> None:
    """The parameter is refused, and the message says where (R34, R51)."""
    what = "%s of %s" % (name, packed.hex(" "))
    answer = c.call(shapes.ECHOES[name].method, packed)
    expect(answer.kind == s.FAULT, "%s: it was taken: %s" % (what, answer))
    message = client.fails(answer, s.INVALID_ARGUMENT, True, what)
    expect(path in message, "%s: %r does not name %s" % (what, message, path))
    expect(re.search(r"byte %d\b" % offset, message) is not None,
           "%s: %r does not name byte %d" % (what, message, offset))
    local_refuses(shapes.ECHOES[name], packed, path, offset)


def local_refuses(operation: p.Operation, packed: bytes, path: str, offset: int) -> None:
    """This side says the same of these bytes."""
    data = s.Unpacker(packed)
    try:
        operation.takes.unpack(data, "")
        data.finish(operation.method.name)
    except s.BadValue as error:
        expect(path in str(error) and str(error).endswith("at byte %d" % offset),
               "this side says %s, wanted byte %d of %s" % (error, offset, path))
    else:
        raise client.Wrong("this side takes %s" % packed.hex(" "))


# --- Values that are made up -----------------------------------------------------------------

LETTERS = "aé\0\u2028😀 z"
EDGES = {"f": [0.0, -0.0, 1.5, -1e30, float("inf")], "d": [0.0, -0.0, 1.5, -1e300, float("inf")]}


def any_value(kind: p.Type, depth: int = 0):
    if isinstance(kind, p.Enum):
        return any_member(kind)
    if isinstance(kind, p.Number):
        return any_number(kind.code)
    if isinstance(kind, p.Bytes):
        letters = "".join(ANY.choices(LETTERS, k=ANY.randrange(4)))[:(kind.bound or 99) // 4]
        return letters if isinstance(kind, p.String) else letters.encode()
    if isinstance(kind, p.Optional):
        return None if depth > INNERMOST or ANY.random() < 0.4 else any_value(kind.item, depth + 1)
    if isinstance(kind, p.Table):
        return {f.name: any_value(f.kind, depth + 1) for f in kind.fields.values()}
    if isinstance(kind, p.Group):
        return {name: any_value(inner, depth + 1) for name, inner in kind.fields.items()}
    if isinstance(kind, p.Union):
        return any_variant(kind, depth)
    return any_items(kind, depth)


def any_number(code: str):
    if code in "fd":
        return ANY.choice(EDGES[code])
    if code == "?":
        return ANY.random() < 0.5
    bits = 8 * struct.calcsize("!" + code)
    least = -2**(bits - 1) if code.islower() else 0
    return ANY.choice([least, least + 2**bits - 1, ANY.randrange(least, least + 2**bits), 1])


def any_member(kind: p.Enum) -> int:
    if not kind.closed:
        return any_number(kind.code)
    members = list(kind.members.values())
    return ANY.choice([0, *members, sum(members)] if isinstance(kind, p.Flags) else members)


def any_variant(kind: p.Union, depth: int):
    if depth > INNERMOST:
        rows = [(name, inner) for name, inner in kind.variants.values()
                if inner is p.EMPTY or inner.fixed]
    else:
        rows = list(kind.variants.values())
    if not kind.closed and ANY.random() < 0.2:
        return ANY.choice([77, p.MAX_ORDINAL]), ANY.randbytes(ANY.randrange(5))
    name, inner = ANY.choice(rows)
    return name, any_value(inner, depth + 1)


def any_items(kind: p.Type, depth: int):
    if isinstance(kind, p.Array):
        return [any_value(kind.item, depth + 1) for _ in range(kind.size)]
    count = 0 if depth > INNERMOST else ANY.randrange(4)
    if isinstance(kind, p.List):
        return [any_value(kind.item, depth + 1) for _ in range(count)]
    return {any_value(kind.key): any_value(kind.value, depth + 1) for _ in range(count)}


# --- Checks: values --------------------------------------------------------------------------

ADA = {"name": "Ada", "email": None, "age": 36, "tags": ["x"]}


@check("made up values of every kind come back")
def _(c: Connection) -> None:
    for name, operation in shapes.ECHOES.items():
        for _ in range(40):
            keeps(c, name, any_value(operation.takes.fields["value"]))


@check("fields have the names of the interface")
def _(c: Connection) -> None:
    for email in (None, "", "a@b"):
        alone = {**ADA, "email": email}
        equal(call(c, shapes.FOLD, **alone), {"result": alone}, "fold")
        equal(call(c, shapes.UNFOLD, value=alone), alone, "unfold")


@check("absent fields are read as their defaults and zeros, and written")
def _(c: Connection) -> None:
    equal(call(c, shapes.UNFOLD, value={})["age"], 18, "age by default")
    for name, kind in (("profile", shapes.PROFILE), ("everything", shapes.EVERYTHING)):
        equal(echo(c, name, table()).hex(" "), kind.pack({}, "").hex(" "), name)
    whole = {**ADA, "email": "a@b"}
    for absent in ADA:
        fields = p.Table({n: (f.name, f.kind) for n, f in shapes.PROFILE.fields.items()
                          if f.name != absent})
        default = shapes.PROFILE.zero()[absent]
        equal(call_packed(c, "profile", fields.pack(whole, "")), {**whole, absent: default}, absent)


def call_packed(c: Connection, name: str, packed: bytes):
    return finish(shapes.ECHOES[name], c.call(shapes.ECHOES[name].method, packed))["result"]


@check("declared errors carry tables and unions")
def _(c: Connection) -> None:
    for value in [("Bare", {}), ("Person", {"profile": ADA, "shape": ("row", [("circle", 1.0)])}),
                  ("Keyed", ("both", {"id": 7, "mode": 5})), (77, b"later"),
                  *(any_value(shapes.REFUSAL) for _ in range(20))]:
        packed = shapes.REFUSAL.pack(value, "")
        ordinal, content = c.call(shapes.REFUSE.method, packed).declared()
        equal(s.pack_error(ordinal, content).hex(" "), packed.hex(" "), "refuse of %r" % (value,))


# --- Checks: what a later version sends ------------------------------------------------------

NAME, AGE = text(1, b"Ada"), word(3, 36)
LATER = [struct.pack("!HB", 8 * 9, 1), struct.pack("!HH", 8 * 10 + 1, 2), word(11, 3),
         struct.pack("!HQ", 8 * 12 + 3, 4), text(13, b"\xff\xff"), text(8191, b"")]


@check("unknown and reserved fields are skipped and dropped")
def _(c: Connection) -> None:
    sent = table(NAME, text(2, b""), AGE, text(4, b"reserved"), text(5, bytes(4)), *LATER)
    kept = table(NAME, text(2, b""), AGE, text(5, bytes(4)))
    equal(echo(c, "profile", sent).hex(" "), kept.hex(" "), "profile")
    owner = struct.pack("!HI", 5, len(sent)) + sent
    kept_owner = struct.pack("!HI", 5, len(kept)) + kept
    equal(echo(c, "shape", owner).hex(" "), kept_owner.hex(" "), "a profile in a shape")


@check("unknown variants, members and bits are kept")
def _(c: Connection) -> None:
    for value in ((77, b""), (p.MAX_ORDINAL, bytes(1000)), (7, b"\xff" * 5),
                  ("row", [(78, b"x"), ("nothing", {}), (79, b"")])):
        keeps(c, "shape", value)
    for bits in (0, 3, 4, 0x8000_0001, 2**32 - 1):
        keeps(c, "access", bits)
    keeps(c, "everything", {"level": 99, "access": 2**31, "shape": (77, b"later")})


# --- Checks: wrong forms ---------------------------------------------------------------------

@check("ordinals that do not ascend")
def _(c: Connection) -> None:
    for fields in ([AGE, NAME], [AGE, AGE], [word(9, 0), word(9, 0)], [word(9, 0), AGE],
                   [AGE, word(0, 1)]):
        refuses(c, "profile", table(*fields), "value", 10)
    refuses(c, "profile", table(word(0, 1)), "value", 4)
    refuses(c, "profile", table(struct.pack("!HB", 0, 1)), "value", 4)


@check("classes 5 to 7, and the wrong class of a known field")
def _(c: Connection) -> None:
    for ordinal in (3, 4, 9, 8191):
        for number in (5, 6, 7):
            field = struct.pack("!HI", ordinal * 8 + number, 0)
            refuses(c, "profile", table(field), "value", 4)
    for number, size in ((0, 1), (1, 2), (3, 8), (4, 4)):
        field = struct.pack("!H", 3 * 8 + number) + bytes(size)
        refuses(c, "profile", table(NAME, field), "value.age", 13)
    refuses(c, "profile", table(word(1, 0)), "value.name", 4)
    refuses(c, "everything", table(text(1, b"\1")), "value.flag", 4)


@check("lengths that are not filled, or not enough")
def _(c: Connection) -> None:
    refuses(c, "profile", struct.pack("!I", 1), "value", 4)
    refuses(c, "profile", table(NAME)[:-1], "value", 4)
    refuses(c, "profile", table(b"\0"), "value", 4)
    refuses(c, "profile", table(NAME, b"\0"), "value", 13)
    refuses(c, "profile", table(AGE[:-1]), "value.age", 6)
    refuses(c, "profile", table(NAME[:-1]), "value.name", 10)
    refuses(c, "profile", table(word(9, 0)[:-1]), "value", 6)
    refuses(c, "profile", table(text(9, b"xy")[:-1]), "value", 10)
    refuses(c, "profile", table(text(5, bytes(5))), "value.tags", 14)
    refuses(c, "profile", table(text(5, bytes(3))), "value.tags", 10)
    refuses(c, "everything", table(text(23, bytes(7))), "value.fixed", 16)
    refuses(c, "everything", table(text(26, table(NAME) + b"\0")), "value.inner", 23)
    refuses(c, "shape", struct.pack("!HI", 1, 9) + bytes(9), "value", 14)
    refuses(c, "shape", struct.pack("!HI", 3, 1) + bytes(1), "value", 6)
    refuses(c, "shape", struct.pack("!HI", 77, 2) + bytes(1), "value", 6)


@check("bytes left over behind a value")
def _(c: Connection) -> None:
    for name, packed in (("profile", table(NAME)), ("shape", struct.pack("!HI", 3, 0)),
                         ("key", struct.pack("!H", 3)), ("mode", b"\1"), ("access", bytes(4))):
        echo(c, name, packed)
        refuses(c, name, packed + b"\0", "", len(packed))


@check("ordinals that are none")
def _(c: Connection) -> None:
    for ordinal in (0, 8192, 65_535):
        refuses(c, "shape", struct.pack("!HI", ordinal, 0), "value", 0)
        refuses(c, "key", struct.pack("!HQ", ordinal, 0), "value", 0)


@check("unknown variants, members and bits of closed types")
def _(c: Connection) -> None:
    refuses(c, "key", struct.pack("!HQ", 4, 0), "value", 0)
    refuses(c, "key", struct.pack("!HQB", 7, 0, 2), "value.both.mode", 10)
    refuses(c, "mode", b"\2", "value", 0)
    refuses(c, "mode", b"\xff", "value", 0)
    refuses(c, "everything", table(struct.pack("!HB", 4 * 8, 2)), "value.mode", 6)
    refuses(c, "everything", table(struct.pack("!HH", 7 * 8 + 1, 2)), "value.bit", 6)
    refuses(c, "everything", table(text(28, struct.pack("!H", 9))), "value.key", 10)
    refuses(c, "tree", struct.pack("!HIH", 3, 1, 9), "value.row[0]", 6)


@check("values within fields that are wrong")
def _(c: Connection) -> None:
    refuses(c, "profile", table(text(1, bytes(65))), "value.name", 6)
    refuses(c, "profile", table(text(1, b"a\xff")), "value.name", 6)
    refuses(c, "everything", table(struct.pack("!HB", 8, 2)), "value.flag", 6)
    ages = struct.pack("!IIsIIsI", 2, 1, b"b", 0, 1, b"a", 0)
    refuses(c, "everything", table(text(24, ages)), "value.ages", 23)
    perhaps = struct.pack("!IBB", 2, 0, 2)
    refuses(c, "everything", table(text(31, perhaps)), "value.perhaps[1]", 15)


@check("64 levels, and one more")
def _(c: Connection) -> None:
    for name, start, grow in (
            ("tree", struct.pack("!Hi", 1, 7), lambda inner: struct.pack("!HI", 3, 1) + inner),
            ("shape", struct.pack("!HI", 3, 0),
             lambda inner: struct.pack("!HII", 4, 4 + len(inner), 1) + inner)):
        packed = start                              # each step is a list and a union
        for _ in range(31):
            packed = grow(packed)
        echo(c, name, packed)
        packed = grow(packed)
        client.fails(c.call(shapes.ECHOES[name].method, packed), s.INVALID_ARGUMENT, True, name)
    packed = table()
    for level in range(65):
        answer = c.call(shapes.ECHOES["everything"].method, packed)
        if level == 64:
            client.fails(answer, s.INVALID_ARGUMENT, True, "65 tables")
        packed = table(text(32, packed))


@check("both sides judge cut and damaged values alike")
def _(c: Connection) -> None:
    """A server gives back what it takes, so that it must give back what this side makes of it."""
    for name, operation in shapes.ECHOES.items():
        for _ in range(8):
            whole = operation.takes.pack({"value": any_value(operation.takes.fields["value"])}, "")
            for packed in damaged(whole):
                judged_alike(c, operation, packed)


def damaged(whole: bytes) -> list[bytes]:
    cuts = [whole[:ANY.randrange(len(whole))] for _ in range(3)]
    for _ in range(12):
        at = ANY.randrange(len(whole))
        value = ANY.choice([0, 1, 2, whole[at] ^ 1, ANY.randrange(256)])
        cuts.append(whole[:at] + bytes([value]) + whole[at + 1:])
    return cuts


def judged_alike(c: Connection, operation: p.Operation, packed: bytes) -> None:
    answer, data = c.call(operation.method, packed), s.Unpacker(packed)
    what = "%s of %s" % (operation.method.name, packed.hex(" "))
    try:
        value = operation.takes.unpack(data, "")["value"]
        data.finish(what)
    except s.BadValue as error:
        expect(answer.kind == s.FAULT, "%s: this side says %s" % (what, error))
        client.fails(answer, s.INVALID_ARGUMENT, True, what)
    else:
        again = operation.gives.pack({"result": value}, "")
        equal(bytes(answer.reply().data).hex(" "), again.hex(" "), what)


@check("the connection ends in order")
def _(c: Connection) -> None:
    c.finish()


if __name__ == "__main__":
    sys.exit(client.main(CHECKS, lambda tester: tester.main))
