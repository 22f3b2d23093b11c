//! What a case is, and what it is run with.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rpcgen_runtime::{AsyncChannel, CallError, Channel, ChannelOptions, Code, Status};
use tempfile::TempDir;

use crate::client::{Client, RUNTIME};
use crate::mark::Mark;
use crate::server::{Implementation, Kind, Server, Setup};
use crate::stubs::tests::behaviour::{AsyncSuiteClient, Refused, SuiteClient};

/// What calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clients {
    Blocking,
    Tokio,
}

impl Clients {
    pub(crate) const ALL: [Self; 2] = [Self::Blocking, Self::Tokio];
}

/// What serves, calls and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Combination {
    pub(crate) server: Kind,
    pub(crate) client: Clients,
    pub(crate) implementation: Implementation,
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} server, {:?} client, {:?} handlers", self.server, self.client, self.implementation)
    }
}

/// Something that must hold whatever serves, calls and answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) setup: Setup,
    /// It makes sense without a server: there, a handler that waits holds up all, and cannot be cancelled.
    pub(crate) in_process: bool,
    pub(crate) run: fn(&Stage) -> Result<()>,
}

impl Case {
    /// One that makes sense without a server too.
    pub(crate) const fn anywhere(name: &'static str, run: fn(&Stage) -> Result<()>) -> Self {
        Self { name, setup: Setup::Shared, in_process: true, run }
    }

    pub(crate) const fn on(setup: Setup, name: &'static str, run: fn(&Stage) -> Result<()>) -> Self {
        Self { name, setup, in_process: false, run }
    }

    pub(crate) fn makes_sense(&self, combination: Combination) -> bool {
        self.in_process || combination.server != Kind::InProcess
    }

    pub(crate) fn run(&self, combination: Combination, servers: &Servers) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let Combination { server, implementation, .. } = combination;
        let (url, own) = match (server, self.setup) {
            (Kind::InProcess, _) => (String::new(), None),
            (kind, Setup::Shared) => (servers.url(kind, implementation)?, None),
            (kind, setup) => {
                let url = format!("unix://{}/socket", folder.path().display());
                (url.clone(), Some(Server::start(kind, implementation, setup, &url)?))
            }
        };
        let stage = Stage { combination, setup: self.setup, url, own: Mutex::new(own), folder };
        let done = (self.run)(&stage).with_context(|| combination.to_string());
        done.and_then(|()| if stage.has_server() { stage.shutdown(Duration::ZERO).map(drop) } else { Ok(()) })
    }
}

/// Servers that many cases share, by what they are: each is started when it is wanted.
#[derive(Default)]
pub(crate) struct Servers(Mutex<Vec<(Kind, Implementation, Server)>>);

impl Servers {
    fn url(&self, kind: Kind, implementation: Implementation) -> Result<String> {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., server)) = servers.iter().find(|(a, b, _)| (*a, *b) == (kind, implementation)) {
            return Ok(server.url().to_owned());
        }
        let server = Server::start(kind, implementation, Setup::Shared, "tcp://127.0.0.1:0")?;
        let url = server.url().to_owned();
        servers.push((kind, implementation, server));
        Ok(url)
    }
}

/// What a case is run with.
pub(crate) struct Stage {
    combination: Combination,
    setup: Setup,
    url: String,
    /// A server for this case alone.
    own: Mutex<Option<Server>>,
    folder: TempDir,
}

impl Stage {
    /// A client with a connection of its own.
    pub(crate) fn client(&self) -> Result<Client> {
        self.client_with(ChannelOptions::default())
    }

    pub(crate) fn client_with(&self, options: ChannelOptions) -> Result<Client> {
        let Combination { server, client, implementation } = self.combination;
        Ok(match (client, server) {
            (Clients::Blocking, Kind::InProcess) => {
                Client::Blocking(SuiteClient::new(Channel::in_process(implementation.router())?))
            }
            (Clients::Blocking, _) => Client::Blocking(SuiteClient::new(Channel::connect_with(&self.url, options)?)),
            (Clients::Tokio, Kind::InProcess) => {
                let _inside = RUNTIME.enter();
                Client::Tokio(AsyncSuiteClient::new(AsyncChannel::in_process(implementation.router())?))
            }
            (Clients::Tokio, _) => {
                let channel = RUNTIME.block_on(AsyncChannel::connect_with(&self.url, options))?;
                Client::Tokio(AsyncSuiteClient::new(channel))
            }
        })
    }

    /// The address of the server.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A place for a mark.
    pub(crate) fn mark(&self, name: &str) -> Mark {
        Mark::new(self.folder.path().join(name).to_string_lossy())
    }

    fn own(&self) -> std::sync::MutexGuard<'_, Option<Server>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_server(&self) -> bool {
        self.own().is_some()
    }

    /// Shuts down the server of this case, and gives its report.
    pub(crate) fn shutdown(&self, drain: Duration) -> Result<String> {
        let server = self.own().take().context("there is no server of this case")?;
        server.shutdown(drain)
    }

    /// Starts it again.
    pub(crate) fn restart(&self) -> Result<()> {
        let Combination { server, implementation, .. } = self.combination;
        *self.own() = Some(Server::start(server, implementation, self.setup, &self.url)?);
        Ok(())
    }
}

/// How a call fails, of whichever kind.
pub(crate) trait Failed {
    fn failed(self) -> Result<Status>;
}

impl Failed for Status {
    fn failed(self) -> Result<Status> {
        Ok(self)
    }
}

impl Failed for CallError<Refused> {
    fn failed(self) -> Result<Status> {
        match self {
            CallError::Status(status) => Ok(status),
            CallError::Declared(error) => bail!("it was refused: {error}"),
        }
    }
}

/// The status with which a call fails, which must have this code.
pub(crate) fn fails<T, E: Failed>(code: Code, result: Result<T, E>) -> Result<Status> {
    let Err(error) = result else { bail!("it does not fail") };
    let status = error.failed()?;
    ensure!(status.code() == code, "{code:?} is expected, not {:?}: {status}", status.code());
    Ok(status)
}

/// The same, of a call that certainly did not run.
pub(crate) fn does_not_run<T, E: Failed>(code: Code, result: Result<T, E>) -> Result<Status> {
    let status = fails(code, result)?;
    ensure!(!status.may_have_run(), "it did not run: {status}");
    Ok(status)
}
