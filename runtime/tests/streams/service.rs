//! A service with a method of each kind of stream, as generated code would have it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rpcgen_runtime::stub::{
    CallStreams, Caller, ClientSender, ClientStream, Context, Failure, Method, PackError, Packer, Receiver, Sender,
    Service, ServiceInfo, Status, UNBOUNDED, UnpackError, Unpacker,
};

pub(crate) static COUNT: Method = Method::new("test.Streams/count", 1, 11).with_server_stream();
pub(crate) static SUM: Method = Method::new("test.Streams/sum", 2, 12).with_client_stream();
pub(crate) static ECHO: Method = Method::new("test.Streams/echo", 3, 13).with_client_stream().with_server_stream();
pub(crate) static PING: Method = Method::new("test.Streams/ping", 4, 14);
pub(crate) static STREAMS: ServiceInfo = ServiceInfo::new("test.Streams", &[&COUNT, &SUM, &ECHO, &PING]);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "it packs items of any type")]
pub(crate) fn pack_number(out: &mut Packer<'_>, number: &u64) -> Result<(), PackError> {
    out.fixed(number)
}

pub(crate) fn unpack_number(input: &mut Unpacker<'_>) -> Result<u64, UnpackError> {
    input.fixed()
}

pub(crate) fn pack_text(out: &mut Packer<'_>, text: &str) -> Result<(), PackError> {
    out.string(text, UNBOUNDED)
}

pub(crate) fn unpack_text(input: &mut Unpacker<'_>) -> Result<String, UnpackError> {
    input.string(UNBOUNDED)
}

/// What the handlers saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams {
    /// Handlers that have begun.
    pub(crate) begun: Arc<AtomicU64>,
    /// Handlers that have returned.
    pub(crate) returned: Arc<AtomicU64>,
    /// Of those, the ones that failed.
    pub(crate) failed: Arc<AtomicU64>,
    /// Numbers that were counted.
    pub(crate) counted: Arc<AtomicU64>,
    /// The sender of the last echo, which its handler leaves behind.
    pub(crate) kept: Arc<Mutex<Option<Sender<str>>>>,
}

fn run(
    method: usize,
    input: &mut Unpacker<'_>,
    out: &mut Packer<'_>,
    streams: &CallStreams,
    service: &Streams,
) -> Result<(), Failure> {
    match method {
        0 => {
            let upto: u64 = input.fixed()?;
            input.end()?;
            let numbers = (0..upto).inspect(|_| {
                service.counted.fetch_add(1, Ordering::SeqCst);
            });
            Ok(streams.sender(pack_number).send_all(numbers)?)
        }
        1 => {
            input.end()?;
            let sum =
                streams.receiver(unpack_number).try_fold(0_u64, |sum, number| number.map(|number| sum + number))?;
            if sum == 13 {
                return Err(Status::failed_precondition("thirteen").into());
            }
            out.fixed(&sum).map_err(Failure::from_reply)
        }
        2 => {
            input.end()?;
            let sender = streams.sender(pack_text);
            *service.kept.lock().expect("no panic") = Some(sender.clone());
            for text in streams.receiver(unpack_text) {
                sender.send(&text?)?;
            }
            Ok(())
        }
        _ => Err(Failure::unknown_method()),
    }
}

impl Service for Streams {
    fn info(&self) -> &'static ServiceInfo {
        &STREAMS
    }

    fn call(&self, _: usize, _: &Context, input: &mut Unpacker<'_>, _: &mut Packer<'_>) -> Result<(), Failure> {
        Ok(input.end()?)
    }

    fn stream(
        &self,
        method: usize,
        _: &Context,
        input: &mut Unpacker<'_>,
        out: &mut Packer<'_>,
        streams: CallStreams,
    ) -> Result<(), Failure> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let result = run(method, input, out, &streams, self);
        self.failed.fetch_add(result.is_err().into(), Ordering::SeqCst);
        self.returned.fetch_add(1, Ordering::SeqCst);
        result
    }
}

/// The client stub.
#[derive(Debug, Clone)]
pub(crate) struct Client(pub(crate) Caller);

impl Client {
    pub(crate) fn count(&self, upto: u64) -> Result<Receiver<u64>, Status> {
        self.0.server_stream(&COUNT, |out| out.fixed(&upto), unpack_number)
    }

    pub(crate) fn sum(&self) -> Result<ClientStream<u64, u64, Status>, Status> {
        self.0.client_stream(&SUM, |_| Ok(()), pack_number, unpack_number)
    }

    pub(crate) fn echo(&self) -> Result<(ClientSender<str>, Receiver<String>), Status> {
        self.0.two_way(&ECHO, |_| Ok(()), pack_text, unpack_text)
    }

    pub(crate) fn ping(&self) -> Result<(), Status> {
        self.0.start(&PING, |_| Ok(()), |_| Ok(()))?.wait()
    }
}
