//! Medians, spread and ratios.

use std::fmt;

use crate::entrants::{Entrant, Work};

/// The runs of all entrants at one work.
#[derive(Debug)]
pub(crate) struct Report {
    work: Work,
    runs: Vec<(Entrant, f64)>,
}

impl Report {
    pub(crate) fn new(work: Work) -> Self {
        Self { work, runs: Vec::new() }
    }

    /// Notes the calls a second of one run.
    pub(crate) fn add(&mut self, entrant: Entrant, rate: f64) {
        self.runs.push((entrant, rate));
    }

    fn sorted(&self, entrant: Entrant) -> Vec<f64> {
        let mut rates: Vec<f64> = self.runs.iter().filter(|(of, _)| *of == entrant).map(|(_, rate)| *rate).collect();
        rates.sort_by(f64::total_cmp);
        rates
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.work.title();
        writeln!(f, "{title:<24} {:>10} {:>20} {:>10} {:>7}", "calls/s", "lowest..highest", "µs/call", "× raw")?;
        let raw = median(&self.sorted(Entrant::Raw));
        for entrant in Entrant::ALL {
            let rates = self.sorted(entrant);
            let (lowest, highest) = (rates.first().unwrap_or(&0.0), rates.last().unwrap_or(&0.0));
            let middle = median(&rates);
            let spread = format!("{lowest:.0}..{highest:.0}");
            let name = entrant.name();
            writeln!(f, "{name:<24} {middle:>10.0} {spread:>20} {:>10.2} {:>7.2}", 1e6 / middle, middle / raw)?;
        }
        Ok(())
    }
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
