//! A service and its client, written as generated code would be.

#![allow(dead_code, unused_imports, reason = "not every test uses all of it")]

mod client;
pub(crate) mod servers;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rpcgen_runtime::stub::{At as _, Context, Failure, Method, Packer, Service, ServiceInfo, UNBOUNDED, Unpacker};

pub(crate) use client::Client;
pub(crate) use rpcgen_runtime::stub::{Caller, PendingCall};

pub(crate) static ADD: Method = Method::new("test.Sums/add", 1, 11);
pub(crate) static ECHO: Method = Method::new("test.Sums/echo", 2, 12);
pub(crate) static NOTE: Method = Method::oneway("test.Sums/note", 3, 13);
pub(crate) static FAIL: Method = Method::new("test.Sums/fail", 4, 14);
pub(crate) static OTHER_SHAPE: Method = Method::new("test.Sums/add", 1, 99);
pub(crate) static MISSING: Method = Method::new("test.Sums/missing", 5, 15);
pub(crate) static SERVICE: ServiceInfo = ServiceInfo::new("test.Sums", &[&ADD, &ECHO, &NOTE, &FAIL]);

/// Adds, echoes, and counts notes.
#[derive(Default)]
pub(crate) struct Sums(pub(crate) Arc<AtomicU32>);

impl Service for Sums {
    fn info(&self) -> &'static ServiceInfo {
        &SERVICE
    }

    fn call(&self, method: usize, _: &Context, input: &mut Unpacker<'_>, out: &mut Packer<'_>) -> Result<(), Failure> {
        match method {
            0 => {
                let (a, b): (i32, i32) = (input.fixed().at("a")?, input.fixed().at("b")?);
                input.end()?;
                out.fixed(&a.wrapping_add(b)).map_err(Failure::from_reply)
            }
            1 => out.bytes(input.byte_slice(UNBOUNDED)?, UNBOUNDED).map_err(Failure::from_reply),
            2 => {
                self.0.fetch_add(input.fixed()?, Ordering::SeqCst);
                Ok(())
            }
            _ => panic!("as asked"),
        }
    }
}
