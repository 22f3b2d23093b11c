//! Cases for any kind of channel.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::ledger::{AGAIN, AT_ONCE, Account, Client, Ledger, Made, ONCE};
use super::{Caller, Channel, PendingCall};
use crate::proxy::{Fault, Plan, Proxy};
use crate::servers::{On, Running, on_each};
use fastrand::Rng;
use rpcgen_runtime::{ChannelOptions, Code, Router};

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A silent peer counts as gone after so long: half of it until the PING, and half of it for the answer. A machine that is
/// busy may be silent for a while, too.
const SILENCE: Duration = Duration::from_millis(800);

/// The same where it does not matter whether a peer is gone or only slow.
const SHORT_SILENCE: Duration = Duration::from_millis(200);

/// A server, and a proxy before it.
struct Setting {
    server: Running,
    ledger: Ledger,
    proxy: Proxy,
    /// Of the connections to come; those beyond are left alone.
    plans: Arc<Mutex<VecDeque<Plan>>>,
    silence: Duration,
}

impl Setting {
    fn new(on: On) -> Self {
        let ledger = Ledger::default();
        let server = on.serve(Router::new().add(ledger.clone()));
        let plans = Arc::<Mutex<VecDeque<Plan>>>::default();
        let next = Arc::clone(&plans);
        let plan = move |_| next.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or(Plan::PASS);
        let proxy = Proxy::start(address(&server), plan);
        Self { server, ledger, proxy, plans, silence: SILENCE }
    }

    /// A client whose first connections go as planned.
    fn client(&self, plans: &[Plan]) -> Client {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner).extend(plans);
        connect(&self.proxy.url(), self.silence)
    }

    /// Ends everything, and says what became of the calls.
    fn account(self, calls: &[Made]) -> Account {
        drop(self.proxy);
        self.server.shutdown(PATIENCE);
        self.ledger.account(calls)
    }
}

fn address(server: &Running) -> SocketAddr {
    server.endpoint().to_string().trim_start_matches("tcp://").parse().expect("an address")
}

fn connect(url: &str, silence: Duration) -> Client {
    let (backoff, backoff_most) = (Duration::from_millis(1), Duration::from_millis(5));
    let (keepalive, keepalive_timeout) = (silence / 2, silence / 2);
    let options = ChannelOptions { backoff, backoff_most, keepalive, keepalive_timeout, ..Default::default() };
    Client(Caller::new(Channel::connect_with(url, options).expect("connects")))
}

/// Several calls of each kind, under way together.
fn calls(client: &Client, first: u64) -> Vec<Made> {
    let methods = [&ONCE, &AGAIN, &ONCE, &AGAIN];
    let started: Vec<_> =
        methods.iter().zip(first..).map(|(method, id)| (*method, id, client.start(method, id, AT_ONCE))).collect();
    let note = client.note(first + 4);
    let mut made: Vec<_> =
        started.into_iter().map(|(method, id, call)| Made::new(method, id, call.and_then(PendingCall::wait))).collect();
    made.push(note);
    made.push(client.make(&ONCE, first + 5, AT_ONCE));
    made
}

/// More bytes than `calls` sends, or is sent.
const BYTES: usize = 260;

#[test]
fn each_call_ends_once_wherever_the_connection_is_cut() {
    on_each(|on| {
        let setting = Setting::new(on);
        let mut made = Vec::new();
        for after in 0..BYTES {
            for plan in [Plan::to_server(Fault::Cut(after)), Plan::to_client(Fault::Cut(after))] {
                made.extend(calls(&setting.client(&[plan]), 10 * made.len() as u64));
            }
        }
        let repeatable = made.iter().skip(1).step_by(6).chain(made.iter().skip(3).step_by(6));
        assert!(repeatable.into_iter().all(Made::is_answered), "an idempotent call is sent again, and answered");
        let account = setting.account(&made);
        println!("cut: {account}");
        account.check();
        assert!(account.perhaps > 0);
    });
}

#[test]
fn nothing_is_lost_where_bytes_only_come_late_or_one_by_one() {
    on_each(|on| {
        for fault in [Fault::Pass, Fault::Split, Fault::Delay(Duration::from_millis(3))] {
            let setting = Setting::new(on);
            let mut made = Vec::new();
            for _ in 0..20 {
                let client = setting.client(&[Plan { to_server: fault, to_client: fault }]);
                made.extend(calls(&client, 10 * made.len() as u64));
            }
            let account = setting.account(&made);
            println!("{fault:?}: {account}");
            account.check();
            let Account { answered, sent, notes_lost, runs, .. } = account;
            assert_eq!((answered, sent, notes_lost, runs), (100, 20, 0, 120));
        }
    });
}

#[test]
fn a_peer_behind_a_half_open_connection_is_found_dead_in_time() {
    on_each(|on| {
        // In the preface, between two frames, in a header, and in a payload.
        let places = [0, 16, 40, 44, 50, 60, 100].map(Fault::Swallow);
        let plans: Vec<_> =
            places.into_iter().flat_map(|fault| [Plan::to_server(fault), Plan::to_client(fault)]).collect();
        let mut all = Account::default();
        thread::scope(|scope| {
            let accounts: Vec<_> = plans.iter().map(|plan| scope.spawn(|| find_dead(on, *plan))).collect();
            for account in accounts {
                all += account.join().expect("no panic");
            }
        });
        println!("half-open: {all}");
        all.check();
    });
}

/// Calls on a connection that falls silent, and one on the next.
fn find_dead(on: On, plan: Plan) -> Account {
    let setting = Setting::new(on);
    let client = setting.client(&[plan]);
    let mut made = fall_silent(&client, 0);
    made.push(client.make(&ONCE, 5, AT_ONCE));
    assert!(made.last().is_some_and(Made::is_answered), "the channel has connected again");
    drop(client);
    setting.account(&made)
}

