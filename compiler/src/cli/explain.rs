//! `rpcgen explain`

use strsim::damerau_levenshtein;

use super::{Outcome, to_stdout};
use crate::diag::{Code, Severity};

/// Explain the code of a finding, with a wrong and a right example
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: rpcgen explain RPC0101")]
pub(super) struct Arguments {
    /// Codes, such as RPC0101; 101 will do
    #[arg(value_name = "CODE", value_parser = code, required_unless_present = "list")]
    codes: Vec<Code>,
    /// Show all codes, each with its severity and its summary
    #[arg(long, conflicts_with = "codes")]
    list: bool,
}

impl Arguments {
    pub(super) fn run(&self) -> anyhow::Result<Outcome> {
        to_stdout(&if self.list { list() } else { pages(&self.codes) })?;
        Ok(Outcome::Fine)
    }
}

fn pages(codes: &[Code]) -> String {
    codes.iter().map(|code| code.page()).collect::<Vec<_>>().join("\n")
}

fn list() -> String {
    Code::ALL.iter().copied().map(line).collect()
}

fn line(code: Code) -> String {
    let severity = match code.severity() {
        _ if code.is_retired() => "retired",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    format!("{}  {severity:7}  {}\n", code.name(), code.summary())
}

/// The code that is called so: `RPC0012`, `rpc0012` or `12`.
fn code(text: &str) -> Result<Code, String> {
    let text = text.to_ascii_uppercase();
    let name = format!("RPC{:0>4}", text.strip_prefix("RPC").unwrap_or(&text));
    let known = Code::ALL.iter().find(|code| code.name() == name);
    known.copied().ok_or_else(|| unknown(&name))
}

fn unknown(name: &str) -> String {
    let nearest = number(name).and_then(|number| nearest(name, number));
    let nearest = nearest.map(|code| format!("{} is the nearest; ", code.name())).unwrap_or_default();
    format!("there is no such code; {nearest}`rpcgen explain --list` shows all")
}

fn number(name: &str) -> Option<u16> {
    name.strip_prefix("RPC")?.parse().ok()
}

/// The code that is fewest slips of the finger away; of equals, the one that is nearest by number.
fn nearest(name: &str, number: u16) -> Option<Code> {
    let distance = |code: &Code| {
        let difference = self::number(code.name()).map(|known| known.abs_diff(number));
        (damerau_levenshtein(code.name(), name), difference)
    };
    Code::ALL.iter().copied().min_by_key(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for known in Code::ALL {
            let digits = &known.name()[3..];
            let short = digits.trim_start_matches('0');
            for text in [known.name(), digits, short, &known.name().to_lowercase(), &format!("rpc{short}")] {
                assert_eq!(code(text), Ok(*known), "{text}");
            }
        }
    }

    #[test]
    fn an_unknown_code_is_answered_with_the_nearest() {
        for (text, nearest) in [("RPC0110", "RPC0101"), ("13", "RPC0011"), ("RPC00101", "RPC0101"), ("603", "RPC0602")]
        {
            let said = code(text).unwrap_err();
            assert!(said.contains(&format!("; {nearest} is the nearest; ")), "{text}: {said}");
        }
        for text in ["E0308", "99999999", "é"] {
            assert_eq!(code(text).unwrap_err(), "there is no such code; `rpcgen explain --list` shows all", "{text}");
        }
    }
}
