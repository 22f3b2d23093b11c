"""The interface tests/golden/shapes.rpc, written down as objects of packing.py."""

from __future__ import annotations

from packing import (BOOL, DURATION, EMPTY, F32, F64, I8, I16, I32, TIMESTAMP, U8, U16, U32, U64,
                     Array, Bytes, Enum, Flags, Group, List, Map, Operation, Optional, String,
                     Struct, Table, Type, Union, operation)

CELSIUS, NICK = F64, Optional(String(32))
LEVEL = Enum(U8, Low=0, Mid=1, High=2)
BIT = Enum(U16, closed=True, Zero=0, One=1)
ACCESS = Flags(U32, Read=1, Write=2)
MODE = Flags(U8, closed=True, Fast=1, Loud=4)
POINT = Struct(x=F64, y=F64)

PROFILE = Table({
    1: ("name", String(64)),
    2: ("email", Optional(String())),
    3: ("age", U32, 18),
    5: ("tags", List(String(32), 16)),
})

KEY = Union({
    1: ("id", U64),
    2: ("name", String(32)),
    3: ("nobody", EMPTY),
    7: ("both", Group(id=U64, mode=MODE)),
}, closed=True)

TREE = Union({1: ("leaf", I32)}, closed=True)
TREE.add({2: ("fork", Group(left=TREE, right=Optional(TREE))), 3: ("row", List(TREE))})

SHAPE = Union({
    1: ("circle", F64),
    2: ("square", Group(side=F64)),
    3: ("nothing", EMPTY),
    5: ("owner", PROFILE),
    6: ("locked", KEY),
    9: ("granted", Group(access=ACCESS, to=Optional(PROFILE))),
})
SHAPE.add({4: ("row", List(SHAPE))})

REFUSAL = Union({
    1: ("Bare", EMPTY),
    2: ("Person", Group(profile=PROFILE, shape=Optional(SHAPE))),
    3: ("Keyed", KEY),
})

EVERYTHING = Table({
    1: ("flag", BOOL),
    2: ("tiny", Optional(I8)),
    3: ("level", LEVEL, 1),
    4: ("mode", MODE),
    5: ("short", I16, -5),
    6: ("wide", Optional(U16)),
    7: ("bit", BIT),
    8: ("access", ACCESS),
    9: ("ratio", F32, 0.5),
    10: ("number", Optional(I32)),
    11: ("when", TIMESTAMP),
    12: ("wait", DURATION, 250_000_000),
    13: ("big", Optional(U64)),
    14: ("warmth", CELSIUS, 1.5),
    20: ("name", String(64), "nobody"),
    21: ("blob", Bytes(1000)),
    22: ("numbers", List(U16, 16)),
    23: ("fixed", Array(U16, 3)),
    24: ("ages", Map(String(8), U32)),
    25: ("point", POINT),
    26: ("inner", PROFILE),
    27: ("shape", Optional(SHAPE)),
    28: ("key", Optional(KEY)),
    29: ("refusal", Optional(REFUSAL)),
    30: ("nick", NICK),
    31: ("perhaps", List(Optional(I32))),
    8191: ("last", U8),
})
EVERYTHING.add({32: ("more", Optional(EVERYTHING))})

NEST = Struct(
    shapes=List(SHAPE),
    keys=Map(String(), KEY),
    profiles=Map(U16, PROFILE),
    accesses=Array(ACCESS, 2),
    modes=List(MODE),
    best=Optional(PROFILE),
    chosen=Optional(KEY),
    levels=Map(LEVEL, List(SHAPE)),
    refusals=List(REFUSAL),
    point=POINT,
)

ALONE: dict[str, Type] = {"name": String(), "email": Optional(String()), "age": U32,
                          "tags": List(String())}


def _shapes(name: str, takes: dict[str, Type], gives: dict[str, Type], **more) -> Operation:
    return operation("interop.shapes.Shapes", name, takes, gives, **more)


def _newer(name: str, result: Type | None, **more) -> Operation:
    return operation("interop.shapes.Newer", name, {}, {"result": result} if result else {}, **more)


ECHOES = {name: _shapes(name, {"value": kind}, {"result": kind}) for name, kind in {
    "profile": PROFILE, "everything": EVERYTHING, "shape": SHAPE, "key": KEY, "tree": TREE,
    "access": ACCESS, "mode": MODE, "nest": NEST}.items()}
FOLD = _shapes("fold", ALONE, {"result": PROFILE})
UNFOLD = _shapes("unfold", {"value": PROFILE}, ALONE)
REFUSE = _shapes("refuse", {"value": REFUSAL}, {}, throws=REFUSAL)

NEWER = {name: _newer(name, kind) for name, kind in {
    "profile": PROFILE, "shape": SHAPE, "access": ACCESS, "key": KEY, "mode": MODE,
    "unsorted": PROFILE}.items()}
NEWER["refuse"] = _newer("refuse", None, throws=REFUSAL)


def named() -> dict[str, Operation]:
    """All methods, by service and name."""
    return {**{"Shapes/" + o.method.name: o for o in (*ECHOES.values(), FOLD, UNFOLD, REFUSE)},
            **{"Newer/" + name: operation for name, operation in NEWER.items()}}
