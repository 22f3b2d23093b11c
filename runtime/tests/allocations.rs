//! A steady call with arguments of fixed size asks the allocator for nothing, on either side. Both are in this process, whose
//! one test this is.

use std::alloc::System;
use std::thread;

use rpcgen_runtime::stub::{
    Caller, Context, Failure, Method, Packer, Service, ServiceInfo, Status, UnpackError, Unpacker,
};
use rpcgen_runtime::{Channel, Router, ThreadServer};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Calls before it counts, so that buffers have their sizes, and calls that count.
const WARM_UP: u32 = 1_000;
const CALLS: u32 = 10_000;

/// A handler that the system stops for a millisecond is taken for a slow one, and another thread reads on: that allocates. So a
/// few allocations are not those of calls.
const FEW: usize = 100;

static ADD: Method = Method::new("test.Sums/add", 1, 11);
static NOTE: Method = Method::oneway("test.Sums/note", 2, 12);
static SUMS: ServiceInfo = ServiceInfo::new("test.Sums", &[&ADD, &NOTE]);

struct Sums;

impl Service for Sums {
    fn info(&self) -> &'static ServiceInfo {
        &SUMS
    }

    fn call(&self, method: usize, _: &Context, input: &mut Unpacker<'_>, out: &mut Packer<'_>) -> Result<(), Failure> {
        let (a, b) = (input.fixed::<i32>()?, input.fixed::<i32>()?);
        input.end()?;
        if method == 0 { out.fixed(&a.wrapping_add(b)).map_err(Failure::from_reply) } else { Ok(()) }
    }
}

fn unpack_sum(input: &mut Unpacker<'_>) -> Result<i32, UnpackError> {
    input.fixed()
}

fn add(caller: &Caller, a: i32) -> Result<i32, Status> {
    caller
        .start(
            &ADD,
            |out| {
                out.fixed(&a)?;
                out.fixed(&1_i32)
            },
            unpack_sum,
        )?
        .wait()
}

/// What the allocator was asked for while `calls` were made.
fn allocations(mut calls: impl FnMut(u32)) -> usize {
    calls(WARM_UP);
    let region = Region::new(ALLOCATOR);
    calls(CALLS);
    let change = region.change();
    change.allocations + change.reallocations
}

#[test]
fn a_steady_call_allocates_nothing_on_either_side() {
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds");
    let running = server.start(Router::new().add(Sums)).expect("starts");
    let caller = Caller::new(Channel::connect(&running.endpoint().to_string()).expect("connects"));
    let one_by_one = allocations(|count| {
        (0..count.cast_signed()).for_each(|a| assert_eq!(add(&caller, a), Ok(a + 1)));
    });
    assert!(one_by_one < FEW, "{one_by_one} allocations for {CALLS} calls, one after the other");
    let oneway = allocations(|count| {
        for a in 0..count.cast_signed() {
            let pack = |out: &mut Packer<'_>| {
                out.fixed(&a)?;
                out.fixed(&1_i32)
            };
            caller.send(&NOTE, pack).expect("is sent");
        }
        assert_eq!(add(&caller, 1), Ok(2));
    });
    assert!(oneway < FEW, "{oneway} allocations for {CALLS} oneway calls");
    let shared = allocations(|count| {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..count.cast_signed()).for_each(|a| assert_eq!(add(&caller, a), Ok(a + 1))));
            }
        });
    });
    assert!(shared < FEW, "{shared} allocations for {CALLS} calls of each of four threads");
}
