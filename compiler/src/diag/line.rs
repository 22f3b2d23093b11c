//! Findings in a line each, for output that has no room for more.

use super::Diagnostic;
use super::clean::clean;
use crate::source::SourceMap;

/// `a.rpc:3:7: a name is not defined [RPC0101]`
pub fn line(found: &Diagnostic, sources: &SourceMap) -> String {
    let place = found.primary.as_ref().map(|label| {
        let file = sources.file(label.location.file);
        let at = file.line_column(label.location.span.lo);
        format!("{}:{}:{}: ", file.path.display(), at.line, at.column)
    });
    clean(&format!("{}{} [{}]", place.unwrap_or_default(), found.message, found.code.name()))
}
