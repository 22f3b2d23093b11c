//! A call as it can be sent again.

use std::time::{Duration, Instant};

use super::answer::{Answer, Body, SMALL};
use super::options::ChannelOptions;
use crate::buffers::give_scratch;
use crate::service::Method;
use crate::status::Status;
use crate::wire::{Code, Extensions};

/// What is needed to send a call again.
#[derive(Debug)]
pub(in crate::net) struct Request {
    pub(in crate::net) method: &'static Method,
    pub(in crate::net) until: Option<Instant>,
    /// Bytes of extensions that the payload begins with.
    extension: u16,
    /// Empty, if the call cannot be sent again.
    payload: Body,
    /// How often it was sent.
    attempts: u32,
    /// One of the attempts may have run.
    may_have_run: bool,
}

impl Request {
    /// A call that was just queued. A short payload is copied; of a longer one the buffer itself is kept until the call is
    /// over, so that nothing is copied and, for one call after the other, nothing allocated.
    pub(in crate::net) fn new(
        method: &'static Method,
        until: Option<Instant>,
        extension: u16,
        payload: Vec<u8>,
        options: &ChannelOptions,
    ) -> Self {
        let is_kept = options.attempts > 1 && payload.len() <= options.resend_size;
        let is_copied = payload.len() <= SMALL || payload.capacity() > 2 * options.resend_size;
        let payload = if !is_kept || is_copied {
            let copy = if is_kept { Body::from_slice(&payload) } else { Body::new() };
            give_scratch(payload);
            copy
        } else {
            Body::from_vec(payload)
        };
        Self { method, until, extension, payload, attempts: 1, may_have_run: false }
    }

    /// How long to wait before the call is sent again, after this answer; `None` if it stands.
    pub(in crate::net) fn pause(&self, answer: &Answer, options: &ChannelOptions) -> Option<Duration> {
        let pause = match answer {
            Answer::Lost(status) if !status.may_have_run() || self.method.idempotent => Duration::ZERO,
            Answer::Status(status) if is_refusal(status) => options.pause(self.attempts),
            _ => return None,
        };
        let may_go = self.attempts < options.attempts && !self.payload.is_empty();
        let is_in_time = self.until.is_none_or(|until| pause < until.saturating_duration_since(Instant::now()));
        (may_go && is_in_time).then_some(pause)
    }

    /// Notes how an attempt failed, where another one is to follow.
    pub(in crate::net) fn note(&mut self, answer: &Answer) {
        self.may_have_run |= matches!(answer, Answer::Lost(status) if status.may_have_run());
    }

    /// The bytes of extensions, and the payload: as before, but with the time that is left.
    pub(in crate::net) fn pack_again(&self) -> (u16, Vec<u8>) {
        let mut payload = Vec::with_capacity(self.payload.len());
        let (block, rest) = self.payload.split_at(self.payload.len().min(self.extension.into()));
        let timeout = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        // A timeout alone always fits, and there is none where there was none before.
        let mut extension = Extensions { timeout, ..Extensions::default() }.encode(&mut payload).unwrap_or_default();
        let kept = Extensions::without_timeout(block);
        extension += u16::try_from(kept.len()).unwrap_or_default();
        payload.extend_from_slice(kept);
        payload.extend_from_slice(rest);
        (extension, payload)
    }

    /// Notes another attempt.
    pub(in crate::net) const fn was_sent(&mut self) {
        self.attempts += 1;
    }

    /// A failure of the call, with what its attempts came to.
    pub(in crate::net) fn failure(&self, status: Status) -> Status {
        let status = status.of_method(self.method.path).after_attempts(self.attempts);
        if self.may_have_run { status.may_yet_have_run() } else { status }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.payload.spilled() {
            give_scratch(std::mem::take(&mut self.payload).into_vec());
        }
    }
}

/// Whether the server refused a call that it may take a little later.
fn is_refusal(status: &Status) -> bool {
    !status.may_have_run() && matches!(status.code(), Code::ResourceExhausted | Code::Unavailable)
}
