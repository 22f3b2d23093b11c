//! What the connecting end makes of the frames of streams.

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{Half, Held, Outgoing, Put, Streams, Taken, Transmit as _};
use rpcgen_runtime::wire::{Code, Kind};

use super::ends::{BOTH, Client, TO_CLIENT, TO_SERVER, end, fault, frame, item, items, part};

fn client() -> Client {
    Client::new(Limits::default())
}

/// R28: what came may be taken when the call is over.
#[test]
fn results_come_up_to_the_end_which_ends_the_call() {
    let mut client = client();
    let call = client.call(TO_CLIENT);
    assert_eq!(client.it.tag(call), Some(&call));
    client.hear(&[item(1, &[1, 2]), item(1, &[3]), end(1)].concat());
    assert_eq!((client.ended(), client.news()), (vec!["1 End".to_owned()], vec![(1, Half::Incoming)]));
    assert_eq!(client.it.tag(call), None);
    assert_eq!(client.it.take_items(1), items(&[1, 2, 3], 2), "small ones together");
    assert_eq!((client.it.take_items(1), client.it.held().streams), (Taken::End, 1));
    client.it.forget_streams(1);
    assert_eq!((client.it.take_items(1), client.it.held()), (Taken::Over, Held::default()));
}

/// R28: an answer may come early, and ends both directions.
#[test]
fn an_early_answer_ends_the_call() {
    for (streams, answer, how) in [
        (TO_SERVER, frame(Kind::Reply, 1, 0, &[7]), "1 Reply 1"),
        (TO_SERVER, frame(Kind::Fault, 1, 0, &[7]), "1 Declared 1"),
        (TO_SERVER, fault(1, 5), "1 NotFound"),
        (BOTH, fault(1, 5), "1 NotFound"),
        (BOTH, end(1), "1 End"),
        (BOTH, frame(Kind::Reply, 1, 0, &[7]), "1 Internal"),
    ] {
        let mut client = client();
        client.call(streams);
        assert_eq!(client.put(1, 9), Put::Queued);
        client.hear(&answer);
        assert_eq!(client.ended(), [how]);
        assert_eq!(client.put(1, 9), Put::Over);
        client.it.end_items(1);
        let news = client.news();
        assert!(news.contains(&(1, Half::Outgoing)) && news.contains(&(1, Half::Incoming)));
        client.hear(&[item(1, &[0]), end(1), answer].concat());
        client.it.forget_streams(1);
        assert_eq!((client.says(), client.ended()), (vec!["Cancel 1 0 0".to_owned()], vec![]), "not all was sent");
        assert_eq!(client.it.held(), Held::default());
    }
}

/// R29: the call fails with Internal, and the server hears CANCEL; what it still says is dropped, and others go on.
#[test]
fn what_breaks_the_order_of_a_stream_fails_its_call_alone() {
    for (what, streams, bytes) in [
        ("an item on a unary call", Streams::default(), item(1, &[0])),
        ("an end on a unary call", Streams::default(), end(1)),
        ("an item against the direction", TO_SERVER, item(1, &[0])),
        ("an end against the direction", TO_SERVER, end(1)),
        ("a part of an item against the direction", TO_SERVER, part(Kind::Item, 1, 1, &[0])),
        ("more items than bytes", BOTH, frame(Kind::Item, 1, 2, &[0])),
    ] {
        let mut client = client();
        client.call(streams);
        client.call(TO_CLIENT);
        client.hear(&bytes);
        assert_eq!(
            (client.ended(), client.says()),
            (vec!["1 Internal".to_owned()], vec!["Cancel 1 0 0".to_owned()]),
            "{what}"
        );
        assert_eq!((client.it.take_items(1), client.put(1, 1)), (Taken::Over, Put::Over), "{what}");
        client.hear(&[item(1, &[0]), item(2, &[5]), fault(1, 1), end(2)].concat());
        assert_eq!((client.ended(), client.it.take_items(2)), (vec!["2 End".to_owned()], items(&[5], 1)), "{what}");
        client.it.forget_streams(2);
        assert_eq!(client.it.held(), Held::default(), "{what}");
    }
}

