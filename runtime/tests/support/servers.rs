//! Servers of every kind that does its work in this process, behind one face.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::sync::LazyLock;
use std::time::Duration;

use rpcgen_runtime::net::server::{Report, ServerError};
use rpcgen_runtime::net::{server, tokio as tokio_net};
use rpcgen_runtime::{Endpoint, Router, ServerOptions, ThreadServer, TokioServer};
use tokio::runtime::{Builder, Runtime};

/// That of all tokio servers, with threads for the blocking handlers of all tests at once. It is never shut down: that would wait
/// for handlers of tests that fail.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).max_blocking_threads(2048).enable_all().build().expect("a runtime")
});

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    Threads,
    Tokio,
}

/// A server that listens.
pub(crate) enum Bound {
    Threads(ThreadServer),
    Tokio(TokioServer),
}

/// A server at work.
pub(crate) enum Running {
    Threads(server::Running),
    Tokio(tokio_net::server::Running),
}

/// Runs a check on each kind.
pub(crate) fn on_each(check: impl Fn(On)) {
    for on in [On::Threads, On::Tokio] {
        println!("on {on:?}");
        check(on);
    }
}

impl On {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Threads => "threads",
            Self::Tokio => "tokio",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        [Self::Threads, Self::Tokio].into_iter().find(|on| on.name() == name).expect("a kind of server")
    }

    /// Starts one with the default options, on a port of the system's choice.
    pub(crate) fn serve(self, router: Router) -> Running {
        self.start("tcp://127.0.0.1:0", ServerOptions::default(), router).expect("starts")
    }

    /// Starts one with these options, on a port of the system's choice.
    pub(crate) fn serve_with(self, options: ServerOptions, router: Router) -> Running {
        self.start("tcp://127.0.0.1:0", options, router).expect("starts")
    }

    pub(crate) fn start(self, url: &str, options: ServerOptions, router: Router) -> Result<Running, ServerError> {
        match self.bind(url)? {
            Bound::Threads(server) => Bound::Threads(server.options(options)),
            Bound::Tokio(server) => Bound::Tokio(server.options(options)),
        }
        .start(router)
    }

    pub(crate) fn bind(self, url: &str) -> Result<Bound, ServerError> {
        match self {
            Self::Threads => ThreadServer::bind(url).map(Bound::Threads),
            Self::Tokio => TokioServer::bind(url).map(Bound::Tokio),
        }
    }
}

impl Bound {
    pub(crate) fn start(self, router: Router) -> Result<Running, ServerError> {
        match self {
            Self::Threads(server) => server.start(router).map(Running::Threads),
            Self::Tokio(server) => {
                let _inside = RUNTIME.enter();
                server.start(router).map(Running::Tokio)
            }
        }
    }
}

impl Running {
    pub(crate) fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Threads(server) => server.endpoint(),
            Self::Tokio(server) => server.endpoint(),
        }
    }

    pub(crate) fn shutdown(self, drain: Duration) -> Report {
        match self {
            Self::Threads(server) => server.shutdown(drain),
            Self::Tokio(server) => RUNTIME.block_on(server.shutdown(drain)),
        }
    }
}
