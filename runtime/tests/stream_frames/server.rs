//! What the accepting end makes of the frames of streams.

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{Half, Held, Outgoing, Put, Streams, Taken, Transmit as _};
use rpcgen_runtime::wire::{Code, Kind};

use super::ends::{BOTH, Server, TO_CLIENT, TO_SERVER, bytes_of, end, frame, hex, item, items, part};

/// As this end sees them.
const COMES: Streams = TO_CLIENT;
const GOES: Streams = TO_SERVER;

fn server() -> Server {
    Server::new(Limits::default())
}

/// R28: the example of `docs/wire.md`, `sum` of 1, 2 and 3.
#[test]
fn items_come_up_to_the_end_and_then_the_call_is_answered() {
    let mut server = server();
    server.call(1, COMES);
    assert_eq!(server.it.take_items(1), Taken::Nothing);
    let (one, two, three) = ("0000000000000001", "0000000000000002", "0000000000000003");
    server.hear(&hex(&format!("00000010 04000000 00000001 00000002 {one} {two}")));
    assert_eq!(server.news(), [(1, Half::Incoming)]);
    assert_eq!(server.it.take_items(1), items(&hex(&format!("{one}{two}")), 2));
    server.hear(&hex(&format!("00000008 04000000 00000001 00000001 {three} 00000000 05000000 00000001 00000000")));
    assert_eq!(server.news(), [(1, Half::Incoming)], "once, until it is taken");
    assert_eq!(server.it.take_items(1), items(&hex(three), 1));
    assert_eq!((server.it.take_items(1), server.it.take_items(1)), (Taken::End, Taken::End));
    server.returns(1, |it| it.reply(1, &mut hex("0000000000000006").into()));
    assert_eq!(bytes_of(&mut server.it), hex("00000008 02000000 00000001 00000000 0000000000000006"));
    assert_eq!(server.it.take_items(1), Taken::Over);
    assert_eq!((server.news(), server.it.held()), (vec![(1, Half::Incoming)], Held::default()));
}

/// R27, R28: a stream of results ends with END, and that is all.
#[test]
fn results_leave_up_to_the_end_which_is_the_only_terminal_frame() {
    let mut server = server();
    server.call(1, GOES);
    assert_eq!(server.it.put_items(1, &mut hex("00000002 00000003"), 2), Put::Queued);
    server.returns(1, |it| it.end(1));
    assert_eq!(server.it.put_items(1, &mut vec![0], 1), Put::Over);
    let said = hex("00000008 04000000 00000001 00000002 00000002 00000003 00000000 05000000 00000001 00000000");
    assert_eq!(bytes_of(&mut server.it), said);
    server.hear(&frame(Kind::Cancel, 1, 0, &[]));
    assert_eq!(server.says(), [""; 0], "it was over");
    assert_eq!(server.it.held(), Held::default());
}

/// R13, R27, R29: the call fails, once, and its handler is told; what still comes of it is dropped, and others go on.
#[test]
fn what_breaks_the_order_of_a_stream_fails_its_call_alone() {
    let cases = [
        ("an item behind the end", COMES, [end(1), item(1, &[0])].concat()),
        ("a second end", BOTH, [end(1), end(1)].concat()),
        ("an item against the direction", GOES, item(1, &[0])),
        ("an end against the direction", GOES, end(1)),
        ("a part of an item against the direction", GOES, part(Kind::Item, 1, 1, &[0])),
        ("an item on a unary call", Streams::default(), item(1, &[0])),
        ("an end on a unary call", Streams::default(), end(1)),
        ("more items than bytes", COMES, frame(Kind::Item, 1, 3, &[0, 0])),
        ("items without bytes", COMES, frame(Kind::Item, 1, u32::MAX, &[])),
        (
            "more items than bytes, in parts",
            COMES,
            [part(Kind::Item, 1, 3, &[0]), frame(Kind::Item, 1, 3, &[0])].concat(),
        ),
    ];
    for (what, streams, bytes) in cases {
        let mut server = server();
        server.call(1, streams);
        server.call(2, COMES);
        assert_eq!(server.it.put_items(1, &mut vec![0; 9], 1) == Put::Queued, streams.outgoing);
        server.hear(&bytes);
        assert_eq!(server.says(), ["Fault 1 3"], "{what}");
        assert_eq!(server.it.take_cancelled(), [1], "{what}");
        assert_eq!(
            (server.it.take_items(1), server.it.put_items(1, &mut vec![0], 1)),
            (Taken::Over, Put::Over),
            "{what}"
        );
        server.hear(&[item(1, &[0]), end(1), item(2, &[5])].concat());
        server.returns(1, |it| it.reply(1, &mut vec![0].into()));
        assert_eq!((server.says(), server.it.take_items(2)), (vec![], items(&[5], 1)), "{what}");
        server.returns(2, |it| it.reply(2, &mut vec![].into()));
        assert_eq!(server.says(), ["Reply 2 0 0"], "{what}");
        assert_eq!(server.it.held(), Held::default(), "{what}");
    }
}

