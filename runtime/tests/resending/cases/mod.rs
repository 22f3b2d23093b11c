//! Cases for any kind of channel, by what happens to its calls.

mod addresses;
mod losses;
mod refusals;
mod silence;

use std::net::TcpListener;
use std::time::Duration;

use rpcgen_runtime::stub::{At as _, Method};
use rpcgen_runtime::{ChannelOptions, Status};

use super::{Caller, Channel, Client, PendingCall};
use crate::PATIENCE;

/// `ADD`, for those who do not mind that it runs twice.
pub(super) static ADD_AGAIN: Method = Method::new("test.Sums/add", 1, 11).idempotent();

pub(super) fn options() -> ChannelOptions {
    let (backoff, backoff_most) = (Duration::from_millis(1), Duration::from_millis(5));
    ChannelOptions { connection_wait: PATIENCE, backoff, backoff_most, ..ChannelOptions::default() }
}

pub(super) fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("tcp://{}", listener.local_addr().expect("bound"));
    (listener, url)
}

pub(super) fn client(url: &str, options: ChannelOptions) -> Client {
    Client(Caller::new(Channel::connect_with(url, options).expect("connects")))
}

pub(super) fn start(client: &Client, method: &'static Method) -> PendingCall<i32, Status> {
    let pack = |out: &mut rpcgen_runtime::stub::Packer<'_>| {
        out.fixed(&3_i32).at("a")?;
        out.fixed(&4_i32).at("b")
    };
    client.0.start(method, pack, |input| input.fixed().at("result")).expect("starts")
}

/// What a thread runs with a clone of the client.
pub(super) fn twin<T, U: FnOnce(&Client) -> T>(client: &Client, run: U) -> impl FnOnce() -> T + use<T, U> {
    let client = Client(client.0.clone());
    move || run(&client)
}
