"""The types of the language as objects: they pack, unpack, and know their zero and shape text.

Written from docs/wire.md alone, like speaker.py. Values are Python's own: numbers (enums, flags and
times are integers), str, bytes, list and dict; None is an absent optional. Structs and tables are a
dict by field name. A union's value is a pair of the variant's name and its value; an unknown
variant's is its ordinal and its bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from speaker import MAX_LEVELS, BadValue, Method, Unpacker, fnv

MAX_ORDINAL = 8191
CLASSES = {1: 0, 2: 1, 4: 2, 8: 3}                  # by size (R59); all else is of class 4
SIZES = {number: size for size, number in CLASSES.items()}


class NoZero(Exception):
    """The type has no zero (R60): a plain field of it needs a default."""


def refuse(path: str, why: str) -> BadValue:
    """What a writer refuses, before anything is sent."""
    return BadValue("%s: %s" % (path, why))


def deeper(level: int, path: str) -> int:
    if level >= MAX_LEVELS:
        raise refuse(path, "more than %d levels" % MAX_LEVELS)
    return level + 1


def check_bound(size: int, bound: int | None, path: str) -> None:
    if bound is not None and size > bound:
        raise refuse(path, "%d is over the bound %d" % (size, bound))


class Type:
    number = 4                                      # the class (R59)
    fixed = False                                   # whether all values have one size (R54)
    least = 1                                       # bytes, at least (L11)

    def zero(self) -> object:
        raise NoZero(self)

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        """The canonical text (R57); `levels` are the structs and closed unions around it."""
        raise NotImplementedError

    def pack(self, value, path: str, level: int = 0) -> bytes:
        raise NotImplementedError

    def unpack(self, data: Unpacker, path: str) -> object:
        raise NotImplementedError

    def pack_field(self, value, path: str, level: int) -> bytes:
        """As the value of a table's field: behind a length, if it is of class 4."""
        packed = self.pack(value, path, level)
        return packed if self.number < 4 else struct.pack("!I", len(packed)) + packed

    def unpack_field(self, data: Unpacker, path: str) -> object:
        if self.number < 4:
            return self.unpack(data, path)
        with data.within(data.length(path), path):
            return self.unpack(data, path)


# --- Scalars ---------------------------------------------------------------------------------

class Number(Type):
    fixed = True

    def __init__(self, word: str, code: str) -> None:
        self.word, self.code = word, code
        self.least = struct.calcsize("!" + code)
        self.number = CLASSES[self.least]

    def zero(self) -> object:
        return 0

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return self.word

    def problem(self, _value) -> str | None:
        """Why a closed type does not have this value."""
        return None

    def pack(self, value, path: str, level: int = 0) -> bytes:
        if problem := self.problem(value):
            raise refuse(path, problem)
        try:
            return struct.pack("!" + self.code, value)
        except (struct.error, OverflowError) as error:
            raise refuse(path, str(error)) from None

    def unpack(self, data: Unpacker, path: str) -> object:
        value = data.number(self.code, path)
        if problem := self.problem(value):
            raise data.refuse(path, problem, back=self.least)
        return value


class Bool(Number):
    def zero(self) -> object:
        return False

    def unpack(self, data: Unpacker, path: str) -> object:
        return data.flag(path)


class Single(Number):
    """An f32. A NaN is its four bytes, for Python would make a quiet one of a signalling one."""

    def pack(self, value, path: str, level: int = 0) -> bytes:
        return value if isinstance(value, bytes) else super().pack(value, path)

    def unpack(self, data: Unpacker, path: str) -> object:
        value = super().unpack(data, path)
        return value if value == value else data.data[data.offset - 4:data.offset]


BOOL = Bool("bool", "?")
I8, I16, I32, I64 = (Number(word, code) for word, code in zip(("i8", "i16", "i32", "i64"), "bhiq"))
U8, U16, U32, U64 = (Number(word, code) for word, code in zip(("u8", "u16", "u32", "u64"), "BHIQ"))
F32, F64 = Single("f32", "f"), Number("f64", "d")
TIMESTAMP, DURATION = Number("timestamp", "q"), Number("duration", "Q")


