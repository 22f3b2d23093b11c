"""Compares packing.py with the examples of the page: selftest.py WIRE.MD LAYOUT.TXT

Every row of the table of packed values, every canonical text and every hash of the page must be
known here, so that an example that is added or changed is noticed. The layout is what the compiler
says of shapes.rpc: its numbers and texts must be those of shapes.py. It prints `N passed`.
"""

from __future__ import annotations

import re
import struct
import sys

import packing as p
import shapes
from speaker import BadValue, Unpacker, fnv

OP = p.Enum(p.U8, Add=1, Subtract=2, Multiply=3, Divide=4)
STEP = p.Struct(op=OP, a=p.I32, b=p.I32, result=p.Optional(p.I32))
MATH_ERROR = p.Union({1: ("DivideByZero", p.EMPTY), 2: ("Overflow", p.Group(bits=p.U32))})
ACCESS = p.Flags(p.U32, Read=1, Write=2)
PROFILE = p.Table({1: ("name", p.String(64)), 2: ("email", p.Optional(p.String())),
                   3: ("age", p.U32, 18), 5: ("tags", p.List(p.String(32), 16))})
SHAPE = p.Union({1: ("circle", p.F64), 2: ("square", p.Group(side=p.F64)), 3: ("nothing", p.EMPTY)})
KEY = p.Union({1: ("id", p.U64), 2: ("name", p.String(32))}, closed=True)


def profile(name: str, email: str | None, age: int, tags: list[str]) -> dict:
    return {"name": name, "email": email, "age": age, "tags": tags}


# By the two first columns of the page. A value that is `read only` is not what a writer makes.
EXAMPLES: dict[tuple[str, str], tuple[p.Type, object]] = {
    ("`bool`", "`true`"): (p.BOOL, True),
    ("`i32`", "−2"): (p.I32, -2),
    ("`f64`", "1.5"): (p.F64, 1.5),
    ("`string`", '`"hé"`'): (p.String(), "hé"),
    ("`bytes`", "three bytes 0"): (p.Bytes(), bytes(3)),
    ("`list<u16>`", "1, 2"): (p.List(p.U16), [1, 2]),
    ("`array<u8, 4>`", "1, 2, 3, 4"): (p.Array(p.U8, 4), [1, 2, 3, 4]),
    ("`map<string, u8>`", '`"a"`: 1, `"b"`: 2'): (p.Map(p.String(), p.U8), {"b": 2, "a": 1}),
    ("`i32?`", "absent"): (p.Optional(p.I32), None),
    ("`i32?`", "5"): (p.Optional(p.I32), 5),
    ("`timestamp`", "2024-01-01 00:00:00.5 UTC"): (p.TIMESTAMP, 1_704_067_200_500_000_000),
    ("`timestamp`", "one nanosecond before 1970"): (p.TIMESTAMP, -1),
    ("`duration`", "250 ms"): (p.DURATION, 250_000_000),
    ("`Op` (enum of base `u8`)", "`Divide`"): (OP, 4),
    ("`Step`", "`Add`, 2, 3, 5"): (STEP, {"op": 1, "a": 2, "b": 3, "result": 5}),
    ("`MathError`", "`Overflow { bits: 40 }`"): (MATH_ERROR, ("Overflow", {"bits": 40})),
    ("`Access`", "`Read` and `Write`"): (ACCESS, 3),
    ("`Profile`", '`name` `"Ada"`, `email` absent, `age` 36, `tags` `["x"]`'):
        (PROFILE, profile("Ada", None, 36, ["x"])),
    ("`Profile`", '`name` `""`, `email` `"a@b"`, `age` 0, `tags` `[]`'):
        (PROFILE, profile("", "a@b", 0, [])),
    ("`Profile`", 'read only: `name` `""`, `email` absent, `age` 18, `tags` `[]`'):
        (PROFILE, profile("", None, 18, [])),
    ("`Shape`", "`circle` 1.0"): (SHAPE, ("circle", 1.0)),
    ("`Shape`", "`square { side: 2.0 }`"): (SHAPE, ("square", {"side": 2.0})),
    ("`Shape`", "`nothing`"): (SHAPE, ("nothing", {})),
    ("`Key`", "`id` 7"): (KEY, ("id", 7)),
    ("`Key`", '`name` `"hé"`'): (KEY, ("name", "hé")),
}

NODE, A, B = p.Struct(value=p.I32), p.Struct(), p.Struct()
NODE.fields["next"] = p.Optional(NODE)
A.fields["b"] = p.Optional(B)
B.fields.update(a=p.Optional(A), b=p.Optional(B))
TREE = p.Union({}, closed=True)
TREE.add({1: ("leaf", p.I32), 2: ("fork", p.Group(left=TREE, right=p.Optional(TREE)))})

