//! How calls are answered.

use super::link::put_text;
use crate::buffers::Packed;
use crate::wire::extension::Unsendable;
use crate::wire::{Code, Extensions, Header, Kind, Metadata};

/// What a call is answered with.
#[derive(Debug)]
pub enum Answer<'a> {
    /// Packed results; they are taken.
    Reply(&'a mut Packed),
    /// A packed declared error; it is taken.
    Declared(&'a mut Packed),
    /// A status.
    Status {
        /// Why.
        code: Code,
        /// False only if the call certainly did not run.
        ran: bool,
        /// For people.
        message: &'a str,
    },
}

impl super::ServerConnection {
    /// Answers with packed results; leaves `payload` empty.
    pub fn reply(&mut self, call: u32, payload: &mut Packed) {
        self.answer(Header::new(Kind::Reply, call, 0), payload);
    }

    /// Answers with a packed declared error; leaves `payload` empty.
    pub fn declared(&mut self, call: u32, payload: &mut Packed) {
        self.answer(Header::new(Kind::Fault, call, 0), payload);
    }

    /// Answers with a status. `ran` is false only if the call certainly did not run.
    pub fn fault(&mut self, call: u32, code: Code, ran: bool, message: &str) {
        self.link.send(Header::new(Kind::Fault, call, code.number()), &mut status(ran, message));
    }

    fn answer(&mut self, header: Header, payload: &mut Packed) {
        let (came, most) = (payload.len() - usize::from(header.extension), self.link.limits.message);
        if came > most {
            payload.empty(0);
            let why = format!("the reply comes to {came} bytes, and at most {most} may be sent (Limits::message)");
            return self.fault(header.call, Code::ResourceExhausted, true, &why);
        }
        self.link.send_packed(header, payload);
    }

    /// Answers, and says something beside it. What may not be sent fails the call.
    pub fn answer_with(&mut self, call: u32, metadata: &Metadata, answer: Answer<'_>) {
        let mut block = Vec::new();
        let extension = match Extensions::of(metadata).encode(&mut block) {
            Ok(extension) => extension,
            Err(error) => return self.refuse_metadata(call, &error, answer),
        };
        let header = |kind, argument| Header { extension, ..Header::new(kind, call, argument) };
        match answer {
            Answer::Reply(payload) => self.answer(header(Kind::Reply, 0), put_before(block, payload)),
            Answer::Declared(payload) => self.answer(header(Kind::Fault, 0), put_before(block, payload)),
            // Longer than a frame may be, perhaps.
            Answer::Status { code, ran, message } => {
                self.answer(header(Kind::Fault, code.number()), put_before(block, &mut status(ran, message).into()));
            }
        }
    }

    /// A handler set metadata that may not be sent: its call fails, and a status of its own is told with that.
    fn refuse_metadata(&mut self, call: u32, error: &Unsendable, answer: Answer<'_>) {
        let code = if let Unsendable::Key(_) = error { Code::Internal } else { error.code() };
        let why = format!("the answer cannot be sent: {error}");
        match answer {
            Answer::Reply(payload) | Answer::Declared(payload) => {
                payload.empty(0);
                self.fault(call, code, true, &why);
            }
            Answer::Status { code: first, ran, message } => {
                self.fault(call, code, ran, &format!("{why}; the handler failed with {first}: {message}"));
            }
        }
    }
}

/// What a FAULT with a status says.
fn status(ran: bool, message: &str) -> Vec<u8> {
    let mut payload = vec![u8::from(!ran)];
    put_text(&mut payload, message);
    payload
}

fn put_before(block: Vec<u8>, payload: &mut Packed) -> &mut Packed {
    payload.head.splice(0..0, block);
    payload
}
