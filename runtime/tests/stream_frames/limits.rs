//! What streams may make an end keep.

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{Held, Put, Taken};
use rpcgen_runtime::wire::Kind;

use super::ends::{Client, Server, TO_CLIENT, end, frame, item, items, part};

/// R25, L2: an item is a message.
#[test]
fn an_item_over_the_limit_fails_its_call_and_the_rest_is_dropped() {
    let limits = || Limits { message: 5, ..Limits::default() };
    for bytes in [item(1, &[0; 6]), [part(Kind::Item, 1, 1, &[0; 3]), part(Kind::Item, 1, 1, &[0; 3])].concat()] {
        let mut server = Server::new(limits());
        server.call(1, TO_CLIENT);
        server.hear(&bytes);
        assert_eq!((server.says(), server.it.take_cancelled()), (vec!["Fault 1 8".to_owned()], vec![1]));
        server.hear(&[part(Kind::Item, 1, 1, &[0]), item(1, &[0]), end(1)].concat());
        assert!(!server.it.finish(1));
        assert_eq!((server.says(), server.it.held()), (vec![], Held::default()));
        let mut client = Client::new(limits());
        client.call(TO_CLIENT);
        client.hear(&[bytes, item(1, &[0])].concat());
        assert_eq!(
            (client.ended(), client.says()),
            (vec!["1 ResourceExhausted".to_owned()], vec!["Cancel 1 0 0".to_owned()])
        );
    }
}

/// L3: items that were not taken are held, with parts of messages; whichever goes over fails its own call.
#[test]
fn unread_items_count_as_held() {
    let limits = || Limits { held_by_connection: 10_000, ..Limits::default() };
    let mut server = Server::new(limits());
    (1..=3).for_each(|call| server.call(call, TO_CLIENT));
    server.hear(&[item(1, &[1; 5_000]), part(Kind::Item, 2, 1, &[2; 4_000]), item(3, &[3; 1_001])].concat());
    assert_eq!((server.says(), server.it.held().bytes), (vec!["Fault 3 8".to_owned()], 9_000));
    assert_eq!(server.it.take_items(1), items(&[1; 5_000], 1));
    server.hear(&frame(Kind::Item, 2, 1, &[2; 4_000]));
    assert_eq!(server.it.take_items(2), items(&[2; 8_000], 1));
    let mut client = Client::new(limits());
    client.call(TO_CLIENT);
    client.hear(&[item(1, &[1; 5_000]), item(1, &[1; 5_001])].concat());
    assert_eq!((client.ended(), client.it.held().bytes), (vec!["1 ResourceExhausted".to_owned()], 0));
}

/// L4: the count of the process falls when a connection goes.
#[test]
fn unread_items_are_forgotten_with_their_connection() {
    const LARGE: usize = 60_000;
    let limits = || Limits { held_by_process: 4 << 20, ..Limits::default() };
    let fill = |server: &mut Server| {
        server.call(1, TO_CLIENT);
        (0..80).for_each(|_| server.hear(&item(1, &vec![0; LARGE])));
        server.says()
    };
    assert_eq!(fill(&mut Server::new(limits())), ["Fault 1 8"]);
    let mut one = Server::new(Limits::default());
    assert_eq!(fill(&mut one), [""; 0]);
    drop(one);
    let mut other = Server::new(limits());
    other.call(1, TO_CLIENT);
    other.hear(&item(1, &vec![0; LARGE]));
    assert_eq!(other.says(), [""; 0]);
}

/// R35: so many small frames cost little more than their bytes.
#[test]
fn small_items_join_those_before_them() {
    let mut server = Server::new(Limits::default());
    server.call(1, TO_CLIENT);
    (0..100_000).for_each(|_| server.hear(&item(1, &[7])));
    let mut batches = 0;
    while let Taken::Items(items) = server.it.take_items(1) {
        assert_eq!(items.count, items.bytes.len() as u64);
        batches += 1;
    }
    assert_eq!(batches, 4);
}

/// L8, R31: a call with streams is open until its handler has returned.
#[test]
fn streams_count_as_open_calls() {
    let mut server = Server::new(Limits { open_calls: 64, ..Limits::default() });
    (1..=65).for_each(|call| server.call(call, TO_CLIENT));
    assert_eq!(server.says(), ["Fault 65 8"]);
    server.hear(&end(64));
    server.hear(&frame(Kind::Cancel, 64, 0, &[]));
    server.call(66, TO_CLIENT);
    assert_eq!(server.says(), ["Fault 64 1", "Fault 66 8"]);
    server.it.finish(64);
    server.call(67, TO_CLIENT);
    assert_eq!((server.says(), server.it.put_items(67, &mut vec![0], 1)), (vec![], Put::Over));
}
