//! What is dropped at any step gives back what it held, and holds up nobody.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::Builder;

use super::connection::{Connection, InFlight};
use crate::net::calls::{Answer, ChannelOptions, Usable as _};
use crate::net::socket::Socket;
use crate::net::tokio::stream::Stream;
use crate::service::Method;
use crate::status::Status;
use crate::wire::preface::MINIMUM;
use crate::wire::{Header, Kind};

static ADD: Method = Method::new("test.Sums/add", 1, 11);

/// Runs a check with a connection, and its server's end.
fn with_connection(check: impl AsyncFnOnce(&Arc<Connection>, UnixStream)) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let stream = Stream::watch(Socket::Unix(ours)).expect("watched");
        let connection = Connection::open(stream, "test".to_owned(), &ChannelOptions::default()).expect("open");
        check(&connection, theirs).await;
    });
}

async fn call(connection: &Arc<Connection>) -> Result<InFlight, Status> {
    let call = connection.start(&ADD, 0, &mut vec![0; 12], None).await?;
    Ok(InFlight::new(Arc::clone(connection), call, &ADD))
}

fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn places(connection: &Connection) -> usize {
    connection.line().lock().calls.places.len()
}

fn reply(peer: &mut UnixStream, call: u32) {
    let header = Header { length: 4, ..Header::new(Kind::Reply, call, 0) }.encode();
    peer.write_all(&[&header[..], &[0, 0, 0, 7]].concat()).expect("sent");
}

/// Lets the driver run until something is so.
async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_call_that_is_dropped_gives_its_place_back() {
    with_connection(async |connection, mut peer| {
        peer.write_all(&MINIMUM.encode()).expect("sent");
        for polls in 0..3 {
            let mut dropped = Box::pin(call(connection).await.expect("queued"));
            assert_eq!(places(connection), 1);
            (0..polls).for_each(|_| assert!(poll(dropped.as_mut()).is_pending()));
            drop(dropped);
            assert_eq!(places(connection), 0);
        }
        let answered = call(connection).await.expect("queued");
        reply(&mut peer, 4);
        assert!(matches!(answered.await, Answer::Reply(body, None) if body[..] == [0, 0, 0, 7]));
        assert_eq!(places(connection), 0);
    });
}

/// L8: the least that a server allows are 64.
#[test]
fn who_waits_for_room_and_is_dropped_leaves_it_to_the_next() {
    with_connection(async |connection, mut peer| {
        peer.write_all(&MINIMUM.encode()).expect("sent");
        let mut calls = Vec::new();
        for _ in 0..64 {
            calls.push(call(connection).await.expect("queued"));
        }
        let (mut first, mut second) = (Box::pin(call(connection)), pin!(call(connection)));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        assert_eq!(places(connection), 64);
        reply(&mut peer, 1);
        until(|| connection.line().lock().calls.has_room()).await;
        drop(first);
        assert!(matches!(poll(second.as_mut()), Poll::Ready(Ok(_))));
        assert_eq!(calls.len(), 64);
    });
}

#[test]
fn who_waits_for_room_hears_that_the_connection_is_over() {
    with_connection(async |connection, peer| {
        let mut calls = Vec::new();
        for _ in 0..64 {
            calls.push(call(connection).await.expect("queued"));
        }
        let mut waiting = [Box::pin(call(connection)), Box::pin(call(connection))];
        assert!(waiting.iter_mut().all(|call| poll(call.as_mut()).is_pending()));
        drop(peer);
        for waits in waiting {
            assert!(waits.await.is_err_and(|status| !status.may_have_run()));
        }
        assert!(!connection.is_open());
        for lost in calls {
            assert!(matches!(lost.await, Answer::Lost(_)));
        }
        assert_eq!(places(connection), 0);
    });
}