class Enum(Number):
    def __init__(self, base: Number = U32, closed: bool = False, **members: int) -> None:
        super().__init__(base.word, base.code)
        self.members, self.closed = members, closed

    def zero(self) -> object:
        if 0 not in self.members.values():
            raise NoZero(self)
        return 0

    def _members(self) -> str:
        rows = sorted(self.members.items(), key=lambda row: row[1])
        return "{%s}" % ",".join("%s=%d" % row for row in rows)

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return self.word + (self._members() if self.closed else "")

    def problem(self, value) -> str | None:
        wrong = self.closed and value not in self.members.values()
        return "%d is no member" % value if wrong else None


class Flags(Enum):
    def zero(self) -> object:
        return 0

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return "flags<%s>%s" % (self.word, self._members()) if self.closed else self.word

    def problem(self, value) -> str | None:
        for bits in self.members.values():
            value &= ~bits
        return "bits %#x are in no member" % value if self.closed and value else None


# --- Strings and containers ------------------------------------------------------------------

class Bytes(Type):
    least, empty, word = 4, b"", "bytes"

    def __init__(self, bound: int | None = None) -> None:
        self.bound = bound

    def zero(self) -> object:
        return self.empty

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return self.word

    def pack(self, value, path: str, level: int = 0) -> bytes:
        content = value.encode() if isinstance(value, str) else value
        check_bound(len(content), self.bound, path)
        return struct.pack("!I", len(content)) + content

    def unpack(self, data: Unpacker, path: str) -> object:
        return data.blob(path, self.bound)

    def pack_field(self, value, path: str, level: int) -> bytes:
        return self.pack(value, path, level)        # one length, not two

    def unpack_field(self, data: Unpacker, path: str) -> object:
        return self.unpack(data, path)


class String(Bytes):
    empty, word = "", "string"

    def unpack(self, data: Unpacker, path: str) -> object:
        return data.string(path, self.bound)


class List(Type):
    least = 4

    def __init__(self, item: Type, bound: int | None = None) -> None:
        self.item, self.bound = item, bound

    def zero(self) -> object:
        return []

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return "list<%s>" % self.item.text(levels)

    def pack(self, value, path: str, level: int = 0) -> bytes:
        level = deeper(level, path)
        check_bound(len(value), self.bound, path)
        items = [self.item.pack(v, "%s[%d]" % (path, n), level) for n, v in enumerate(value)]
        return struct.pack("!I", len(value)) + b"".join(items)

    def unpack(self, data: Unpacker, path: str) -> object:
        with data.deeper(path):
            count = data.count(self.item.least, path, self.bound)
            return [self.item.unpack(data, "%s[%d]" % (path, n)) for n in range(count)]


class Array(Type):
    def __init__(self, item: Type, size: int) -> None:
        self.item, self.size = item, size

    @property
    def fixed(self) -> bool:
        return self.item.fixed

    @property
    def least(self) -> int:
        return self.item.least * self.size

    def zero(self) -> object:
        return [self.item.zero() for _ in range(self.size)]

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return "array<%s,%d>" % (self.item.text(levels), self.size)

    def pack(self, value, path: str, level: int = 0) -> bytes:
        if len(value) != self.size:
            raise refuse(path, "%d elements, not %d" % (len(value), self.size))
        return b"".join(self.item.pack(v, "%s[%d]" % (path, n), level) for n, v in enumerate(value))

    def unpack(self, data: Unpacker, path: str) -> object:
        return [self.item.unpack(data, "%s[%d]" % (path, n)) for n in range(self.size)]


def order(key):
    """Strings go by their UTF-8 bytes, all other keys by value (R50)."""
    return key.encode() if isinstance(key, str) else key


class Map(Type):
    least = 4

    def __init__(self, key: Type, value: Type, bound: int | None = None) -> None:
        self.key, self.value, self.bound = key, value, bound

    def zero(self) -> object:
        return {}

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return "map<%s,%s>" % (self.key.text(levels), self.value.text(levels))

    def pack(self, value, path: str, level: int = 0) -> bytes:
        level = deeper(level, path)
        check_bound(len(value), self.bound, path)
        pairs = [self.key.pack(key, path, level) + self.value.pack(value[key], at(path, key), level)
                 for key in sorted(value, key=order)]
        return struct.pack("!I", len(value)) + b"".join(pairs)

    def unpack(self, data: Unpacker, path: str) -> object:
        found, last = {}, None
        with data.deeper(path):
            for _ in range(data.count(self.key.least + self.value.least, path, self.bound)):
                start = data.offset
                key = self.key.unpack(data, path)
                if last is not None and order(key) <= order(last):
                    raise data.refuse(at(path, key), "not above the key before it",
                                      back=data.offset - start)
                found[key] = self.value.unpack(data, at(path, key))
                last = key
        return found


