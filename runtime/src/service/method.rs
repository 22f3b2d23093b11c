//! What is known of a method without calling it.

use std::time::Duration;

use crate::proto::Streams;

/// A method: its name, its two numbers, and what the interface says about calls of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Method {
    /// As in `demo.calculator.Calculator/add`.
    pub path: &'static str,
    /// What travels in place of the name.
    pub number: u32,
    /// What both sides must agree about; see `docs/language.md`.
    pub shape: u32,
    /// Whether nothing comes back.
    pub oneway: bool,
    /// Whether it does no harm to run it twice.
    pub idempotent: bool,
    /// How long a call may take where the caller sets no timeout.
    pub deadline: Option<Duration>,
    /// Which of its last parameter and its result are streams, as the server sees it.
    pub streams: Streams,
}

impl Method {
    /// A method that is answered.
    pub const fn new(path: &'static str, number: u32, shape: u32) -> Self {
        let streams = Streams { incoming: false, outgoing: false };
        Self { path, number, shape, oneway: false, idempotent: false, deadline: None, streams }
    }

    /// A method that is not answered.
    pub const fn oneway(path: &'static str, number: u32, shape: u32) -> Self {
        Self { oneway: true, ..Self::new(path, number, shape) }
    }

    /// One that it does no harm to run twice.
    #[must_use]
    pub const fn idempotent(self) -> Self {
        Self { idempotent: true, ..self }
    }

    /// One whose calls must be over within `deadline` where the caller sets no timeout.
    #[must_use]
    pub const fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// One whose last parameter is a stream.
    #[must_use]
    pub const fn with_client_stream(self) -> Self {
        Self { streams: Streams { incoming: true, ..self.streams }, ..self }
    }

    /// One whose result is a stream.
    #[must_use]
    pub const fn with_server_stream(self) -> Self {
        Self { streams: Streams { outgoing: true, ..self.streams }, ..self }
    }
}

/// A service: its name and its methods.
#[derive(Debug)]
pub struct ServiceInfo {
    /// As in `demo.calculator.Calculator`.
    pub name: &'static str,
    /// In the order of the interface.
    pub methods: &'static [&'static Method],
}

impl ServiceInfo {
    /// Puts a service together.
    pub const fn new(name: &'static str, methods: &'static [&'static Method]) -> Self {
        Self { name, methods }
    }
}
