//! Times of codecs.

use std::fmt;

use super::Sample;
use crate::report::number;

/// The runs of all codecs with one set of values.
pub(super) struct Table {
    title: String,
    rows: Vec<(&'static str, Vec<Sample>)>,
}

impl Table {
    pub(super) fn new(title: String, names: impl Iterator<Item = &'static str>) -> Self {
        Self { title, rows: names.map(|name| (name, Vec::new())).collect() }
    }

    pub(super) fn add(&mut self, row: usize, sample: Sample) {
        self.rows[row].1.push(sample);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encode: fn(&Sample) -> f64 = |sample| sample.encode;
        let decode: fn(&Sample) -> f64 = |sample| sample.decode;
        writeln!(f, "### {}\n", self.title)?;
        writeln!(
            f,
            "| codec | bytes | encode µs | lowest..highest | × memcpy | decode µs | lowest..highest | × memcpy |"
        )?;
        writeln!(f, "|---|---:|---:|---:|---:|---:|---:|---:|")?;
        let floor = self.rows.first().map(|(_, samples)| [encode, decode].map(|of| Times::new(samples, of).median));
        for (name, samples) in &self.rows {
            write!(f, "| {name} | {} |", samples.first().map_or(0, |sample| sample.bytes))?;
            for (of, floor) in [encode, decode].into_iter().zip(floor.unwrap_or_default()) {
                let Times { median, lowest, highest } = Times::new(samples, of);
                let ratio = median / floor;
                write!(f, " {} | {}..{} | {ratio:.2} |", number(median), number(lowest), number(highest))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// In microseconds.
struct Times {
    median: f64,
    lowest: f64,
    highest: f64,
}

impl Times {
    fn new(samples: &[Sample], of: fn(&Sample) -> f64) -> Self {
        let mut times: Vec<f64> = samples.iter().map(|sample| of(sample) * 1e6).collect();
        times.sort_by(f64::total_cmp);
        let at = |index: usize| times.get(index).copied().unwrap_or(f64::NAN);
        Self { median: at(times.len() / 2), lowest: at(0), highest: at(times.len().saturating_sub(1)) }
    }
}