/// R13: behind its END a call is over, and what comes for it is dropped.
#[test]
fn frames_behind_the_end_are_dropped() {
    let mut client = client();
    client.call(TO_CLIENT);
    client.hear(&[end(1), end(1), item(1, &[0]), fault(1, 3)].concat());
    assert_eq!((client.ended(), client.says()), (vec!["1 End".to_owned()], vec![]));
    assert_eq!(client.it.take_items(1), Taken::End);
    assert_eq!(client.try_hear(&item(2, &[0])).map_err(|broken| broken.code), Err(Code::InvalidArgument));
}

/// R23, R24: only a FAULT may come within an item, and takes its place; nothing of a stream comes within an answer.
#[test]
fn a_fault_may_take_the_place_of_an_item() {
    let within = || {
        let mut client = client();
        client.call(BOTH);
        client.hear(&[item(1, &[1]), part(Kind::Item, 1, 1, &[2])].concat());
        client
    };
    let mut failed = within();
    failed.hear(&fault(1, 5));
    assert_eq!(failed.ended(), ["1 NotFound"]);
    assert_eq!((failed.it.take_items(1), failed.it.take_items(1)), (items(&[1], 1), Taken::Over));
    failed.it.forget_streams(1);
    assert_eq!(failed.it.held(), Held::default());
    for wrong in [end(1), frame(Kind::Reply, 1, 0, &[])] {
        assert!(within().try_hear(&wrong).is_err());
    }
    for behind in [item(1, &[0]), end(1)] {
        let mut client = client();
        client.call(BOTH);
        client.hear(&part(Kind::Fault, 1, 0, &[2]));
        assert!(client.try_hear(&behind).is_err());
    }
}

/// R24, R42: a caller that gives up drops what waits; of the call anything may still come, and its END is an end too.
#[test]
fn a_call_that_was_cancelled_is_over_when_the_server_says_so() {
    for last in [end(1), fault(1, 1), frame(Kind::Reply, 1, 0, &[])] {
        let mut client = client();
        client.call(BOTH);
        client.hear(&part(Kind::Item, 1, 1, &[1]));
        assert_eq!(client.put(1, 400_000), Put::Queued);
        client.it.cancel(1);
        assert_eq!((client.says(), client.it.tag(1)), (vec!["Cancel 1 0 0".to_owned()], None));
        assert_eq!(client.news(), [(1, Half::Incoming), (1, Half::Outgoing)]);
        client.hear(&[frame(Kind::Item, 1, 1, &[1]), last].concat());
        assert_eq!((client.ended(), client.it.held()), (vec![], Held::default()));
    }
}

/// R28: half a call ends, once.
#[test]
fn the_end_of_a_stream_is_said_once_behind_its_items() {
    let mut client = client();
    client.call(BOTH);
    assert_eq!(client.put(1, 3), Put::Queued);
    client.it.end_items(1);
    client.it.end_items(1);
    assert_eq!(client.put(1, 3), Put::Over);
    assert_eq!(client.says(), ["Item 1 1 3", "End 1 0 0"]);
    client.hear(&item(1, &[4]));
    assert_eq!(client.it.take_items(1), items(&[4], 1));
}

/// R43, R47: streams of calls that the server does not take, and of a connection that dies, are over.
#[test]
fn streams_end_with_their_connection() {
    let mut client = client();
    assert_eq!((client.call(BOTH), client.call(BOTH)), (1, 2));
    client.hear(&item(1, &[1]));
    client.hear(&frame(Kind::GoAway, 0, 1, &[0; 8]));
    assert_eq!((client.it.poll_refused(), client.put(2, 1)), (Some(2), Put::Over));
    assert_eq!(client.put(1, 1), Put::Queued);
    assert_eq!(client.it.lose_all(false).len(), 1);
    assert_eq!(
        (client.put(1, 1), client.it.take_items(1), client.it.take_items(1)),
        (Put::Over, items(&[1], 1), Taken::Over)
    );
    (1..=2).for_each(|call| client.it.forget_streams(call));
    assert_eq!(client.it.held().streams, 0);
    assert_eq!(client.news().len(), 4);
    client.it.poll_transmit(&mut Outgoing::default());
}
