"""Compares the vectors beside this file with what Python's `struct` packs. Exits 1 where they differ."""

import pathlib
import re
import struct
import sys


def value(code, text):
    if code == "?":
        return {"true": True, "false": False}[text]
    return float(text) if code in "fd" else int(text)


def pack_one(code, text):
    if code == "s":
        content = text.encode()
        return struct.pack(f"!I{len(content)}s", len(content), content)
    return struct.pack("!" + code, value(code, text))


def codes(layout):
    return [code for count, code in re.findall(r"(\d*)(\D)", layout) for _ in range(int(count or 1))]


def check(line):
    layout, values, expected, *_ = (part.strip() for part in line.split("|"))
    packed = b"".join(map(pack_one, codes(layout), values.split()))
    if packed == bytes.fromhex(expected):
        return True
    print(f"{layout} {values}: struct packs {packed.hex(' ')}, the file says {expected}", file=sys.stderr)
    return False


def main():
    files = sorted(pathlib.Path(__file__).parent.glob("*.txt"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    results = [check(line) for line in lines if line and not line.startswith("#")]
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
