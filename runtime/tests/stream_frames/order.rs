//! In which order items leave, beside other frames and each other.

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{Half, Held, Outgoing, Put, Transmit as _};
use rpcgen_runtime::wire::Code;

use super::ends::{BOTH, Client, Server, TO_CLIENT, TO_SERVER, bytes_of, credit, end, fault};

fn rich(client: &mut Client, calls: u32) {
    for _ in 0..calls {
        let call = client.call(TO_SERVER);
        client.hear(&credit(call, 1 << 30));
    }
}

#[test]
fn items_gather_until_bytes_are_asked_for() {
    let mut client = Client::new(Limits::default());
    rich(&mut client, 1);
    (0..1000).for_each(|_| assert_eq!(client.put(1, 10), Put::Queued));
    assert_eq!(client.says(), ["Item 1 1000 10000"]);
    (0..3).for_each(|_| assert_eq!(client.put(1, 30_000), Put::Queued));
    assert_eq!(client.says(), ["Item 1 2 60000", "Item 1 1 30000"]);
    let mut none = Vec::new();
    assert_eq!((client.it.put_items(1, &mut none, 0), client.says()), (Put::Queued, vec![]));
}

/// R22, R23: one that is longer than a frame leaves in parts, and holds up nobody for longer than one.
#[test]
fn streams_take_turns_and_long_items_leave_in_parts() {
    let mut client = Client::new(Limits::default());
    rich(&mut client, 3);
    assert_eq!((client.put(1, 150_000), client.put(1, 1)), (Put::Queued, Put::Queued));
    assert_eq!(
        (client.put(2, 60_000), client.put(2, 60_000), client.put(3, 7)),
        (Put::Queued, Put::Queued, Put::Queued)
    );
    client.it.end_items(2);
    let said = [
        ["Item+ 1 1 65536", "Item 2 1 60000", "Item 3 1 7", "Item+ 1 1 65536"],
        ["Item 2 1 60000", "Item 1 1 18928", "End 2 0 0", "Item 1 1 1"],
    ];
    assert_eq!(client.says(), said.concat());
    assert_eq!(client.it.held().queued, 0);
}

/// R27: whatever ends the call is behind its items, and nothing of another call waits for them.
#[test]
fn what_ends_a_call_stays_behind_its_items() {
    let mut server = Server::new(Limits::default());
    for call in 1..=4 {
        server.call(call, if call == 4 { TO_CLIENT } else { BOTH });
        server.it.put_items(call, &mut vec![0; 9], 1);
    }
    server.returns(1, |it| it.end(1));
    server.returns(2, |it| it.fault(2, Code::NotFound, true, "there is none"));
    server.returns(3, |it| it.declared(3, &mut vec![0; 9].into()));
    server.returns(4, |it| it.reply(4, &mut vec![0; 9].into()));
    let said = ["Reply 4 0 9", "Item 1 1 9", "Item 2 1 9", "Item 3 1 9", "End 1 0 0", "Fault 2 5", "Fault 3 0"];
    assert_eq!(server.says(), said);
    assert_eq!(server.it.held(), Held::default());
}

/// L5: streams alone never hold up calls, and who found no room hears when there is some.
#[test]
fn streams_leave_room_for_calls() {
    let mut client = Client::new(Limits { queued: 100_000, ..Limits::default() });
    rich(&mut client, 2);
    while client.put(1, 1000) == Put::Queued {}
    assert_eq!((client.put(2, 1), client.it.may_open(), client.news()), (Put::Full, Ok(()), vec![]));
    assert_eq!(client.it.queued(), 51_000 + 16);
    bytes_of(&mut client.it);
    assert_eq!(client.news(), [(1, Half::Outgoing), (2, Half::Outgoing)]);
    assert_eq!((client.put(2, 1), client.news()), (Put::Queued, vec![]));
}

#[test]
fn room_that_a_cancelled_call_leaves_is_told_too() {
    let mut client = Client::new(Limits { queued: 100_000, ..Limits::default() });
    rich(&mut client, 3);
    assert_eq!((client.put(1, 60_000), client.put(2, 1), client.put(3, 1)), (Put::Queued, Put::Full, Put::Full));
    client.hear(&fault(3, 5));
    client.it.cancel(1);
    let mut news = client.news();
    news.retain(|(_, half)| *half == Half::Outgoing);
    assert_eq!(news, [(3, Half::Outgoing), (1, Half::Outgoing), (2, Half::Outgoing)]);
    assert_eq!(client.says(), ["Cancel 1 0 0"]);
}

#[test]
fn small_messages_without_end_do_not_hold_up_items() {
    let mut server = Server::new(Limits::default());
    server.call(1, TO_SERVER);
    server.it.put_items(1, &mut vec![0; 9], 1);
    for call in 2..20 {
        server.call(call, TO_CLIENT);
        server.returns(call, |it| it.reply(call, &mut vec![0; 60_000].into()));
    }
    let mut lent = Outgoing::default();
    server.it.poll_transmit(&mut lent);
    assert_eq!(lent.len(), 18 * 60_016 + 16 + 9);
}

#[test]
fn a_thousand_streams_at_once_all_get_on() {
    const CALLS: u32 = 1000;
    let mut server = Server::new(Limits::default());
    for call in 1..=CALLS {
        server.call(call, BOTH);
        server.hear(&credit(call, 1 << 20));
    }
    for round in 0..10 {
        (1..=CALLS).for_each(|call| assert_eq!(server.it.put_items(call, &mut vec![0; 100], 1), Put::Queued));
        assert_eq!(server.says().len(), 1000, "round {round}");
    }
    (1..=CALLS).for_each(|call| server.hear(&end(call)));
    assert_eq!(server.news().len(), 1000);
    (1..=CALLS).for_each(|call| server.returns(call, |it| it.end(call)));
    assert_eq!((server.says().len(), server.news().len(), server.it.held()), (1000, 2000, Held::default()));
}
