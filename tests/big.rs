//! A big interface, such as people write but longer, for tests and for the benchmark of the compiler.
//!
//! It uses the standard library alone, so that the benchmarks, a workspace of their own, can include it as a file.
//! A new kind of declaration is a function of [`Block`] and a line in [`Block::text`].

use std::fmt::Write as _;

/// An interface of about so many lines, and not fewer: the same text each time.
///
/// 10,000 lines are 40 blocks of 17 structs with 12 fields, a service of 20 methods, an enum, an error, an alias and a
/// constant each. What a block declares uses what it and the block before it declare.
pub fn interface(lines: usize) -> String {
    let mut text = "//! A big interface.\npackage big.shop;\n\n".to_owned();
    let mut count = 3;
    for number in 0.. {
        if count >= lines {
            break;
        }
        let block = Block { number }.text();
        count += block.lines().count();
        text += &block;
    }
    text
}

/// Structs of a block, and fields of structs.
const NOUNS: [&str; 17] = [
    "order", "invoice", "customer", "address", "payment", "parcel", "product", "refund", "basket", "voucher",
    "supplier", "shelf", "review", "carrier", "account", "offer", "receipt",
];

/// What methods do.
const VERBS: [&str; 20] = [
    "find", "list", "add", "change", "drop", "count", "move", "split", "join", "check", "print", "send", "hold",
    "close", "open", "rate", "pack", "load", "sort", "watch",
];

const SCALARS: [&str; 13] =
    ["u32", "i64", "bool", "f64", "timestamp", "u8", "duration", "i32", "u64", "f32", "i16", "u16", "i8"];

/// What may hold others; `#` is the number of the block.
const TYPES: [&str; 18] = [
    "string<64>",
    "list<u32, MAX#>",
    "Kind#",
    "u64?",
    "map<string<32>, u64, 100>",
    "Id#",
    "bytes<4096>",
    "list<string<32>, 100>",
    "array<f32, 3>",
    "string",
    "map<u32, Kind#>",
    "string<64>?",
    "list<f64>",
    "array<u8, 16>",
    "list<Kind#>?",
    "map<Id#, list<u16>>",
    "bytes",
    "timestamp?",
];

/// Declarations that belong together.
struct Block {
    number: usize,
}

impl Block {
    fn text(&self) -> String {
        let mut text = self.constant();
        text += &self.enumeration();
        text += &self.error();
        for at in 0..NOUNS.len() {
            text += &self.structure(at);
        }
        text + &self.service()
    }

    fn constant(&self) -> String {
        let number = self.number;
        let max = 16 + number % 100;
        format!(
            "/// The most that is kept of anything.\nconst MAX{number}: u32 = {max} * 4;\nalias Id{number} = u64;\n\n"
        )
    }

    fn enumeration(&self) -> String {
        let number = self.number;
        format!(
            "/// How it is handled.\nenum Kind{number}: u16 {{ Plain = 1, Urgent, Fragile = 8, Returned, Lost = 99 }}\n\n"
        )
    }

    fn error(&self) -> String {
        let number = self.number;
        format!(
            "/// Why nothing was done.\nerror Failure{number} {{\n    /// there is no `{{id}}`\n    \
             NoSuchItem @1 {{ id: Id{number} }},\n    /// only {{left}} are left\n    TooFew @2 {{ left: u32, kind: Kind{number} }},\n    \
             Busy @3: duration,\n    Closed @4,\n    reserved @5,\n}}\n\n"
        )
    }

    /// Twelve fields: scalars on one line, and a line for each of the others.
    fn structure(&self, at: usize) -> String {
        let name = self.name(at);
        let mut text = format!("/// What is known of `{name}`.\nstruct {name} {{\n   ");
        for field in 0..5 {
            write!(text, " {}: {},", field_name(at + field), pick(&SCALARS, at * 3 + field))
                .expect("a string takes all");
        }
        text.push('\n');
        for field in 5..12 {
            let docs = if field == 6 && at.is_multiple_of(6) {
                "    /// As it was when it was *last* seen; see [1].\n"
            } else {
                ""
            };
            let of = self.field_type(at, field);
            writeln!(text, "{docs}    {}: {of},", field_name(at + field)).expect("a string takes all");
        }
        text + "}\n\n"
    }

