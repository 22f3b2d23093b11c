//! Full load with faults, for as long as `RPCGEN_SOAK_SECONDS` says: connections are cut, delayed and swallowed, servers come
//! and go, calls are cancelled and have deadlines, handlers panic and are slow, peers break the rules. At the end each call
//! is accounted for, and no memory, descriptor or thread is gone.
//!
//! It goes in rounds of as many calls each. Between two of them nothing runs: the account is made, and memory measured.

#[path = "../support/child.rs"]
mod child;
mod hostile;
#[path = "../support/ledger.rs"]
mod ledger;
mod load;
mod memory;
#[path = "../support/proxy.rs"]
mod proxy;

use std::env;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use child::Usage;
use fastrand::Rng;
use ledger::{AGAIN, AT_ONCE, Account, Client, Ledger};
use memory::Memory;
use proxy::{Plan, Proxy};
use rpcgen_runtime::net::server::Running;
use rpcgen_runtime::stub::{Caller, PendingCall};
use rpcgen_runtime::{Channel, ChannelOptions, Router, ServerOptions, Status, ThreadServer};

/// Nothing takes longer than this; what does hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Channels that go to the server, and as many through the proxy.
const CHANNELS: usize = 2;

/// Threads that make calls on each channel.
const THREADS: usize = 3;

/// Calls of each of them in a round, about: directly, and through the proxy, which makes them wait.
const CALLS: [usize; 2] = [1200, 300];

/// The name of the test.
const TEST: &str = "each_call_is_accounted_for_and_nothing_leaks_under_load_and_faults";

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// The server, which comes and goes.
struct Service {
    address: SocketAddr,
    ledger: Ledger,
    running: Mutex<Option<Running>>,
    starts: AtomicU64,
}

