//! A good file with pieces lost, doubled or put elsewhere: whatever is left, every pass gets to its end.

use proptest::prelude::*;

use super::check;

const GOOD: &str = r#"
const MAX: u32 = 1 << 10; const WAIT: duration = 3s; const TEXT: string<8> = "hello"; const FIRST: Op = Add; alias Tags = list<string<32>, MAX>;
enum Op: u8 { Add = 1, Sub, reserved 9, 20..29 } closed enum Bit: u8 { @wire("Eins") One = 1, Zero = 0 }
flags Access { Read = 1, Write = 2, All = Read | Write, reserved 4 } closed flags Mode: u8 { Fast = 1, Safe = 1 << 1 }
@rust(derive = "Hash") struct Step { op: Op, bits: map<Bit, array<u16, 3>>, mode: Mode, next: Step?, @deprecated("x") key: Key? }
table Profile { name @1: string<64>, age @2: u32 = 18, tags @3: Tags = [], op @4: Op = Sub, access @5: Access = Access.All,
  wait @6: duration = WAIT, shape @7: Shape?, boss @8: Profile?, step @9: list<Step>, title @10: string<8> = TEXT, reserved @11, @20..@29 }
union Shape { circle @1: f64, square @2 { side: f64, of: Shape? }, nothing @3, reserved @4 }
closed union Key { id @1: u64, @wire("label") name @2 { text: string, of: Key? }, none @7 }
error Failure { /// {bits} bits
  Overflow @1 { bits: u32 }, Other @2: Shape }
service S { add(a: i32, b: Step) -> i32; @idempotent @deadline(WAIT) @id(7) divide(@wire("x") a: i32, b: Key) -> (c: i32, d: Mode) throws Failure;
  oneway log(line: string<MAX>); sum(start: i64, values: stream Profile) -> stream Shape?; reserved power; }
"#;

/// The text in pieces of a word, a space or a sign.
fn pieces() -> Vec<&'static str> {
    let mut pieces = Vec::new();
    let mut rest = GOOD;
    while let Some(first) = rest.chars().next() {
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).filter(|len| *len > 0).unwrap_or(first.len_utf8());
        let (piece, after) = rest.split_at(len);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// What is done to which piece, and with which other.
fn damage() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..4_usize, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4).prop_map(
        |all| {
            let len = pieces().len();
            all.into_iter().map(|(how, at, other)| (how, at.index(len), other.index(len))).collect()
        },
    )
}

#[test]
fn the_file_is_good() {
    let (program, found) = check(GOOD);
    assert!(program.is_some() && found.is_empty(), "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_damaged_file_has_a_program_or_an_error(damage in damage()) {
        let mut pieces = pieces();
        for (how, at, other) in damage {
            match how {
                0 => pieces[at] = "",
                1 => pieces.insert(at, pieces[other]),
                2 => pieces[at] = pieces[other],
                _ => pieces.swap(at, other),
            }
        }
        let (program, found) = check(&pieces.concat());
        prop_assert_eq!(program.is_none(), found.has_errors());
    }
}