    /// The last two fields nest; never so deep that the text of a method's shape grows large.
    fn field_type(&self, at: usize, field: usize) -> String {
        match field {
            10 if !at.is_multiple_of(4) => self.name(at - 1),
            11 if !at.is_multiple_of(4) => format!("list<{}, 1000>", self.name(at - at % 4)),
            11 if self.number > 0 && at + 1 < NOUNS.len() => format!("{}?", Self { number: self.number - 1 }.last()),
            _ => self.numbered(pick(&TYPES, at * 5 + field + self.number)),
        }
    }

    fn service(&self) -> String {
        let number = self.number;
        let mut text = format!("/// Does all that can be done.\nservice Desk{number} {{\n");
        for (at, verb) in VERBS.iter().enumerate() {
            if at.is_multiple_of(10) {
                text += "    /// Does it now, or says why not.\n";
            }
            writeln!(text, "    {}", self.method(at, verb)).expect("a string takes all");
        }
        text + "}\n\n"
    }

    fn method(&self, at: usize, verb: &str) -> String {
        let (number, noun, name) = (self.number, pick(&NOUNS, at * 3), self.name(at * 3));
        let other = self.numbered(pick(&TYPES, at));
        match at % 5 {
            0 => format!("{verb}_{noun}(id: Id{number}, most: {other}) -> {name} throws Failure{number};"),
            1 => format!(
                "{verb}_{noun}(id: Id{number}, kind: Kind{number}) -> list<{name}, 100> throws Failure{number};"
            ),
            2 => format!("{verb}_{noun}({noun}: {name}, after: timestamp?) -> (id: Id{number}, more: {other});"),
            3 => format!("oneway {verb}_{noun}(ids: list<Id{number}>, note: string<200>);"),
            _ => format!("{verb}_{noun}({noun}: {name}, why: {other}) throws Failure{number};"),
        }
    }

    /// The name of a struct.
    fn name(&self, at: usize) -> String {
        let noun = pick(&NOUNS, at);
        let (first, rest) = noun.split_at(1);
        format!("{}{rest}{}", first.to_uppercase(), self.number)
    }

    /// The last struct, which nests no other of its block.
    fn last(&self) -> String {
        self.name(NOUNS.len() - 1)
    }

    fn numbered(&self, text: &str) -> String {
        text.replace('#', &self.number.to_string())
    }
}

fn field_name(at: usize) -> String {
    format!("{}_{}", pick(&NOUNS, at), pick(&["id", "state", "name", "size", "at"], at))
}

fn pick<'a>(of: &[&'a str], at: usize) -> &'a str {
    of[at % of.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use rpcgen::load::MemoryReader;
    use rpcgen::{Checked, Input, check, compile};

    fn input() -> Input {
        Input { roots: vec!["big.rpc".into()], ..Input::default() }
    }

    #[test]
    fn ten_thousand_lines_check_without_a_finding() {
        let text = interface(10_000);
        assert_eq!(
            (text.lines().count(), text.matches("\nstruct ").count(), text.matches("\nservice ").count()),
            (10_043, 680, 40)
        );
        let checked: Checked = check(&input(), &MemoryReader::default().with("big.rpc", text.clone()));
        assert!(checked.diagnostics.is_empty(), "{}", checked.render(rpcgen::diag::render::Colours::Off));
    }

    #[test]
    fn a_thousand_lines_compile() {
        let reader = MemoryReader::default().with("big.rpc", interface(1_000));
        let files =
            compile(&input(), &reader, &rpcgen::backend::rust::Options::default()).expect("it has no errors").files;
        assert!(files["big.shop.rs"].contains("impl stub::Pack for Receipt3 {"));
    }
}
