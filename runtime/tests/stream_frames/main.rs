//! Streams in the state machine, frame by frame and without a network: what each end says, and what it makes of what a peer
//! may say, right or wrong.

mod client;
mod credit;
mod ends;
mod limits;
mod order;
mod server;
