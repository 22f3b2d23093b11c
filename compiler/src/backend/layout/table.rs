//! Columns of text.

/// Rows under headings; the first columns are aligned to the right, as numbers are.
pub(super) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
    numbers: usize,
}

impl<const N: usize> Table<N> {
    /// A table whose first so many columns are numbers.
    pub(super) fn new(headings: [&str; N], numbers: usize) -> Self {
        Self { rows: vec![headings.map(str::to_owned)], numbers }
    }

    pub(super) fn row(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// The lines, indented by four; nothing for a table without rows.
    pub(super) fn text(&self) -> String {
        if self.rows.len() < 2 {
            return String::new();
        }
        let widths: Vec<_> =
            (0..N).map(|at| self.rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
        let line = |row: &[String; N]| {
            let cells = row.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
                if at < self.numbers { format!("{cell:>width$}") } else { format!("{cell:width$}") }
            });
            format!("    {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned() + "\n"
        };
        self.rows.iter().map(line).collect()
    }
}

/// Lines moved to the right.
pub(super) fn indented(text: &str, by: usize) -> String {
    let margin = " ".repeat(by);
    text.lines().flat_map(|line| [margin.as_str(), line, "\n"]).collect()
}
