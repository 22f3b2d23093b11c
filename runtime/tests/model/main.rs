//! Two state machines and the bytes between them, against a plain model of what may become of a call: whatever is done in
//! whatever order, each call ends once, and as it may.
//!
//! `PROPTEST_CASES` says how many runs are tried.

mod calls;
mod flows;
mod pair;

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use calls::{Answer, Tag};
use flows::Way;
use pair::{Ask, Pair};
use rpcgen_runtime::proto::Streams;

#[derive(Debug, Clone)]
enum Step {
    Open(Ask),
    /// So many items are to go on the stream of a call.
    Put(usize, Way, usize, usize),
    /// Items are taken, all or the next ones, and done with at once or later.
    Take(usize, Way, bool, bool),
    /// The client ends its stream.
    EndItems(usize),
    /// So many small calls.
    Burst(usize, Answer),
    /// By its place among all, going round.
    Cancel(usize),
    Return(usize),
    ClientSends(usize),
    ServerSends(usize),
    ArriveAtServer(usize),
    ArriveAtClient(usize),
    /// All that is under way arrives, both ways.
    Deliver,
    Pass(u64),
    GoAway,
    Lose,
}

/// In bytes: mostly of one frame, some of several, some over the limit.
fn size() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0..200_usize, 2 => 60_000..80_000_usize, 2 => 100_000..249_000_usize, 1 => 249_900..250_100_usize]
}

fn answer() -> impl Strategy<Value = Answer> {
    let now = prop_oneof![3 => size().prop_map(Answer::Reply), 1 => size().prop_map(Answer::Declared), 1 => Just(Answer::Status)];
    (any::<bool>(), now).prop_map(|(later, answer)| if later { Answer::Later(Box::new(answer)) } else { answer })
}

/// How many bytes move.
fn count() -> impl Strategy<Value = usize> {
    prop_oneof![2 => 1..40_usize, 2 => 1..100_000_usize, 1 => Just(usize::MAX)]
}

/// In bytes: mostly many to a frame, some of several frames.
fn item_size() -> impl Strategy<Value = usize> {
    prop_oneof![12 => 0..200_usize, 4 => 5_000..30_000_usize, 2 => 60_000..160_000_usize]
}

fn ask() -> impl Strategy<Value = Ask> {
    let timeout = option::weighted(0.4, prop_oneof![Just(0), 1..1000_u64]);
    let streams = (any::<bool>(), any::<bool>()).prop_map(|(incoming, outgoing)| Streams { incoming, outgoing });
    let kind = prop_oneof![1 => Just((true, Streams::default())), 4 => streams.prop_map(|streams| (false, streams))];
    (kind, size(), timeout, answer()).prop_map(|((oneway, streams), size, timeout, answer)| Ask {
        oneway,
        streams,
        size,
        timeout: timeout.map(Duration::from_millis),
        answer,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let way = || prop_oneof![Just(Way::ToServer), Just(Way::ToClient)];
    let items = prop_oneof![3 => (Just(1), item_size()), 1 => (2..300_usize, 0..200_usize)];
    let put = (any::<usize>(), way(), items);
    let take = (any::<usize>(), way(), any::<bool>(), prop::bool::weighted(0.7));
    prop_oneof![
        20 => ask().prop_map(Step::Open),
        20 => put.prop_map(|(of, way, (count, size))| Step::Put(of, way, count, size)),
        20 => take.prop_map(|(of, way, all, done)| Step::Take(of, way, all, done)),
        5 => any::<usize>().prop_map(Step::EndItems),
        2 => (1..80_usize, answer()).prop_map(|(count, answer)| Step::Burst(count, answer)),
        10 => any::<usize>().prop_map(Step::Cancel),
        10 => any::<usize>().prop_map(Step::Return),
        12 => count().prop_map(Step::ClientSends),
        12 => count().prop_map(Step::ServerSends),
        12 => count().prop_map(Step::ArriveAtServer),
        12 => count().prop_map(Step::ArriveAtClient),
        3 => Just(Step::Deliver),
        8 => (0..700_u64).prop_map(Step::Pass),
        1 => Just(Step::GoAway),
        1 => Just(Step::Lose),
    ]
}

impl Step {
    fn run(&self, pair: &mut Pair) {
        match self {
            Self::Open(ask) => pair.open(ask.clone()),
            Self::Put(of, way, count, size) => on_one(pair, *of, |pair, tag| pair.put(tag, *way, *count, *size)),
            Self::Take(of, way, all, done) => on_one(pair, *of, |pair, tag| pair.take(tag, *way, *all, *done)),
            Self::EndItems(of) => on_one(pair, *of, Pair::end_items),
            Self::Burst(count, answer) => (0..*count).for_each(|_| pair.open(Ask::small(answer.clone()))),
            Self::Cancel(of) => on_one(pair, *of, Pair::cancel),
            Self::Return(of) => on_one(pair, *of, Pair::returns),
            Self::ClientSends(most) => pair.client_sends(*most),
            Self::ServerSends(most) => pair.server_sends(*most),
            Self::ArriveAtServer(most) => drop(pair.arrive_at_server(*most)),
            Self::ArriveAtClient(most) => drop(pair.arrive_at_client(*most)),
            Self::Deliver => deliver(pair),
            Self::Pass(time) => pair.pass(Duration::from_millis(*time)),
            Self::GoAway => pair.go_away(),
            Self::Lose => pair.lose(),
        }
    }
}

fn on_one(pair: &mut Pair, of: usize, run: impl Fn(&mut Pair, Tag)) {
    let tags = pair.calls.tags();
    if !tags.is_empty() {
        run(pair, tags[of % tags.len()]);
    }
}

fn deliver(pair: &mut Pair) {
    pair.client_sends(usize::MAX);
    while pair.arrive_at_server(usize::MAX) {}
    pair.server_sends(usize::MAX);
    while pair.arrive_at_client(usize::MAX) {}
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_call_ends_once_and_as_it_may(steps in vec(step(), 1..80)) {
        run(&steps);
    }
}

/// Does these steps, and lets all come to an end.
fn run(steps: &[Step]) {
    let mut pair = Pair::new();
    for step in steps {
        step.run(&mut pair);
        pair.hear();
    }
    pair.settle();
    pair.check();
}

#[test]
fn a_call_and_its_cancel_may_cross_goaway() {
    let open = Step::Open(Ask::small(Answer::Reply(0)));
    run(&[open, Step::GoAway, Step::Cancel(0)]);
}

#[test]
fn a_call_whose_declared_error_leaves_in_parts_may_be_cancelled() {
    let open = Step::Open(Ask::small(Answer::Declared(249_000)));
    let some = [Step::ClientSends(1000), Step::ArriveAtServer(1000), Step::ServerSends(1000)];
    run(&[&[open][..], &some, &[Step::Cancel(0)]].concat());
}