def at(path: str, key) -> str:
    return "%s[%s]" % (path, '"%s"' % key[:64] if isinstance(key, str) else key)


class Optional(Type):
    def __init__(self, item: Type) -> None:
        self.item = item

    def zero(self) -> object:
        return None

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return self.item.text(levels) + "?"

    def pack(self, value, path: str, level: int = 0) -> bytes:
        return b"\0" if value is None else b"\1" + self.item.pack(value, path, deeper(level, path))

    def unpack(self, data: Unpacker, path: str) -> object:
        if not data.flag(path):
            return None
        with data.deeper(path):
            return self.item.unpack(data, path)


# --- Fields one after the other --------------------------------------------------------------

class Group(Type):
    """Fields in order, without a level of their own: parameters, results, a variant's braces."""

    def __init__(self, **fields: Type) -> None:
        self.fields = fields                        # a type inside itself is put in later

    @property
    def fixed(self) -> bool:
        return all(kind.fixed for kind in self.fields.values())

    @property
    def least(self) -> int:
        return sum(kind.least for kind in self.fields.values())

    def zero(self) -> object:
        return {name: kind.zero() for name, kind in self.fields.items()}

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return ",".join("%s:%s" % (name, kind.text(levels)) for name, kind in self.fields.items())

    def pack(self, value, path: str, level: int = 0) -> bytes:
        return b"".join(kind.pack(value[name], join(path, name), level)
                        for name, kind in self.fields.items())

    def unpack(self, data: Unpacker, path: str) -> object:
        return {name: kind.unpack(data, join(path, name)) for name, kind in self.fields.items()}


def join(path: str, name: str) -> str:
    return path + "." + name if path else name


def back_reference(kind: Type, levels: tuple[Type, ...]) -> str:
    """What stands for a struct or closed union inside itself (R57)."""
    return "^%d" % (len(levels) - levels.index(kind))


class Struct(Group):
    def text(self, levels: tuple[Type, ...] = ()) -> str:
        if self in levels:
            return back_reference(self, levels)
        return "{%s}" % super().text((*levels, self))

    def pack(self, value, path: str, level: int = 0) -> bytes:
        return super().pack(value, path, level if self.fixed else deeper(level, path))

    def unpack(self, data: Unpacker, path: str) -> object:
        if self.fixed:
            return super().unpack(data, path)
        with data.deeper(path):
            return super().unpack(data, path)


# --- Tables and unions -----------------------------------------------------------------------

@dataclass
class Field:
    name: str
    kind: Type
    default: object = None

    def __post_init__(self) -> None:
        self.optional = isinstance(self.kind, Optional)
        self.bare = self.kind.item if self.optional else self.kind      # without the byte 1 (R60)

    def absent(self) -> object:
        return self.kind.zero() if self.default is None else self.default


class Table(Type):
    """Fields by ordinal: a name and a type, with a default behind them if there is one (R59)."""
    least = 4

    def __init__(self, fields: dict[int, tuple] | None = None) -> None:
        self.fields: dict[int, Field] = {}
        self.add(fields or {})

    def add(self, fields: dict[int, tuple]) -> None:
        """Fields of a table that is inside itself can only be added when it is there."""
        self.fields.update((ordinal, Field(*rest)) for ordinal, rest in fields.items())

    def zero(self) -> object:
        return {field.name: field.absent() for field in self.fields.values()}

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        return "table"

    def pack(self, value, path: str, level: int = 0) -> bytes:
        """A plain field that `value` has not is written as its default, an optional one left out."""
        level, body = deeper(level, path), b""
        for ordinal, field in sorted(self.fields.items()):
            content = value[field.name] if field.name in value else field.absent()
            if not (field.optional and content is None):
                packed = field.bare.pack_field(content, join(path, field.name), level)
                body += struct.pack("!H", ordinal * 8 + field.bare.number) + packed
        return struct.pack("!I", len(body)) + body

    def unpack(self, data: Unpacker, path: str) -> object:
        found, last = {}, 0
        with data.deeper(path), data.within(data.length(path), path):
            while data.left():
                last = self._unpack_field(data, path, last, found)
        return {field.name: found[field.name] if field.name in found else field.absent()
                for field in self.fields.values()}

    def _unpack_field(self, data: Unpacker, path: str, last: int, found: dict) -> int:
        ordinal, number = divmod(data.number("H", path), 8)
        if ordinal <= last:
            raise data.refuse(path, "field @%d after @%d" % (ordinal, last), back=2)
        if number > 4:
            raise data.refuse(path, "field @%d has class %d" % (ordinal, number), back=2)
        field = self.fields.get(ordinal)
        if field is None:                           # skipped and dropped (R62)
            data.take(SIZES[number] if number < 4 else data.length(path), path)
            return ordinal
        inner = join(path, field.name)
        if number != field.bare.number:
            raise data.refuse(inner, "class %d, not %d" % (number, field.bare.number), back=2)
        found[field.name] = field.bare.unpack_field(data, inner)
        return ordinal


