//! What the server stub of a method with streams is given.

use std::sync::Arc;

use super::carrier::Carrier;
use super::packing::pack_items;
use super::{Receiver, Sender};
use crate::pack::{PackError, Packer, UnpackError, Unpacker};

/// The streams of a call that is to be handled.
#[derive(Debug)]
pub struct CallStreams {
    carrier: Arc<dyn Carrier>,
}

impl CallStreams {
    pub(crate) fn new(carrier: Arc<dyn Carrier>) -> Self {
        Self { carrier }
    }

    /// Receives the items of the parameter that is a stream.
    pub fn receiver<T>(
        &self,
        unpack: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
    ) -> Receiver<T> {
        Receiver::new(Arc::clone(&self.carrier), unpack)
    }

    /// Sends the items of the result that is a stream.
    pub fn sender<T: ?Sized>(
        &self,
        pack: impl Fn(&mut Packer<'_>, &T) -> Result<(), PackError> + Send + Sync + 'static,
    ) -> Sender<T> {
        Sender::new(Arc::clone(&self.carrier), pack_items(pack))
    }
}

#[cfg(feature = "tokio")]
impl CallStreams {
    /// As [`receiver`](Self::receiver), for tasks.
    pub fn async_receiver<T>(
        &self,
        unpack: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
    ) -> super::AsyncReceiver<T> {
        super::AsyncReceiver::new(Arc::clone(&self.carrier), unpack)
    }

    /// As [`sender`](Self::sender), for tasks.
    pub fn async_sender<T: ?Sized>(
        &self,
        pack: impl Fn(&mut Packer<'_>, &T) -> Result<(), PackError> + Send + Sync + 'static,
    ) -> super::AsyncSender<T> {
        super::AsyncSender::new(Arc::clone(&self.carrier), pack_items(pack))
    }
}
