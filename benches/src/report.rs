//! Medians, spread and ratios.

use std::fmt;

use crate::entrant::Entrant;
use crate::measure::Sample;
use crate::work::Work;

/// The runs of all entrants at one work: a table in Markdown.
pub(crate) struct Report {
    work: Work,
    runs: Vec<(Entrant, Vec<Sample>)>,
}

impl Report {
    pub(crate) fn new(work: Work) -> Self {
        let takes_part = Entrant::ALL.iter().filter(|entrant| (entrant.does)(work.kind));
        Self { work, runs: takes_part.map(|entrant| (*entrant, Vec::new())).collect() }
    }

    /// Lets each entrant run once.
    pub(crate) fn run(&mut self, mut measure: impl FnMut(Entrant, Work) -> anyhow::Result<Sample>) -> anyhow::Result<()> {
        for (entrant, samples) in &mut self.runs {
            samples.push(measure(*entrant, self.work)?);
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.work.unit();
        writeln!(f, "### {}\n", self.work.title)?;
        writeln!(f, "| entrant | {unit}/s | lowest..highest | µs each | × raw | client MiB | server MiB |")?;
        writeln!(f, "|---|---:|---:|---:|---:|---:|---:|")?;
        let mut raw = None;
        for (entrant, samples) in &self.runs {
            let rates = sorted(samples);
            let rate = median(&rates);
            let raw = *raw.get_or_insert(rate);
            let (lowest, highest) = (rates.first().unwrap_or(&f64::NAN), rates.last().unwrap_or(&f64::NAN));
            let spread = format!("{}..{}", number(*lowest), number(*highest));
            write!(f, "| {} | {} | {spread} | ", entrant.title, number(rate))?;
            let (client, server) = (peak(samples, |sample| sample.client), peak(samples, |sample| sample.server));
            writeln!(f, "{} | {:.2} | {client:.1} | {server:.1} |", number(1e6 / rate), rate / raw)?;
        }
        Ok(())
    }
}

fn sorted(samples: &[Sample]) -> Vec<f64> {
    let mut rates: Vec<f64> = samples.iter().map(|sample| sample.rate).collect();
    rates.sort_by(f64::total_cmp);
    rates
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// In MiB.
fn peak(samples: &[Sample], of: impl Fn(&Sample) -> u64) -> f64 {
    samples.iter().map(of).max().unwrap_or(0) as f64 / 1024.0
}

/// Three digits, or all before the point.
fn number(number: f64) -> String {
    let digits = if number < 10.0 { 2 } else { usize::from(number < 100.0) };
    format!("{number:.digits$}")
}
