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
    pub(crate) fn run(
        &mut self,
        mut measure: impl FnMut(Entrant, Work) -> anyhow::Result<Sample>,
    ) -> anyhow::Result<()> {
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
        writeln!(f, "| entrant | {unit}/s | lowest..highest | µs each | × raw | CPU µs each | memory MiB |")?;
        writeln!(f, "|---|---:|---:|---:|---:|---:|---:|")?;
        let raw = self.runs.first().map_or(f64::NAN, |(_, samples)| median(samples, |sample| sample.rate));
        for (entrant, samples) in &self.runs {
            let rate = median(samples, |sample| sample.rate);
            let (each, ratio) = (number(1e6 / rate), rate / raw);
            write!(f, "| {} | {} | {} | {each} | {ratio:.2} ", entrant.title, number(rate), spread(samples))?;
            writeln!(f, "| {} | {} |", times(samples), peaks(samples))?;
        }
        Ok(())
    }
}

fn sorted(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> Vec<f64> {
    let mut numbers: Vec<f64> = samples.iter().map(of).collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    sorted(samples, of).get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}

fn spread(samples: &[Sample]) -> String {
    let rates = sorted(samples, |sample| sample.rate);
    let [lowest, highest] = [rates.first(), rates.last()].map(|rate| rate.copied().unwrap_or(f64::NAN));
    format!("{}..{}", number(lowest), number(highest))
}

/// Of the client and of the server, in microseconds.
fn times(samples: &[Sample]) -> String {
    let [client, server] = [|sample: &Sample| sample.client.time, |sample: &Sample| sample.server.time]
        .map(|time| number(1e6 * median(samples, time)));
    format!("{client} + {server}")
}

/// Of the client and of the server, in MiB.
fn peaks(samples: &[Sample]) -> String {
    let peak = |of: fn(&Sample) -> u64| samples.iter().map(of).max().unwrap_or(0) as f64 / 1024.0;
    format!("{:.1} + {:.1}", peak(|sample| sample.client.memory), peak(|sample| sample.server.memory))
}

/// Three digits, or all before the point.
pub(crate) fn number(number: f64) -> String {
    let digits = if number < 0.1 {
        4
    } else if number < 10.0 {
        2
    } else {
        usize::from(number < 100.0)
    };
    format!("{number:.digits$}")
}
