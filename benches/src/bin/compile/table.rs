//! Medians, spread, and how the time grows from row to row.

use std::fmt;

use crate::work::{Case, Sample};

/// The runs of one kind of work.
pub(crate) struct Table {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    lines: usize,
    bytes: usize,
    samples: Vec<Sample>,
}

impl Table {
    pub(crate) fn new(title: &'static str, cases: &[Case]) -> Self {
        let row = |case: &Case| Row { lines: case.lines, bytes: case.bytes, samples: Vec::new() };
        Self { title, rows: cases.iter().map(row).collect() }
    }

    /// Notes one run.
    pub(crate) fn add(&mut self, row: usize, sample: Sample) {
        self.rows[row].samples.push(sample);
    }
}

impl Row {
    fn sorted(&self) -> Vec<f64> {
        let mut times: Vec<f64> = self.samples.iter().map(|sample| sample.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    /// In milliseconds.
    fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Of one line, in microseconds.
    fn per_line(&self) -> f64 {
        self.median() * 1e3 / self.lines as f64
    }

    fn peak(&self) -> Option<f64> {
        self.samples.iter().filter_map(|sample| sample.peak).reduce(f64::max)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["lines", "ms", "lowest..highest", "MB/s", "µs/line", "× row before", "peak MiB"];
        let [lines, ms, spread, speed, per_line, growth, peak] = heads;
        writeln!(f, "{}", self.title)?;
        writeln!(f, "{lines:>8} {ms:>9} {spread:>18} {speed:>7} {per_line:>8} {growth:>13} {peak:>9}")?;
        for (at, row) in self.rows.iter().enumerate() {
            let times = row.sorted();
            let (lowest, highest) = (times.first().unwrap_or(&f64::NAN), times.last().unwrap_or(&f64::NAN));
            let (lines, ms, spread) = (row.lines, row.median(), format!("{lowest:.1}..{highest:.1}"));
            let (speed, per_line) = (row.bytes as f64 / 1e3 / ms, row.per_line());
            let before = at.checked_sub(1).map(|before| per_line / self.rows[before].per_line());
            let (growth, peak) = (or_nothing(before, 2), or_nothing(row.peak(), 1));
            writeln!(f, "{lines:>8} {ms:>9.1} {spread:>18} {speed:>7.2} {per_line:>8.2} {growth:>13} {peak:>9}")?;
        }
        Ok(())
    }
}

fn or_nothing(number: Option<f64>, digits: usize) -> String {
    number.map(|number| format!("{number:.digits$}")).unwrap_or_default()
}
