//! A client of `test.Sums`, written as generated code would be, and what runs its tests.

use std::time::Duration;

use rpcgen_runtime::stub::{AsyncCaller, At as _, Packer, Status, UNBOUNDED};
use rpcgen_runtime::{AsyncChannel, Router, ThreadServer};
use tokio::runtime::{Builder, Runtime};

use crate::support::{ADD, ECHO, NOTE, Sums};

/// How long anything may take that is sure to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client(pub(crate) AsyncCaller);

impl Client {
    pub(crate) fn new(channel: &AsyncChannel) -> Self {
        Self(AsyncCaller::new(channel.clone()))
    }

    pub(crate) async fn add(&self, a: i32, b: i32) -> Result<i32, Status> {
        let pack = |out: &mut Packer<'_>| {
            out.fixed(&a).at("a")?;
            out.fixed(&b).at("b")
        };
        self.0.call(&ADD, pack, |input| input.fixed().at("result")).await
    }

    pub(crate) async fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Status> {
        self.0.call(&ECHO, |out| out.bytes(bytes, UNBOUNDED), |input| input.bytes(UNBOUNDED)).await
    }

    pub(crate) async fn note(&self, count: u32) -> Result<(), Status> {
        self.0.send(&NOTE, |out| out.fixed(&count)).await
    }
}

/// The runtimes that a channel must work on.
pub(crate) fn runtimes() -> [Runtime; 2] {
    [Builder::new_current_thread(), Builder::new_multi_thread()]
        .map(|mut builder| builder.worker_threads(2).enable_all().build().expect("a runtime"))
}

/// Runs a check on each kind of runtime, over each kind of connection.
pub(crate) fn everywhere(check: impl AsyncFn(Client)) {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, runtime) in runtimes().into_iter().enumerate() {
        let unix = format!("unix://{}/{number}", folder.path().display());
        for url in ["tcp://127.0.0.1:0", &unix] {
            let server = ThreadServer::bind(url).expect("binds").start(Router::new().add(Sums::default()));
            let server = server.expect("starts");
            runtime.block_on(async {
                let channel = AsyncChannel::connect(&server.endpoint().to_string()).await.expect("connects");
                check(Client::new(&channel)).await;
            });
            server.shutdown(PATIENCE);
        }
        runtime.block_on(async {
            let channel = AsyncChannel::in_process(Router::new().add(Sums::default())).expect("a channel");
            check(Client::new(&channel)).await;
        });
    }
}
