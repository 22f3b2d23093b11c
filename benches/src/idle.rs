//! W6: what a connection costs its server that has made a call and makes no more.

use std::any::Any;
use std::fmt::Write as _;

use anyhow::Result;

use crate::entrant::Entrant;
use crate::measure::{Serving, resident};
use crate::work::Work;

/// What keeps connections open.
pub(crate) type Held = Box<dyn Any>;

/// A table in Markdown, of so many connections.
pub(crate) fn table(connections: usize) -> Result<String> {
    let mut table =
        format!("### W6: memory of an idle connection\n\n| entrant | KiB each, of {connections} |\n|---|---:|\n");
    for entrant in Entrant::ALL {
        if let Some(hold) = entrant.hold {
            let each = measure(*entrant, hold, connections)?;
            writeln!(table, "| {} | {each:.1} |", entrant.title)?;
        }
    }
    Ok(table)
}

/// In KiB. Some connections come before, so that what the first ones cost is not counted.
fn measure(entrant: Entrant, hold: fn(&str, usize) -> Result<Held>, connections: usize) -> Result<f64> {
    let mut server = Serving::start(entrant, Work::named("add")?)?;
    let address = server.first_line()?;
    let first = hold(&address, connections.div_ceil(10))?;
    let before = resident(server.0.id())?;
    let rest = hold(&address, connections)?;
    let after = resident(server.0.id())?;
    drop((first, rest));
    Ok(after.saturating_sub(before) as f64 / connections as f64)
}