/// Five calls on a connection that falls silent meanwhile.
fn fall_silent(client: &Client, first: u64) -> Vec<Made> {
    let begin = Instant::now();
    let calls: Vec<_> = (first..first + 5).map(|id| client.start(&ONCE, id, AT_ONCE)).collect();
    let ends: Vec<_> = calls.into_iter().map(|call| call.and_then(PendingCall::wait)).collect();
    let took = begin.elapsed();
    let lost = ends.iter().find_map(|end| end.as_ref().err()).expect("not all five were answered");
    assert_eq!((lost.code(), lost.may_have_run()), (Code::Unavailable, true), "{lost}");
    assert!(lost.message().contains("ChannelOptions::keepalive_timeout"), "{lost}");
    // As long as documented, and up to a quarter of the first half more; the rest is for a machine that is busy.
    assert!((SILENCE..SILENCE + Duration::from_secs(5)).contains(&took), "{took:?}");
    ends.into_iter().zip(first..).map(|(end, id)| Made::new(&ONCE, id, end)).collect()
}

#[test]
fn an_idempotent_call_over_a_half_open_connection_is_answered_by_the_next() {
    on_each(|on| {
        let setting = Setting::new(on);
        let swallow = Plan::to_client(Fault::Swallow(16));
        let client = setting.client(&[swallow, swallow]);
        let made = [client.make(&AGAIN, 1, AT_ONCE)];
        let account = setting.account(&made);
        assert_eq!((account.answered, account.runs), (1, 3));
        account.check();
    });
}

/// Nobody reads between two of them, and each is over before the silence has lasted long enough.
#[test]
fn calls_with_short_deadlines_find_a_half_open_connection_as_well() {
    on_each(|on| {
        let setting = Setting::new(on);
        let client = setting.client(&[Plan::to_client(Fault::Swallow(16))]).with_timeout(SILENCE / 20);
        let begin = Instant::now();
        let mut made = Vec::new();
        while !made.last().is_some_and(Made::is_answered) {
            made.push(client.make(&ONCE, made.len() as u64, AT_ONCE));
            assert!(begin.elapsed() < PATIENCE, "none of {} calls was answered", made.len());
            // A client that calls every now and then.
            thread::sleep(SILENCE / 10);
        }
        println!("{} calls were late, for {:?}", made.len() - 1, begin.elapsed());
        assert!(begin.elapsed() >= SILENCE);
        setting.account(&made).check();
    });
}

/// There is no checksum but TCP's: a wrong byte may make another call of a call, or another answer. It hurts no other
/// connection, and nothing hangs that has a deadline.
#[test]
fn a_wrong_byte_hurts_its_own_connection_only() {
    on_each(|on| {
        let setting = Setting::new(on);
        let direct = connect(&setting.server.endpoint().to_string(), SILENCE);
        let ended = thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|part| {
                    scope.spawn({
                        let setting = &setting;
                        move || garble(setting, part)
                    })
                })
                .collect();
            (0..100).for_each(|id| assert!(direct.make(&ONCE, id, AT_ONCE).is_answered()));
            threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<usize>()
        });
        assert!(direct.make(&ONCE, 100, AT_ONCE).is_answered());
        assert_eq!(ended, 12 * BYTES);
        drop(setting.proxy);
        setting.server.shutdown(PATIENCE);
    });
}

/// Calls with a wrong byte in every sixteenth place; how many have ended.
fn garble(setting: &Setting, part: usize) -> usize {
    let places = (part..BYTES).step_by(16);
    let plans = places.flat_map(|at| [Plan::to_server(Fault::Garble(at)), Plan::to_client(Fault::Garble(at))]);
    let ends = plans.map(|plan| calls(&setting.client(&[plan]).with_timeout(SHORT_SILENCE / 4), 1000));
    ends.map(|made| made.len()).sum()
}

/// Calls of several threads over one channel whose connections fail as the seed says.
fn storm(seed: u64) -> Account {
    let on = if seed.is_multiple_of(2) { On::Threads } else { On::Tokio };
    let setting = Setting { silence: SHORT_SILENCE, ..Setting::new(on) };
    let mut random = Rng::with_seed(seed);
    let plans: Vec<_> = (0..100).map(|_| Plan::random(&mut random, 1000)).collect();
    let client = setting.client(&plans);
    let made: Vec<Made> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4_u64)
            .map(|thread| {
                let client = &client;
                scope.spawn(move || {
                    (0..25).flat_map(|round| calls(client, 10_000 * thread + 10 * round)).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    drop(client);
    setting.account(&made)
}

/// Storms that are tried: `RPCGEN_STORMS` makes it more.
fn storms() -> u64 {
    std::env::var("RPCGEN_STORMS").ok().and_then(|count| count.parse().ok()).unwrap_or(12)
}

#[test]
fn each_call_ends_once_whatever_the_network_does() {
    let mut all = Account::default();
    let seeds: Vec<_> = (0..storms()).collect();
    for some in seeds.chunks(12) {
        let accounts: Vec<Account> = thread::scope(|scope| {
            let storms: Vec<_> = some.iter().map(|seed| scope.spawn(|| storm(*seed))).collect();
            storms.into_iter().map(|storm| storm.join().expect("no panic")).collect()
        });
        for (account, seed) in accounts.into_iter().zip(some) {
            println!("seed {seed}: {account}");
            account.check();
            all += account;
        }
    }
    println!("all storms: {all}");
    assert_eq!(all.made, storms() * 600);
    assert!(all.perhaps > 0 && all.answered > all.made / 2, "{all}");
}