class Union(Type):
    """Variants by ordinal: a name and what it holds. An error is packed alike (R49)."""

    def __init__(self, variants: dict[int, tuple[str, Type]], closed: bool = False) -> None:
        self.variants: dict[int, tuple[str, Type]] = {}
        self.ordinals: dict[str, int] = {}
        self.closed, self.least = closed, 2 if closed else 6
        self.add(variants)

    def add(self, variants: dict[int, tuple[str, Type]]) -> None:
        """Variants that hold the union itself can only be added when it is there."""
        self.variants.update(variants)
        self.ordinals.update((name, ordinal) for ordinal, (name, _) in variants.items())

    def text(self, levels: tuple[Type, ...] = ()) -> str:
        if not self.closed:
            return "union"
        if self in levels:
            return back_reference(self, levels)
        rows = ["%s@%d%s" % (name, ordinal, self._variant_text(kind, (*levels, self)))
                for ordinal, (name, kind) in sorted(self.variants.items())]
        return "union{%s}" % ",".join(rows)

    @staticmethod
    def _variant_text(kind: Type, levels: tuple[Type, ...]) -> str:
        if kind is EMPTY:
            return ""
        braces = type(kind) is Group
        return "{%s}" % kind.text(levels) if braces else ":" + kind.text(levels)

    def pack(self, value, path: str, level: int = 0) -> bytes:
        level, (name, content) = deeper(level, path), value
        if isinstance(name, int):
            if self.closed or name in self.variants or not 1 <= name <= MAX_ORDINAL:
                raise refuse(path, "@%d is no unknown variant" % name)
            return struct.pack("!HI", name, len(content)) + content
        ordinal = self.ordinals[name]
        packed = self.variants[ordinal][1].pack(content, join(path, name), level)
        length = b"" if self.closed else struct.pack("!I", len(packed))
        return struct.pack("!H", ordinal) + length + packed

    def unpack(self, data: Unpacker, path: str) -> object:
        with data.deeper(path):
            ordinal = data.number("H", path)
            if not 1 <= ordinal <= MAX_ORDINAL or self.closed and ordinal not in self.variants:
                raise data.refuse(path, "no variant @%d" % ordinal, back=2)
            if ordinal not in self.variants:
                return ordinal, data.blob(path)
            name, kind = self.variants[ordinal]
            inner = join(path, name)
            if self.closed:
                return name, kind.unpack(data, inner)
            with data.within(data.length(path), inner):
                return name, kind.unpack(data, inner)


EMPTY = Group()                                     # what a variant without a value holds


# --- Methods ---------------------------------------------------------------------------------

@dataclass(frozen=True, eq=False)
class Operation:
    """A method with the types of what it takes and gives."""
    method: Method
    takes: Group
    gives: Group
    throws: Union | None = None


def operation(service: str, name: str, takes: dict[str, Type], gives: dict[str, Type],
              throws: Union | None = None) -> Operation:
    shape = shape_text(Group(**takes), Group(**gives))
    method = Method(name, fnv("%s/%s" % (service, name)), fnv(shape), False)
    return Operation(method, Group(**takes), Group(**gives), throws)


def shape_text(takes: Group, gives: Group) -> str:
    alone = len(gives.fields) == 1
    results = next(iter(gives.fields.values())).text() if alone else gives.text()
    return "(%s)->(%s)" % (takes.text(), results)
