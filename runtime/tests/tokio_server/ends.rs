//! How tokio servers start and end.

use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rpcgen_runtime::net::server::Calls;
use rpcgen_runtime::stub::{AsyncAnswer, AsyncCall};
use rpcgen_runtime::wire::{Header, Kind};
use rpcgen_runtime::{Channel, Code, Router, TokioServer};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::probe::{Client, PATIENCE, Probe, RUN};
use crate::raw::{Raw, frame};
use crate::servers::on_each;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// A service whose calls wait at one of the gates, which their first byte names; and what hears that one has begun.
fn gated(gates: &Arc<[Semaphore; 3]>) -> (Router, Receiver<()>) {
    let (begun, begins) = channel();
    let (gates, begun) = (Arc::clone(gates), Mutex::new(begun));
    let service = Probe(move |call: AsyncCall| -> AsyncAnswer {
        begun.lock().expect("no panic").send(()).unwrap_or_default();
        let gates = Arc::clone(&gates);
        Box::pin(async move {
            let gate = usize::from(call.input().fixed::<u8>().unwrap_or_default());
            drop(gates[gate].acquire().await.expect("open"));
            call.reply(|_| Ok(()))
        })
    });
    (Router::new().add_async(service), begins)
}

fn gates() -> Arc<[Semaphore; 3]> {
    Arc::new([const { Semaphore::const_new(0) }; 3])
}

#[test]
fn a_server_is_started_within_a_runtime() {
    let refused = TokioServer::bind("tcp://127.0.0.1:0").expect("binds").start(Router::new()).map(|_| ());
    assert!(refused.expect_err("no runtime").to_string().starts_with("the server cannot go on: "));
}

/// R43: of three calls that run when it shuts down one is answered, one is cancelled, and one is cut.
#[test]
fn a_server_that_shuts_down_reports_what_became_of_its_calls() {
    on_each(|on| {
        let gates = gates();
        let (router, begins) = gated(&gates);
        let server = on.serve(router);
        let mut raw = Raw::tcp(&server.endpoint().to_string(), PATIENCE).greet();
        let call = |number: u32, gate| frame(Header::new(Kind::Call, number, 41), &[0, 0, 0, 51, gate]);
        raw.send(&[call(1, 0), call(2, 1), call(3, 2)].concat());
        (0..3).for_each(|_| begins.recv_timeout(PATIENCE).expect("it begins"));
        let shutting = thread::spawn(move || server.shutdown(Duration::from_secs(3)));
        assert_eq!(raw.hear().0.kind, Kind::GoAway);
        gates[0].add_permits(1);
        assert_eq!((raw.hear().0.kind, gates[0].available_permits()), (Kind::Reply, 1));
        raw.send(&frame(Header::new(Kind::Cancel, 2, 0), &[]));
        assert_eq!(raw.hear().0.kind, Kind::Fault);
        let report = shutting.join().expect("no panic");
        assert_eq!((report.connections, report.cut), (1, 1));
        assert_eq!(report.calls, Calls { finished: 1, cancelled: 1, cut: 1 });
    });
}

#[test]
fn a_server_accepts_no_more_when_its_future_is_dropped_and_answers_what_runs() {
    let (runtime, gates) = (runtime(), gates());
    let (router, begins) = gated(&gates);
    let server = TokioServer::bind("tcp://127.0.0.1:0").expect("binds");
    let url = server.endpoint().expect("bound").to_string();
    let serving = runtime.spawn(server.serve(router));
    let client = Client::at(&url);
    let call = client.start(&RUN);
    begins.recv_timeout(PATIENCE).expect("it begins");
    serving.abort();
    assert!(runtime.block_on(serving).is_err_and(|error| error.is_cancelled()));
    while TcpStream::connect(url.trim_start_matches("tcp://")).is_ok() {
        thread::yield_now();
    }
    gates[0].add_permits(1);
    assert_eq!(call.wait(), Ok(()));
}

#[test]
fn a_server_ends_with_its_runtime() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    let url = format!("unix://{}", path.display());
    let (runtime, gates) = (runtime(), gates());
    let (router, begins) = gated(&gates);
    let serving = TokioServer::bind(&url).expect("binds").serve(router);
    runtime.spawn(serving);
    let client = Client(rpcgen_runtime::stub::Caller::new(Channel::connect(&url).expect("connects")));
    let call = client.start(&RUN);
    begins.recv_timeout(PATIENCE).expect("it begins");
    drop(runtime);
    let lost = call.wait().expect_err("nobody answers");
    assert_eq!((lost.code(), lost.may_have_run()), (Code::Unavailable, true));
    assert!(!path.exists());
}
