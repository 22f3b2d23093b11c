//! The two flavours of stubs: those that block a thread, and asynchronous ones for tokio.

use crate::backend::rust::names;

/// How the code of a stub waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// It blocks its thread.
    Blocking,
    /// It gives futures.
    Tokio,
}

impl Flavour {
    /// What is asynchronous says so in its name.
    fn prefix(self) -> &'static str {
        match self {
            Self::Blocking => "",
            Self::Tokio => "Async",
        }
    }

    /// What a service becomes: `Calculator` and `Client` make `CalculatorClient`, or `AsyncCalculatorClient`.
    pub(super) fn name(self, service: &str, suffix: &str) -> String {
        names::service_name(self.prefix(), service, suffix)
    }

    /// A type of the runtime that is there in both flavours: `stub::Caller`, or `stub::AsyncCaller`.
    pub(super) fn runtime(self, name: &str) -> String {
        format!("stub::{}{name}", self.prefix())
    }

    /// What stands before `fn`.
    pub(super) fn asyncness(self) -> &'static str {
        match self {
            Self::Blocking => "",
            Self::Tokio => "async ",
        }
    }

    /// What stands behind a call.
    pub(super) fn awaited(self) -> &'static str {
        match self {
            Self::Blocking => "",
            Self::Tokio => ".await",
        }
    }
}
