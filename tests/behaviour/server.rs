//! All servers, as cases see them.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _, stdin};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rpcgen_runtime::net::{server, tokio};
use rpcgen_runtime::{Limits, ProcessServer, Router, ServerOptions, ThreadServer, TokioServer};

use crate::client::RUNTIME;
use crate::handlers::Desk;
use crate::mark::PATIENCE;
use crate::stubs::tests::behaviour::{AsyncSuiteServer, SuiteServer};

/// Is set for a process server: its implementation, its setup, and its address, with spaces between.
const SERVER: &str = "RPCGEN_BEHAVIOUR_SERVER";

/// What a message may have where messages are small, in bytes.
pub(crate) const SMALL: u32 = 100_000;

/// What serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Thread,
    Process,
    Tokio,
    /// None: the channel has the services itself.
    InProcess,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Thread, Self::Process, Self::Tokio, Self::InProcess];
}

/// Whether handlers block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Implementation {
    Blocking,
    Async,
}

impl Implementation {
    pub(crate) const ALL: [Self; 2] = [Self::Blocking, Self::Async];

    pub(crate) fn router(self) -> Router {
        match self {
            Self::Blocking => Router::new().add(SuiteServer::new(Desk)),
            Self::Async => Router::new().add_async(AsyncSuiteServer::new(Desk)),
        }
    }
}

/// How a server is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    /// As by default; it serves many cases.
    Shared,
    /// As by default, for one case, which may end it.
    Own,
    ShortCalls,
    SmallMessages,
    /// As few as can be.
    FewCalls,
    FewHandlers,
}

impl Setup {
    const ALL: [Self; 6] =
        [Self::Shared, Self::Own, Self::ShortCalls, Self::SmallMessages, Self::FewCalls, Self::FewHandlers];

    fn options(self) -> ServerOptions {
        let usual = ServerOptions::default();
        match self {
            Self::Shared | Self::Own => usual,
            Self::ShortCalls => ServerOptions { longest_call: Some(Duration::from_millis(100)), ..usual },
            Self::SmallMessages => {
                ServerOptions { limits: Limits { message: SMALL as usize, ..Limits::default() }, ..usual }
            }
            Self::FewCalls => ServerOptions { limits: Limits { open_calls: 64, ..Limits::default() }, ..usual },
            Self::FewHandlers => ServerOptions { handler_threads: 2, ..usual },
        }
    }
}

/// A server that runs.
pub(crate) struct Server {
    url: String,
    running: Running,
}

enum Running {
    Thread(server::Running),
    Tokio(tokio::server::Running),
    Process(Child, BufReader<ChildStdout>),
}

impl Server {
    pub(crate) fn start(kind: Kind, implementation: Implementation, setup: Setup, url: &str) -> Result<Self> {
        let (router, options) = (implementation.router(), setup.options());
        let running = match kind {
            Kind::Thread => Running::Thread(ThreadServer::bind(url)?.options(options).start(router)?),
            Kind::Tokio => {
                let _inside = RUNTIME.enter();
                Running::Tokio(TokioServer::bind(url)?.options(options).start(router)?)
            }
            Kind::Process => return Self::start_process(implementation, setup, url),
            Kind::InProcess => bail!("there is no server"),
        };
        let url = match &running {
            Running::Thread(running) => running.endpoint().to_string(),
            Running::Tokio(running) => running.endpoint().to_string(),
            Running::Process(..) => String::new(),
        };
        Ok(Self { url, running })
    }

    fn start_process(implementation: Implementation, setup: Setup, url: &str) -> Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.env(SERVER, format!("{implementation:?} {setup:?} {url}")).stderr(Stdio::null());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut said = BufReader::new(process.stdout.take().context("no output")?);
        let url = hear(&mut said)?;
        Ok(Self { url, running: Running::Process(process, said) })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Shuts it down, and gives its report.
    pub(crate) fn shutdown(self, drain: Duration) -> Result<String> {
        Ok(match self.running {
            Running::Thread(running) => running.shutdown(drain).to_string(),
            Running::Tokio(running) => RUNTIME.block_on(running.shutdown(drain)).to_string(),
            Running::Process(mut process, mut said) => {
                writeln!(process.stdin.take().context("no input")?, "{}", drain.as_millis())?;
                let report = hear(&mut said)?;
                process.wait()?;
                report
            }
        })
    }
}

fn hear(said: &mut BufReader<ChildStdout>) -> Result<String> {
    let mut line = String::new();
    said.read_line(&mut line)?;
    anyhow::ensure!(line.ends_with('\n'), "the server has ended");
    Ok(line.trim_end().to_owned())
}

/// Whether this process is a server, or a worker of one. It is over then.
pub(crate) fn is_other_process() -> Result<bool> {
    let Ok(words) = env::var(SERVER) else { return Ok(false) };
    let mut words = words.split(' ').map(ToOwned::to_owned);
    let mut next = || words.next().context("no setup");
    let (implementation, setup, url) = (next()?, next()?, next()?);
    let implementation = Implementation::ALL.into_iter().find(|known| format!("{known:?}") == implementation);
    let setup = Setup::ALL.into_iter().find(|known| format!("{known:?}") == setup);
    serve(implementation.context("which?")?, setup.context("which?")?, &url)?;
    Ok(true)
}

/// Serves until it is said how long to drain, or nobody is there who could say.
fn serve(implementation: Implementation, setup: Setup, url: &str) -> Result<()> {
    let server = ProcessServer::bind(url)?.workers(1).options(setup.options());
    let Some(running) = server.start(implementation.router())? else { return Ok(()) };
    anyhow::ensure!(running.wait_ready(PATIENCE), "no worker is ready");
    println!("{}", running.endpoint()?);
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    let drain = Duration::from_millis(line.trim().parse().unwrap_or_default());
    println!("{}", running.shutdown(drain));
    Ok(())
}
