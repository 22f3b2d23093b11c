//! Credit: what may be under way, and when more.

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{Half, Put, Taken};
use rpcgen_runtime::wire::{Code, Preface};

use super::ends::{BOTH, Client, LEAST, Server, TO_CLIENT, TO_SERVER, credit, end, item};

/// R5, R37, R38: the least window at first; what the peer's exceeds that by when it is known, for streams that are open too.
#[test]
fn the_window_holds_before_the_preface_and_grows_with_it() {
    let mut client = Client::stranger(Limits::default());
    client.call(TO_SERVER);
    assert_eq!((client.put(1, 16_383), client.put(1, 1), client.put(1, 1)), (Put::Queued, Put::Queued, Put::Full));
    client.hear(&Preface { window: 16_384 + 100, ..LEAST }.encode());
    assert_eq!(client.news(), [(1, Half::Outgoing)]);
    assert_eq!((client.put(1, 100), client.put(1, 1)), (Put::Queued, Put::Full));
    client.call(TO_SERVER);
    assert_eq!((client.put(2, 16_484), client.put(2, 1)), (Put::Queued, Put::Full));
}

/// R37: a message that begins above zero is sent whole.
#[test]
fn the_balance_may_go_below_zero_by_one_message() {
    let mut client = Client::new(Limits::default());
    client.call(TO_SERVER);
    assert_eq!((client.put(1, 16_383), client.put(1, 100_000)), (Put::Queued, Put::Queued));
    client.hear(&credit(1, 99_999));
    assert_eq!((client.put(1, 1), client.news()), (Put::Full, vec![]), "0 is not enough");
    client.hear(&credit(1, 1));
    assert_eq!(
        (client.news(), client.put(1, 1), client.put(1, 1)),
        (vec![(1, Half::Outgoing)], Put::Queued, Put::Full)
    );
}

/// R3, R37: 2³¹ is the most.
#[test]
fn credit_beyond_what_there_can_be_ends_the_connection() {
    const ALL: u32 = (1 << 31) - 16_384;
    let mut client = Client::new(Limits::default());
    client.call(TO_SERVER);
    client.hear(&credit(1, ALL));
    let broken = client.try_hear(&credit(1, 1)).expect_err("too much");
    assert_eq!(broken.reason, "call 1 got credit for more than 2,147,483,648 bytes");
    let mut server = Server::new(Limits::default());
    server.call(1, TO_SERVER);
    server.hear(&credit(1, ALL));
    assert_eq!(server.try_hear(&credit(1, u32::MAX)).map_err(|broken| broken.code), Err(Code::InvalidArgument));
    // A window above that counts as that.
    let mut client = Client::stranger(Limits::default());
    client.call(TO_SERVER);
    client.hear(&Preface { window: u32::MAX, ..LEAST }.encode());
    assert!(client.try_hear(&credit(1, 1)).is_err());
}

/// R29: credit where there is no such stream, or no more, means nothing.
#[test]
fn credit_for_nothing_is_ignored() {
    let mut client = Client::new(Limits::default());
    client.call(TO_CLIENT);
    let mut server = Server::new(Limits::default());
    server.call(1, TO_CLIENT);
    for _ in 0..3 {
        client.hear(&credit(1, u32::MAX));
        server.hear(&credit(1, u32::MAX));
    }
    client.hear(&[end(1), credit(1, u32::MAX)].concat());
    assert!(client.try_hear(&credit(2, 1)).is_err(), "a call that was never opened");
}

/// R37, L16: at half of a window, and for a stream that goes on.
#[test]
fn credit_is_given_once_it_is_worth_a_frame() {
    let limits = Limits { stream_window: 20_000, ..Limits::default() };
    let (mut client, mut server) = (Client::new(limits.clone()), Server::new(limits));
    client.call(BOTH);
    server.call(1, BOTH);
    let says = |client: &mut Client, server: &mut Server, bytes: usize| {
        client.it.consumed(1, bytes);
        server.it.consumed(1, bytes);
        assert_eq!(client.says(), server.says());
    };
    says(&mut client, &mut server, 9_999);
    client.it.consumed(1, 1);
    server.it.consumed(1, 1);
    assert_eq!(
        (client.says(), server.says()),
        (vec!["Credit 1 10000 0".to_owned()], vec!["Credit 1 10000 0".to_owned()])
    );
    client.it.consumed(1, 1_000_000);
    assert_eq!(client.says(), ["Credit 1 1000000 0"]);
    client.hear(&end(1));
    server.hear(&end(1));
    says(&mut client, &mut server, 1_000_000);
    assert_eq!(client.says(), [""; 0], "it was over");
}

/// L16: the window is announced, and no rule for who sends more: what comes is held.
#[test]
fn a_peer_that_overdraws_its_credit_is_not_cut_off() {
    let mut server = Server::new(Limits { stream_window: 16_384, ..Limits::default() });
    server.call(1, TO_CLIENT);
    for _ in 0..20 {
        server.hear(&item(1, &[0; 10_000]));
    }
    assert_eq!((server.it.held().bytes, server.says()), (200_000, vec![]));
    let taken =
        std::iter::from_fn(|| if let Taken::Items(items) = server.it.take_items(1) { Some(items) } else { None });
    assert_eq!(taken.map(|items| items.count).sum::<u64>(), 20);
}
