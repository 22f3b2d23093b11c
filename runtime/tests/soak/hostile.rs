//! Peers that break the rules while others make calls.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use rpcgen_runtime::wire::header::MORE;
use rpcgen_runtime::wire::{Header, Kind, Preface};

/// The longest that one of them listens to what the server has to say.
const PATIENCE: Duration = Duration::from_millis(20);

/// Connects again and again, each time to behave badly in another way, until the round is over.
pub(crate) fn annoy(server: SocketAddr, mut random: Rng, is_over: &AtomicBool) {
    while !is_over.load(Ordering::SeqCst) {
        // The server may be away, or close before all is sent.
        if let Ok(mut stream) = TcpStream::connect(server) {
            drop(stream.write_all(&bytes(&mut random)));
            listen(&mut stream, &mut random);
        }
    }
}

fn listen(stream: &mut TcpStream, random: &mut Rng) {
    if random.bool() {
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        let _silence = stream.read(&mut [0; 4096]);
    }
}

/// Noise, with or without a preface; the beginning of a call; parts without end; calls that are cancelled, of a method that
/// nobody has.
fn bytes(random: &mut Rng) -> Vec<u8> {
    let mut noise = vec![0; random.usize(..2000)];
    random.fill(&mut noise);
    let preface = Preface { calls: 64, frame: 65_536, window: 16_384 }.encode().to_vec();
    let call = |number, flags| Header { length: 4, flags, ..Header::new(Kind::Call, number, 99) }.encode();
    let calls = 1..random.u32(2..200);
    let frames = match random.u8(..5) {
        0 => return noise,
        1 => noise,
        2 => call(1, 0)[..random.usize(..16)].to_vec(),
        3 => calls.flat_map(|number| [&call(number % 20 + 1, MORE)[..], &[7; 4]].concat()).collect(),
        _ => {
            let cancel = |number| Header::new(Kind::Cancel, number, 0).encode();
            calls.flat_map(|number| [&call(number, 0)[..], &[7; 4], &cancel(number)].concat()).collect()
        }
    };
    [preface, frames].concat()
}
