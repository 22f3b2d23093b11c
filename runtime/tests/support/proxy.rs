//! A proxy that does to connections what networks do: it cuts, delays, splits, swallows and garbles.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fastrand::Rng;

/// What happens to the bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Pass,
    /// After so many bytes both sides are told that the other has gone.
    Cut(usize),
    /// Whatever comes waits for so long.
    Delay(Duration),
    /// Each byte is sent by itself.
    Split,
    /// After so many bytes nothing passes any more, either way, and nobody is told: half-open.
    Swallow(usize),
    /// The byte behind so many has one bit wrong.
    Garble(usize),
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) to_server: Fault,
    pub(crate) to_client: Fault,
}

impl Plan {
    pub(crate) const PASS: Self = Self { to_server: Fault::Pass, to_client: Fault::Pass };

    pub(crate) const fn to_server(fault: Fault) -> Self {
        Self { to_server: fault, ..Self::PASS }
    }

    pub(crate) const fn to_client(fault: Fault) -> Self {
        Self { to_client: fault, ..Self::PASS }
    }

    /// Ends within so many bytes, in one direction or the other, by the seed of `random`; the other may be slow.
    pub(crate) fn random(random: &mut Rng, within: usize) -> Self {
        let after = random.usize(..within);
        let end = if random.u8(..4) == 0 { Fault::Swallow(after) } else { Fault::Cut(after) };
        let other = match random.u8(..8) {
            0 => Fault::Delay(Duration::from_micros(random.u64(..2000))),
            1 => Fault::Split,
            _ => Fault::Pass,
        };
        if random.bool() {
            Self { to_server: end, to_client: other }
        } else {
            Self { to_server: other, to_client: end }
        }
    }
}

/// A proxy that runs until it is dropped; then its threads and connections are gone.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    pairs: Mutex<HashMap<u64, Arc<Pair>>>,
}

/// A connection: its client's side and its server's.
struct Pair {
    client: TcpStream,
    server: TcpStream,
    swallows: AtomicBool,
}

impl Proxy {
    /// Carries connections to `server`, each as `plan` says for its number, which counts from 0.
    pub(crate) fn start(server: SocketAddr, plan: impl FnMut(u64) -> Plan + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let (address, shared) = (listener.local_addr().expect("bound"), Arc::<Shared>::default());
        let accepts = Arc::clone(&shared);
        let accepting = thread::spawn(move || accepts.run(&listener, server, plan));
        Self { address, shared, accepting: Some(accepting) }
    }

    /// Cuts every connection that there is. What was on its way is gone.
    pub(crate) fn cut_all(&self) {
        self.shared.pairs().values().for_each(|pair| pair.cut());
    }

    /// Connections that there are.
    pub(crate) fn connections(&self) -> usize {
        self.shared.pairs().len()
    }

    pub(crate) fn url(&self) -> String {
        format!("tcp://{}", self.address)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        self.cut_all();
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
        if let Some(Err(panic)) = self.accepting.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Shared {
    fn pairs(&self) -> MutexGuard<'_, HashMap<u64, Arc<Pair>>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, listener: &TcpListener, server: SocketAddr, mut plan: impl FnMut(u64) -> Plan) {
        thread::scope(|scope| {
            for number in 0.. {
                let accepted = listener.accept();
                if self.is_over.load(Ordering::SeqCst) {
                    return;
                }
                // A client that has gone, or a server that is away, is the client's to notice.
                let Ok(client) = accepted.map(|(client, _)| client) else { continue };
                let Ok(pair) = Pair::connect(client, server).map(Arc::new) else { continue };
                self.pairs().insert(number, Arc::clone(&pair));
                if self.is_over.load(Ordering::SeqCst) {
                    pair.cut();
                }
                let plan = plan(number);
                scope.spawn(move || {
                    pair.carry(plan);
                    self.pairs().remove(&number);
                });
            }
        });
    }
}

impl Pair {
    fn connect(client: TcpStream, server: SocketAddr) -> io::Result<Self> {
        let server = TcpStream::connect(server)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        Ok(Self { client, server, swallows: AtomicBool::new(false) })
    }

    /// Tells both sides that the other has gone.
    fn cut(&self) {
        for side in [&self.client, &self.server] {
            // It may have gone itself.
            side.shutdown(Shutdown::Both).unwrap_or_default();
        }
    }

    fn carry(&self, plan: Plan) {
        thread::scope(|scope| {
            scope.spawn(|| self.pump(&self.client, &self.server, plan.to_server));
            self.pump(&self.server, &self.client, plan.to_client);
        });
    }

    fn pump(&self, from: &TcpStream, to: &TcpStream, fault: Fault) {
        let mut buffer = [0; 16 << 10];
        let mut passed = 0;
        while let Ok(count @ 1..) = { from }.read(&mut buffer) {
            if self.swallows.load(Ordering::SeqCst) {
                continue;
            }
            if self.forward(&mut buffer[..count], passed, to, fault).is_err() {
                return self.cut();
            }
            passed += count;
        }
        if !self.swallows.load(Ordering::SeqCst) {
            to.shutdown(Shutdown::Write).unwrap_or_default();
        }
    }

    fn forward(&self, bytes: &mut [u8], passed: usize, mut to: &TcpStream, fault: Fault) -> io::Result<()> {
        let left = |after: usize| after.saturating_sub(passed).min(bytes.len());
        match fault {
            Fault::Cut(after) if left(after) < bytes.len() => {
                to.write_all(&bytes[..left(after)])?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Fault::Swallow(after) if left(after) < bytes.len() => {
                to.write_all(&bytes[..left(after)])?;
                self.swallows.store(true, Ordering::SeqCst);
                return Ok(());
            }
            Fault::Pass | Fault::Cut(_) | Fault::Swallow(_) => {}
            // What a delay does takes time: nothing else can stand for it.
            Fault::Delay(time) => thread::sleep(time),
            Fault::Split => return bytes.iter().try_for_each(|byte| to.write_all(&[*byte])),
            Fault::Garble(at) => {
                if let Some(byte) = at.checked_sub(passed).and_then(|at| bytes.get_mut(at)) {
                    *byte ^= 1 << (at % 8);
                }
            }
        }
        to.write_all(bytes)
    }
}