/// R22, R23: an item in parts is one; other frames may come between, and of its call only CREDIT and CANCEL.
#[test]
fn an_item_may_come_in_parts() {
    let mut server = server();
    server.call(1, BOTH);
    server.call(2, COMES);
    server.hear(&part(Kind::Item, 1, 2, &[1, 2]));
    server.hear(&[item(2, &[9]), frame(Kind::Credit, 1, 5, &[]), frame(Kind::Ping, 0, 0, &[])].concat());
    assert_eq!((server.news(), server.it.take_items(1)), (vec![(2, Half::Incoming)], Taken::Nothing));
    assert_eq!(server.it.held().bytes, 3);
    server.hear(&frame(Kind::Item, 1, 2, &[3]));
    assert_eq!((server.it.take_items(1), server.it.take_items(2)), (items(&[1, 2, 3], 2), items(&[9], 1)));
    for wrong in [end(1), frame(Kind::Item, 1, 3, &[0]), frame(Kind::Call, 1, 7, &[0; 4])] {
        let mut server = self::server();
        server.call(1, BOTH);
        server.hear(&part(Kind::Item, 1, 2, &[1, 2]));
        assert_eq!(server.try_hear(&wrong).map_err(|broken| broken.code), Err(Code::InvalidArgument));
    }
}

/// R24, R41: in the middle of an item, and of one that leaves: FAULT at once, and nothing of the call behind it.
#[test]
fn a_cancel_takes_the_place_of_all_that_waits() {
    let mut server = server();
    server.call(1, BOTH);
    server.hear(&part(Kind::Item, 1, 1, &[1, 2]));
    assert_eq!(server.it.put_items(1, &mut vec![0; 400_000], 1), Put::Queued);
    let mut lent = Outgoing::default();
    server.it.poll_transmit(&mut lent);
    assert_eq!(lent.len(), 16 + 65_536);
    server.it.transmitted(lent.len());
    server.hear(&frame(Kind::Cancel, 1, 0, &[]));
    server.hear(&frame(Kind::Item, 1, 1, &[3]));
    assert_eq!(server.says(), ["Fault 1 1"]);
    assert_eq!(server.news(), [(1, Half::Incoming), (1, Half::Outgoing)]);
    assert_eq!((server.it.take_items(1), server.it.put_items(1, &mut vec![0], 1)), (Taken::Over, Put::Over));
    assert!(!server.it.finish(1));
    assert_eq!(server.it.held(), Held::default());
}

/// R24, R27: a call whose handler has returned is over only when its END has left.
#[test]
fn a_cancel_finds_what_waits_of_a_call_that_was_answered() {
    let answers: [fn(&mut rpcgen_runtime::proto::ServerConnection); 3] = [
        |it| it.end(1),
        |it| it.declared(1, &mut vec![0; 9].into()),
        |it| it.fault(1, Code::NotFound, true, "there is none"),
    ];
    for answer in answers {
        let mut server = server();
        server.call(1, GOES);
        assert_eq!(server.it.put_items(1, &mut vec![0; 9], 1), Put::Queued);
        server.returns(1, answer);
        server.hear(&frame(Kind::Cancel, 1, 0, &[]));
        assert_eq!(server.says(), ["Fault 1 1"]);
    }
}

/// R34: what does not unpack is found by who takes it.
#[test]
fn a_call_whose_items_cannot_be_used_fails_before_its_handler_returns() {
    let mut server = server();
    server.call(1, BOTH);
    assert_eq!(server.it.put_items(1, &mut vec![0; 9], 1), Put::Queued);
    server.it.fail_stream(1, Code::InvalidArgument, "values[0]: a bool is 2");
    server.it.fail_stream(1, Code::InvalidArgument, "values[1]: a bool is 3");
    assert_eq!((server.says(), server.it.take_cancelled()), (vec!["Fault 1 3".to_owned()], vec![1]));
    server.returns(1, |it| it.end(1));
    assert_eq!((server.says(), server.it.held()), (vec![], Held::default()));
}

/// R40: the time of a call is over though its streams go on.
#[test]
fn a_deadline_ends_streams() {
    let mut server = server();
    server.call(1, Streams::default());
    let deadline = Some(std::time::Instant::now());
    let call = rpcgen_runtime::proto::RunningCall { id: 2, oneway: false, deadline, streams: BOTH };
    server.hear(&[frame(Kind::Call, 2, 7, &[0; 4])].concat());
    server.it.finish(2);
    server.it.detach(call);
    assert_eq!(server.it.put_items(2, &mut vec![0; 9], 1), Put::Queued);
    server.it.expire(std::time::Instant::now());
    assert_eq!(server.says(), ["Fault 2 4"]);
    assert_eq!((server.it.take_items(2), server.it.put_items(2, &mut vec![0], 1)), (Taken::Over, Put::Over));
}

/// R46: who shuts down writing sends no more items either.
#[test]
fn streams_that_cannot_end_any_more_are_given_up() {
    let mut server = server();
    for (call, streams) in [(1, COMES), (2, COMES), (3, GOES)] {
        server.call(call, streams);
    }
    server.hear(&end(2));
    server.it.end_of_calls();
    assert_eq!((server.says(), server.it.take_cancelled()), (vec!["Fault 1 1".to_owned()], vec![1]));
    server.returns(2, |it| it.reply(2, &mut vec![].into()));
    server.returns(3, |it| it.end(3));
    assert_eq!(server.says(), ["Reply 2 0 0", "End 3 0 0"]);
}
