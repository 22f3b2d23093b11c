//! What a handler knows of the call it answers.

use std::time::{Duration, Instant};

/// What a handler knows of its call besides the arguments.
#[derive(Debug, Clone)]
pub struct Context {
    method: &'static str,
    peer: std::sync::Arc<str>,
    deadline: Option<Instant>,
}

impl Context {
    pub(crate) fn new(method: &'static str, peer: std::sync::Arc<str>, deadline: Option<Instant>) -> Self {
        Self { method, peer, deadline }
    }

    /// The method, as in `demo.calculator.Calculator/add`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Who calls: a socket address, a path, or what the transport has to say.
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// When the caller stops waiting, if it said so.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How long the caller still waits, if it said so; zero when that is over.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}
