//! A client, written as generated code would be, of what calls the module around it has.

#![allow(dead_code, reason = "not every test uses all of it")]

use rpcgen_runtime::stub::{At as _, Method, Status, UNBOUNDED};

use super::{Caller, PendingCall};
use crate::support::{ADD, ECHO};

/// A client stub.
pub(crate) struct Client(pub(crate) Caller);

impl Client {
    pub(crate) fn start_add(&self, a: i32, b: i32) -> Result<PendingCall<i32, Status>, Status> {
        self.0.start(
            &ADD,
            |out| {
                out.fixed(&a).at("a")?;
                out.fixed(&b).at("b")
            },
            |input| input.fixed().at("result"),
        )
    }

    pub(crate) fn add(&self, a: i32, b: i32) -> Result<i32, Status> {
        self.start_add(a, b)?.wait()
    }

    pub(crate) fn start_echo(&self, bytes: &[u8]) -> Result<PendingCall<Vec<u8>, Status>, Status> {
        self.0.start(&ECHO, |out| out.bytes(bytes, UNBOUNDED), |input| input.bytes(UNBOUNDED))
    }

    pub(crate) fn echo(&self, bytes: &[u8]) -> Result<Vec<u8>, Status> {
        self.start_echo(bytes)?.wait()
    }

    pub(crate) fn call(&self, method: &'static Method) -> Result<(), Status> {
        let call: PendingCall<_, Status> = self.0.start(method, |_| Ok(()), |_| Ok(()))?;
        call.wait()
    }
}
