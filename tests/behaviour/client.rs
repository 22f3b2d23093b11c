//! Both clients, as cases see them.

use std::sync::LazyLock;
use std::time::Duration;

use rpcgen_runtime::stream::{AsyncClientSender, AsyncReceiver, ClientSender, Receiver};
use rpcgen_runtime::{CallError, Metadata, Status, TraceContext};
use tokio::runtime::{Builder, Runtime};

use crate::ends::{Items, Outlet, Pending, Task, Upload};
use crate::stubs::tests::behaviour::{AsyncSuiteClient, Ending, Known, Refused, SuiteClient};

/// The runtime of all tasks of this process.
pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime"));

/// A client of either kind.
#[derive(Debug, Clone)]
pub(crate) enum Client {
    Blocking(SuiteClient),
    Tokio(AsyncSuiteClient),
}

/// What either client does; of the one on tokio it is waited for.
macro_rules! either {
    ($self:expr, $client:ident => $call:expr) => {
        match $self {
            Client::Blocking($client) => $call,
            Client::Tokio($client) => RUNTIME.block_on($call),
        }
    };
}

/// What either client gives, for more calls.
macro_rules! begun {
    ($self:expr, $client:ident => $call:expr, $wrapper:ident) => {
        match $self {
            Client::Blocking($client) => $call.map($wrapper::Blocking),
            Client::Tokio($client) => RUNTIME.block_on($call).map($wrapper::Tokio),
        }
    };
}

type Declaring<T> = Result<T, CallError<Refused>>;
type Plain<T> = Result<T, Status>;
type Both<T, R, E = Status> = (Outlet<T>, Items<R, E>);