TEXTS = {
    "{value:i32,next:^1?}": NODE,
    "{b:{a:^2?,b:^1?}?}": A,
    "u8{Zero=0,One=1}": p.Enum(p.U8, closed=True, One=1, Zero=0),
    "flags<u32>{Read=1,Write=2}": p.Flags(p.U32, closed=True, Write=2, Read=1),
    "array<T,4>": None, "list<T>": None, "map<K,V>": None, "{name:type,…}": None, "{}": p.Struct(),
    "union{leaf@1:i32,fork@2{left:^1,right:^1?}}": TREE,
    "union{name@1:type,name@2{field:type,…},name@3}": None, "union": SHAPE, "table": PROFILE,
}


def cells(page: str, heads: str) -> list[list[str]]:
    """The rows of the table that has these heads."""
    rows = page.split(heads + "\n", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def equal(got: object, wanted: object, what: str) -> None:
    if got != wanted:
        sys.exit("WRONG %s: got %r, wanted %r" % (what, got, wanted))


def check_values(page: str) -> int:
    rows = cells(page, "| type | value | bytes |")
    equal({(kind, value) for kind, value, _ in rows}, set(EXAMPLES), "the examples that are known")
    for name, value, packed in rows:
        what, data = name + " " + value, bytes.fromhex(packed.replace("`", ""))
        kind, wanted = EXAMPLES[name, value]
        if not value.startswith("read only"):
            equal(kind.pack(wanted, "").hex(" "), data.hex(" "), what)
        unpacker = Unpacker(data)
        equal(kind.unpack(unpacker, ""), wanted, what)
        unpacker.finish(what)
        check_cuts(kind, data, what)
    return len(rows)


def check_cuts(kind: p.Type, data: bytes, what: str) -> None:
    """No value begins with all but the last bytes of another (for a bool: it is no longer one)."""
    for size in range(len(data)):
        try:
            kind.unpack(Unpacker(data[:size]), "value")
        except BadValue:
            continue
        sys.exit("WRONG %s: %d of its %d bytes are a value" % (what, size, len(data)))


def check_snippet(page: str) -> int:
    """The code that packs the first `Profile` of the page."""
    snippet = next(code for code in re.findall(r"```python\n(.*?)```", page, re.S) if "tags" in code)
    names: dict = {"struct": struct}
    exec(snippet, names)
    equal(names["table"], PROFILE.pack(profile("Ada", None, 36, ["x"]), ""), "the page's Python")
    return 1


def check_hashes(page: str) -> int:
    rows = cells(page, "| text | hash |")
    for text, value in rows:
        text = "" if text.startswith("(") else text.strip("`")
        equal("`%#010x`" % fnv(text), value, "the hash of %r" % text)
    return len(rows)


def check_texts(page: str) -> int:
    rule = page.split("**R57.**", 1)[1].split("The methods of", 1)[0]
    for text, kind in TEXTS.items():
        equal("`%s`" % text in rule, True, "%s is in R57" % text)
        if kind:
            equal(kind.text(), text, "the text of a type")
    find = p.shape_text(p.Group(who=PROFILE, shape=SHAPE, key=KEY, access=ACCESS),
                        p.Group(result=p.Optional(KEY)))
    wanted = "`%#010x`, the hash of `%s`" % (fnv(find), find)
    equal(wanted in rule, True, wanted + " is in R57")
    return len(TEXTS) + 1


def check_methods(page: str) -> int:
    """A service's methods: their texts are given, and the numbers follow."""
    rows = cells(page, "| method | number | shape text | shape |")
    for name, number, text, shape in rows:
        name, text = name.strip("`"), text.strip("`")
        equal("`%#010x`" % fnv("demo.calculator.Calculator/" + name), number, name)
        equal("`%#010x`" % fnv(text), shape, "the shape of " + name)
    history = p.shape_text(p.Group(limit=p.U32), p.Group(result=p.List(STEP)))
    text = next(row[2] for row in rows if row[0] == "`history`")
    equal("`%s`" % history, text, "the shape text of history")
    return len(rows)


def check_layout(layout: str) -> int:
    """The numbers and texts that the compiler has for the methods of shapes.rpc."""
    rows = re.findall(r"method (\S+)\n +number (\S+)\n +shape +(\S+) = (\S+)", layout)
    ours = {"interop.shapes." + name: operation for name, operation in shapes.named().items()}
    equal({row[0] for row in rows}, set(ours), "the methods of shapes.rpc")
    for name, number, shape, text in rows:
        equal(p.shape_text(ours[name].takes, ours[name].gives), text, "the shape text of " + name)
        method = ours[name].method
        equal(("%#010x" % method.number, "%#010x" % method.shape), (number, shape), name)
    return len(rows)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        page = file.read()
    checks = (check_values, check_snippet, check_hashes, check_texts, check_methods)
    with open(sys.argv[2], encoding="utf-8") as file:
        layout = file.read()
    print("%d passed" % (sum(check(page) for check in checks) + check_layout(layout)))


if __name__ == "__main__":
    main()
