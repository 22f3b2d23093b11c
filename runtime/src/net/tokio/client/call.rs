//! A call on its way to its answer, on one connection after the other where that is safe and needed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::InFlight;
use super::patience::runtime;
use super::supply::Supply;
use crate::net::calls::{Answer, Reader, Request, Usable as _};
use crate::service::Method;
use crate::status::Status;

/// What is queued of a call.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) method: &'static Method,
    pub(super) until: Option<Instant>,
    /// Bytes of extensions that the payload begins with.
    pub(super) extension: u16,
    pub(super) payload: Vec<u8>,
}

/// A call that was queued. Dropping it cancels it.
#[derive(Debug)]
pub(super) struct Call {
    supply: Arc<Supply>,
    in_flight: InFlight,
    request: Request,
}

impl Call {
    /// Queues a call.
    pub(super) async fn start(supply: Arc<Supply>, mut packed: Packed) -> Result<Self, Status> {
        let in_flight = start(&supply, &mut packed).await?;
        let Packed { method, until, extension, payload } = packed;
        let request = Request::new(method, until, extension, payload, supply.options());
        Ok(Self { supply, in_flight, request })
    }

    /// The answer that stands: what can be sent again, and was not answered, is.
    pub(super) async fn answer(&mut self) -> Answer {
        loop {
            let answer = (&mut self.in_flight).await;
            let Some(pause) = self.request.pause(&answer, self.supply.options()) else { return answer };
            if let Err(status) = Box::pin(self.send_again(&answer, pause)).await {
                return Answer::Status(status);
            }
        }
    }

    async fn send_again(&mut self, answer: &Answer, pause: Duration) -> Result<(), Status> {
        if !pause.is_zero() {
            let _runtime = runtime()?;
            tokio::time::sleep(pause).await;
        }
        let (method, until) = (self.request.method, self.request.until);
        self.request.note(answer);
        let connection = self.supply.connection(until).await?;
        let (extension, payload) = self.request.pack_again();
        self.in_flight = self.supply.start(connection, &mut Packed { method, until, extension, payload }).await?;
        self.request.was_sent();
        Ok(())
    }

    /// Who reads the answer.
    pub(super) fn reader<F>(&self, unpack: F) -> Reader<'_, F> {
        let (request, connection) = (&self.request, self.in_flight.connection());
        Reader { request, peer: connection.peer(), limits: connection.limits(), unpack }
    }
}

/// Queues a call for the first time.
pub(super) async fn start(supply: &Arc<Supply>, packed: &mut Packed) -> Result<InFlight, Status> {
    let failed = |status: Status| status.of_method(packed.method.path);
    let connection = supply.connection(packed.until).await.map_err(failed)?;
    supply.start(connection, packed).await.map_err(|status| status.of_method(packed.method.path))
}
