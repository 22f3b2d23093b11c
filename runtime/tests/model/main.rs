//! Two state machines and the bytes between them, against a plain model of what may become of a call: whatever is done in
//! whatever order, each call ends once, and as it may.
//!
//! `PROPTEST_CASES` says how many runs are tried.

mod calls;
mod pair;

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use calls::{Answer, Tag};
use pair::Pair;

#[derive(Debug, Clone)]
enum Step {
    Open {
        oneway: bool,
        size: usize,
        timeout: Option<u64>,
        answer: Answer,
    },
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

fn step() -> impl Strategy<Value = Step> {
    let timeout = option::weighted(0.4, prop_oneof![Just(0), 1..1000_u64]);
    let open = (prop::bool::weighted(0.2), size(), timeout, answer())
        .prop_map(|(oneway, size, timeout, answer)| Step::Open { oneway, size, timeout, answer });
    prop_oneof![
        20 => open,
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
            Self::Open { oneway, size, timeout, answer } => {
                pair.open(*oneway, *size, timeout.map(Duration::from_millis), answer.clone());
            }
            Self::Burst(count, answer) => (0..*count).for_each(|_| pair.open(false, 1, None, answer.clone())),
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
    }
    pair.settle();
    pair.check();
}

#[test]
fn a_call_and_its_cancel_may_cross_goaway() {
    let open = Step::Open { oneway: false, size: 0, timeout: None, answer: Answer::Reply(0) };
    run(&[open, Step::GoAway, Step::Cancel(0)]);
}

#[test]
fn a_call_whose_declared_error_leaves_in_parts_may_be_cancelled() {
    let open = Step::Open { oneway: false, size: 0, timeout: None, answer: Answer::Declared(249_000) };
    let some = [Step::ClientSends(1000), Step::ArriveAtServer(1000), Step::ServerSends(1000)];
    run(&[&[open][..], &some, &[Step::Cancel(0)]].concat());
}