impl Service {
    fn new() -> Self {
        let ledger = Ledger::default();
        let running = start("tcp://127.0.0.1:0", &ledger);
        let address = running.endpoint().to_string().trim_start_matches("tcp://").parse().expect("an address");
        Self { address, ledger, running: Mutex::new(Some(running)), starts: AtomicU64::new(1) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the server; handlers have so long to finish.
    fn stop(&self, drain: Duration) {
        if let Some(running) = self.lock().take() {
            running.shutdown(drain);
        }
    }

    fn start(&self) {
        *self.lock() = Some(start(&format!("tcp://{}", self.address), &self.ledger));
        self.starts.fetch_add(1, Ordering::Relaxed);
    }

    /// Stops and starts the server at random, until it is told to end.
    fn come_and_go(&self, seed: u64, is_over: &AtomicBool) {
        let mut random = Rng::with_seed(seed);
        while !is_over.load(Ordering::SeqCst) {
            // A server's life, and how long it is away.
            thread::sleep(Duration::from_millis(random.u64(50..400)));
            self.stop(Duration::from_millis(random.u64(..30)));
            thread::sleep(Duration::from_millis(random.u64(..10)));
            self.start();
        }
    }
}

fn start(url: &str, ledger: &Ledger) -> Running {
    let options = ServerOptions { handler_threads: 64, ..ServerOptions::default() };
    let server = ThreadServer::bind(url).expect("binds").options(options);
    server.start(Router::new().add(ledger.clone())).expect("starts")
}

fn connect(url: &str) -> Result<Client, Status> {
    let (backoff, backoff_most) = (Duration::from_millis(1), Duration::from_millis(20));
    let (keepalive, keepalive_timeout) = (Duration::from_millis(200), Duration::from_millis(200));
    let options = ChannelOptions { backoff, backoff_most, keepalive, keepalive_timeout, ..Default::default() };
    Channel::connect_with(url, options).map(|channel| Client(Caller::new(channel)))
}

/// What is there for all rounds.
struct Soak {
    service: Arc<Service>,
    proxy: Proxy,
    /// Where the clients connect to, each of the two in turn.
    urls: [String; 2],
    clients: Vec<Client>,
    seed: u64,
}

impl Soak {
    fn new(seed: u64) -> Self {
        let service = Arc::new(Service::new());
        let proxy = Proxy::start(service.address, move |connection| {
            let mut random = Rng::with_seed(seed ^ (connection << 20));
            if random.u8(..4) == 0 { Plan::PASS } else { Plan::random(&mut random, 200_000) }
        });
        let urls = [format!("tcp://{}", service.address), proxy.url()];
        let clients = urls.iter().cycle().take(2 * CHANNELS).map(|url| connect(url).expect("connects")).collect();
        Self { service, proxy, urls, clients, seed }
    }

    /// As many calls as in every other round, and what became of them.
    fn round(&self, round: u64) -> Account {
        let is_over = Arc::new(AtomicBool::new(false));
        let (service, over, seed) = (Arc::clone(&self.service), Arc::clone(&is_over), self.seed ^ (round << 32));
        let restarts = thread::spawn(move || service.come_and_go(seed, &over));
        let (address, over) = (self.service.address, Arc::clone(&is_over));
        let hostile = thread::spawn(move || hostile::annoy(address, Rng::with_seed(!seed), &over));
        let (report, reports) = channel();
        let ways = self.urls.iter().zip(CALLS).cycle();
        let threads = self.clients.iter().cycle().zip(ways).take(self.clients.len() * THREADS).zip(1..);
        for ((client, (url, count)), thread) in threads {
            let (client, url, report) = (client.clone(), url.clone(), report.clone());
            let (first, random) = ((round << 32) | (thread << 24), Rng::with_seed(seed ^ thread));
            thread::spawn(move || report.send(load::make_calls(&client, &url, count, first, random)));
        }
        // A thread that panics sends nothing, and one that hangs neither.
        let made: Vec<_> = (0..THREADS * self.clients.len())
            .map(|_| reports.recv_timeout(PATIENCE).expect("no call hangs, and no thread panics"))
            .collect();
        is_over.store(true, Ordering::SeqCst);
        restarts.join().expect("the server comes and goes");
        hostile.join().expect("no panic");
        self.come_to_rest();
        let mut account = Account::default();
        for made in &made {
            account += self.service.ledger.account(made);
        }
        account
    }

    /// After a round: a new server, and on each channel a new connection on which one call was made. So there is as much of
    /// everything each time that memory is measured.
    fn renew(&self) {
        self.service.start();
        for client in &self.clients {
            wait_until("the server is back", || client.make(&AGAIN, 0, AT_ONCE).is_answered());
        }
        wait_until("old connections are gone", || self.proxy.connections() <= CHANNELS);
        self.service.ledger.clear();
    }

    /// Ends all that could still run a call.
    fn come_to_rest(&self) {
        self.proxy.cut_all();
        self.service.stop(PATIENCE);
        wait_until("all handlers have returned", || self.service.ledger.running() == 0);
    }
}

#[track_caller]
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Panics that handlers are asked for would fill the screen.
fn hide_panics_as_asked() {
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload().downcast_ref() != Some(&"as asked") {
            shown(info);
        }
    }));
}

#[test]
fn each_call_is_accounted_for_and_nothing_leaks_under_load_and_faults() {
    if !memory::is_pinned(TEST) {
        return;
    }
    hide_panics_as_asked();
    let (time, seed) = (Duration::from_secs(number("RPCGEN_SOAK_SECONDS", 4)), number("RPCGEN_SOAK_SEED", 1));
    let (before, begin) = (Usage::own(), Instant::now());
    let soak = Soak::new(seed);
    let (mut all, mut memory, mut longest) = (Account::default(), Memory::default(), Duration::ZERO);
    while begin.elapsed() < time {
        let round = Instant::now();
        let account = soak.round(memory.rounds() as u64);
        account.check();
        all += account;
        soak.renew();
        memory.note();
        longest = longest.max(round.elapsed());
    }
    soak.come_to_rest();
    let starts = soak.service.starts.load(Ordering::Relaxed);
    drop(soak);
    wait_until("threads and descriptors are given back", || {
        let now = Usage::own();
        (now.threads, now.descriptors) == (before.threads, before.descriptors)
    });
    let took = begin.elapsed();
    println!("seed {seed}, {took:.0?}, {} rounds of {longest:.1?} at most, {starts} servers: {all}", memory.rounds());
    println!("{} threads and {} descriptors, as before", before.threads, before.descriptors);
    memory.compare();
}
