//! The same service, in asynchronous Rust.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rpcgen_runtime::stub::{
    AsyncAnswer, AsyncCall, AsyncCaller, AsyncClientSender, AsyncClientStream, AsyncFailure, AsyncReceiver,
    AsyncService, Packed, ServiceInfo, Status,
};

use super::service::{COUNT, ECHO, PING, STREAMS, SUM, pack_number, pack_text, unpack_number, unpack_text};

/// What the handlers saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    /// Handlers that are not over.
    pub(crate) running: Arc<AtomicU64>,
}

/// Counts a handler until it is over, however it ends.
struct Running(Arc<AtomicU64>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsyncService for Tasks {
    fn info(&self) -> &'static ServiceInfo {
        &STREAMS
    }

    fn call(&self, method: usize, call: AsyncCall) -> AsyncAnswer {
        self.running.fetch_add(1, Ordering::SeqCst);
        let running = Running(Arc::clone(&self.running));
        Box::pin(async move {
            let _running = running;
            match method {
                0 => {
                    let upto: u64 = call.input().fixed()?;
                    call.streams()?.async_sender(pack_number).send_all(0..upto).await?;
                    Ok(Packed::default())
                }
                1 => {
                    let (mut numbers, mut sum) = (call.streams()?.async_receiver(unpack_number), 0);
                    while let Some(number) = numbers.next().await {
                        sum += number?;
                    }
                    if sum == 13 {
                        return Err(Status::failed_precondition("thirteen").into());
                    }
                    call.reply(|out| out.fixed(&sum))
                }
                2 => {
                    let streams = call.streams()?;
                    let (mut texts, sender) = (streams.async_receiver(unpack_text), streams.async_sender(pack_text));
                    while let Some(text) = texts.next().await {
                        sender.send(&text?).await?;
                    }
                    Ok(Packed::default())
                }
                3 => call.reply(|_| Ok(())),
                _ => Err(AsyncFailure::unknown_method()),
            }
        })
    }
}

/// The client stub.
#[derive(Debug, Clone)]
pub(crate) struct AsyncClient(pub(crate) AsyncCaller);

impl AsyncClient {
    pub(crate) async fn count(&self, upto: u64) -> Result<AsyncReceiver<u64>, Status> {
        self.0.server_stream(&COUNT, |out| out.fixed(&upto), unpack_number).await
    }

    pub(crate) async fn sum(&self) -> Result<AsyncClientStream<u64, u64, Status>, Status> {
        self.0.client_stream(&SUM, |_| Ok(()), pack_number, unpack_number).await
    }

    pub(crate) async fn echo(&self) -> Result<(AsyncClientSender<str>, AsyncReceiver<String>), Status> {
        self.0.two_way(&ECHO, |_| Ok(()), pack_text, unpack_text).await
    }

    pub(crate) async fn ping(&self) -> Result<(), Status> {
        self.0.call(&PING, |_| Ok(()), |_| Ok(())).await
    }
}