impl Client {
    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        match self {
            Self::Blocking(client) => Self::Blocking(client.with_timeout(timeout)),
            Self::Tokio(client) => Self::Tokio(client.with_timeout(timeout)),
        }
    }

    pub(crate) fn with_metadata(&self, metadata: &Metadata) -> Self {
        match self {
            Self::Blocking(client) => Self::Blocking(client.with_metadata(metadata.clone())),
            Self::Tokio(client) => Self::Tokio(client.with_metadata(metadata.clone())),
        }
    }

    pub(crate) fn with_trace(&self, trace: TraceContext) -> Self {
        match self {
            Self::Blocking(client) => Self::Blocking(client.with_trace(trace)),
            Self::Tokio(client) => Self::Tokio(client.with_trace(trace)),
        }
    }

    pub(crate) fn add(&self, a: i64, b: i64) -> Plain<i64> {
        either!(self, client => client.add(a, b))
    }

    pub(crate) fn halve(&self, number: i64) -> Declaring<i64> {
        either!(self, client => client.halve(number))
    }

    pub(crate) fn fail(&self, message: &str) -> Plain<()> {
        either!(self, client => client.fail(message))
    }

    pub(crate) fn echo(&self, content: &[u8]) -> Plain<Vec<u8>> {
        either!(self, client => client.echo(content))
    }

    pub(crate) fn make(&self, size: u32) -> Plain<Vec<u8>> {
        either!(self, client => client.make(size))
    }

    pub(crate) fn tell(&self, size: u32) -> Plain<(u32, String)> {
        either!(self, client => client.tell(size))
    }

    pub(crate) fn name(&self, name: &str) -> Plain<u32> {
        either!(self, client => client.name(name))
    }

    pub(crate) fn known(&self) -> Plain<Known> {
        either!(self, client => client.known())
    }

    pub(crate) fn note(&self, mark: &str) -> Plain<()> {
        either!(self, client => client.note(mark))
    }

    pub(crate) fn wait(&self, mark: &str) -> Plain<i64> {
        either!(self, client => client.wait(mark))
    }

    pub(crate) fn wait_briefly(&self, mark: &str) -> Plain<i64> {
        either!(self, client => client.wait_briefly(mark))
    }

    pub(crate) fn panic(&self, mark: Option<&str>) -> Plain<()> {
        either!(self, client => client.panic(mark))
    }

    pub(crate) fn relay(&self, url: &str) -> Plain<Known> {
        either!(self, client => client.relay(url))
    }

    pub(crate) fn relay_wait(&self, url: &str, mark: &str) -> Plain<i64> {
        either!(self, client => client.relay_wait(url, mark))
    }

    /// Makes a call, and does not wait for its answer.
    pub(crate) fn start_wait(&self, mark: &str) -> Plain<Pending<i64>> {
        match self {
            Self::Blocking(client) => client.start_wait(mark).map(Pending::Blocking),
            Self::Tokio(client) => {
                let (client, mark) = (client.clone(), mark.to_owned());
                Ok(Pending::Tokio(Task(RUNTIME.spawn(async move { client.wait(&mark).await }))))
            }
        }
    }

    pub(crate) fn start_add(&self, a: i64, b: i64) -> Plain<Pending<i64>> {
        match self {
            Self::Blocking(client) => client.start_add(a, b).map(Pending::Blocking),
            Self::Tokio(client) => {
                let client = client.clone();
                Ok(Pending::Tokio(Task(RUNTIME.spawn(async move { client.add(a, b).await }))))
            }
        }
    }

    pub(crate) fn count(&self, end: u64, ending: Ending) -> Declaring<Items<u64, CallError<Refused>>> {
        begun!(self, client => client.count(end, ending), Items)
    }

    pub(crate) fn blobs(&self, count: u32, size: u32) -> Plain<Items<Vec<u8>>> {
        begun!(self, client => client.blobs(count, size), Items)
    }

    pub(crate) fn endless(&self, mark: &str) -> Plain<Items<u64>> {
        begun!(self, client => client.endless(mark), Items)
    }

    pub(crate) fn halting(&self, mark: &str) -> Plain<Items<u64>> {
        begun!(self, client => client.halting(mark), Items)
    }

    pub(crate) fn names(&self, names: &[&str]) -> Plain<Items<String>> {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        begun!(self, client => client.names(&names), Items)
    }

    pub(crate) fn sum(&self, ending: Ending) -> Declaring<Upload<i64, i64, CallError<Refused>>> {
        begun!(self, client => client.sum(ending), Upload)
    }

    pub(crate) fn first(&self) -> Plain<Upload<i64, i64>> {
        begun!(self, client => client.first(), Upload)
    }

    pub(crate) fn measure(&self, mark: &str) -> Plain<Upload<[u8], u64>> {
        begun!(self, client => client.measure(mark), Upload)
    }

    pub(crate) fn hurry(&self, mark: &str) -> Plain<Upload<i64, i64>> {
        begun!(self, client => client.hurry(mark), Upload)
    }

    pub(crate) fn greet(&self, mark: &str) -> Plain<Upload<str, u32>> {
        begun!(self, client => client.greet(mark), Upload)
    }

    pub(crate) fn tally(&self, ending: Ending) -> Declaring<Both<i64, i64, CallError<Refused>>> {
        match self {
            Self::Blocking(client) => client.tally(ending).map(blocking_ends),
            Self::Tokio(client) => RUNTIME.block_on(client.tally(ending)).map(tokio_ends),
        }
    }

    pub(crate) fn mirror(&self, mark: &str) -> Plain<Both<[u8], Vec<u8>>> {
        match self {
            Self::Blocking(client) => client.mirror(mark).map(blocking_ends),
            Self::Tokio(client) => RUNTIME.block_on(client.mirror(mark)).map(tokio_ends),
        }
    }
}

fn blocking_ends<T: ?Sized, R, E>((sender, receiver): (ClientSender<T>, Receiver<R, E>)) -> Both<T, R, E> {
    (Outlet::Blocking(sender), Items::Blocking(receiver))
}

fn tokio_ends<T: ?Sized, R, E>((sender, receiver): (AsyncClientSender<T>, AsyncReceiver<R, E>)) -> Both<T, R, E> {
    (Outlet::Tokio(sender), Items::Tokio(receiver))
}
