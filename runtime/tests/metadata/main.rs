//! Metadata and trace contexts, from callers to handlers and back. The rules named are those of `docs/wire.md`.

mod answers;
#[path = "../support/refused.rs"]
mod refused;
mod says;
#[path = "../support/servers.rs"]
mod servers;

use std::time::Duration;

use proptest::prelude::*;
use refused::Refused;
use rpcgen_runtime::stub::{CallError, Caller, Method, Status};
use rpcgen_runtime::{
    Channel, ChannelOptions, Code, Limits, Metadata, Router, ServerOptions, ThreadServer, TraceContext,
};
use says::{ASK, Client, DECLARED, NOTE, PATIENCE, REPLY, SLOW, STATUS, Says, Test};
use servers::{On, Running, on_each};

static MISSING: Method = Method::new("test.Says/missing", 99, 1);

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn in_process() -> (Client, Test) {
    let (service, test) = Says::new(None);
    (Client(Caller::new(Channel::in_process(Router::new().add(service)).expect("a channel"))), test)
}

fn serve(on: On, other: Option<Client>) -> (Client, Test, Running) {
    let (service, test) = Says::new(other);
    let server = on.serve(Router::new().add(service));
    let channel = Channel::connect(&server.endpoint().to_string()).expect("connects");
    (Client(Caller::new(channel)), test, server)
}

/// Runs a check over TCP, and in the process.
fn everywhere(check: impl Fn(&Client, &Test)) {
    on_each(|on| {
        let (client, test, server) = serve(on, None);
        check(&client, &test);
        drop(client);
        server.shutdown(Duration::from_secs(5));
    });
    let (client, test) = in_process();
    check(&client, &test);
}

fn trace() -> TraceContext {
    TRACE.parse().expect("the example of the specification")
}

fn some() -> Metadata {
    Metadata::from([("request-id", &b"4711"[..]), ("token", &[0, 0xff]), ("request-id", b"")])
}

fn with(client: &Client, metadata: impl Into<Metadata>) -> Client {
    Client(client.0.with_metadata(metadata.into()))
}

#[test]
fn r18_metadata_comes_back_beside_results_declared_errors_and_statuses() {
    everywhere(|client, _| {
        let saying = with(client, some());
        let (result, metadata) = saying.start::<Status>(&REPLY).expect("starts").wait_with_metadata();
        assert_eq!((result.as_deref(), metadata), (Ok("none"), some()));
        let (result, metadata) = saying.start_refused().wait_with_metadata();
        assert_eq!((result, metadata), (Err(CallError::Declared(Refused)), some()));
        let (result, metadata) = saying.start::<Status>(&STATUS).expect("starts").wait_with_metadata();
        let status = result.expect_err("it fails");
        assert_eq!((status.code(), status.message(), metadata), (Code::NotFound, "nothing here", some()));
        assert_eq!(status.metadata(), &some());
    });
}

#[test]
fn waiting_for_results_alone_drops_what_came_beside_them() {
    everywhere(|client, _| {
        assert_eq!(with(client, some()).text(&REPLY).as_deref(), Ok("none"));
        assert_eq!(with(client, some()).start_refused().wait(), Err(CallError::Declared(Refused)));
        let status = with(client, some()).text(&STATUS).expect_err("it fails");
        assert_eq!(status.metadata(), &some());
    });
}

#[test]
fn nothing_of_one_call_is_left_for_the_next() {
    everywhere(|client, _| {
        assert_eq!(with(client, some()).text(&REPLY).as_deref(), Ok("none"));
        let (result, metadata) = client.start::<Status>(&REPLY).expect("starts").wait_with_metadata();
        assert_eq!((result.as_deref(), metadata), (Ok("none"), Metadata::new()));
        let (_, metadata) = client.start::<Status>(&STATUS).expect("starts").wait_with_metadata();
        assert!(metadata.is_empty());
    });
}

#[test]
fn a_client_stub_with_something_else_keeps_the_rest() {
    let (client, _test) = in_process();
    let client = Client(client.0.with_metadata(some()).with_timeout(PATIENCE).with_trace(trace()));
    let (result, metadata) = client.start::<Status>(&REPLY).expect("starts").wait_with_metadata();
    assert_eq!((result.as_deref(), metadata), (Ok(TRACE), some()));
    let replaced = with(&client, [("other", "")]);
    let (result, metadata) = replaced.start::<Status>(&REPLY).expect("starts").wait_with_metadata();
    assert_eq!((result.as_deref(), metadata), (Ok(TRACE), Metadata::from([("other", "")])));
}

#[test]
fn oneway_calls_carry_it_too() {
    everywhere(|client, test| {
        let caller = client.0.with_metadata(some()).with_trace(trace());
        caller.send(&NOTE, |_| Ok(())).expect("sent");
        let heard = test.heard.recv_timeout(PATIENCE).expect("it arrives");
        assert_eq!((heard.metadata(), heard.trace()), (&some(), Some(trace())));
    });
}

#[test]
fn calls_that_are_under_way_together_keep_theirs_apart() {
    everywhere(|client, _| {
        let calls =
            (0..200).map(|n: u32| with(client, [("n", n.to_string())]).start::<Status>(&REPLY).expect("starts"));
        for (n, call) in calls.collect::<Vec<_>>().into_iter().enumerate() {
            let (_, metadata) = call.wait_with_metadata();
            assert_eq!(metadata, Metadata::from([("n", n.to_string())]));
        }
    });
}

#[test]
fn a_handler_that_was_left_by_its_reader_answers_with_metadata() {
    on_each(|on| {
        let (client, test, _server) = serve(on, None);
        let slow = with(&client, some()).start::<Status>(&SLOW).expect("starts");
        test.heard.recv_timeout(PATIENCE).expect("it begins");
        // Answered on the same connection, so by another thread.
        let (result, metadata) =
            with(&client, [("quick", "")]).start::<Status>(&REPLY).expect("starts").wait_with_metadata();
        assert_eq!((result.as_deref(), metadata), (Ok("none"), Metadata::from([("quick", "")])));
        test.go_on.send(()).expect("it waits");
        let (result, metadata) = slow.wait_with_metadata();
        assert_eq!((result.as_deref(), metadata), (Ok("none"), some()));
    });
}

#[test]
fn calls_of_a_handler_inherit_its_trace_in_its_thread_and_in_its_scope() {
    on_each(|on| {
        let (other, _other_test, _other_server) = serve(on, None);
        let other = Client(other.0.with_metadata(some()));
        let (client, _test, _server) = serve(on, Some(other));
        let traced = Client(client.0.with_trace(trace()));
        let (result, metadata) = traced.start::<Status>(&ASK).expect("starts").wait_with_metadata();
        assert_eq!(result, Ok(format!("{TRACE} none {TRACE}")));
        assert!(metadata.is_empty(), "metadata is not inherited, nor handed back");
        assert_eq!(client.text(&ASK).as_deref(), Ok("none none none"));
    });
}

#[test]
fn r21_l20_a_call_with_too_much_is_refused_before_it_is_sent() {
    everywhere(|client, _| {
        // Of 65,535 bytes: 4 of the entry, 2 of the count, 8 of the lengths, 1 of the key.
        let most = 65_535 - 15;
        assert_eq!(with(client, [("k", vec![0; most])]).text(&REPLY).as_deref(), Ok("none"));
        let status = with(client, [("k", vec![0; most + 1])]).text(&REPLY).expect_err("too long");
        assert_eq!((status.code(), status.may_have_run(), status.attempts()), (Code::ResourceExhausted, false, 0));
        let text = "metadata of 65532 bytes makes extensions of 65536, and at most 65535 may be sent (L20)";
        assert_eq!(status.message(), text);
        assert_eq!(client.text(&REPLY).as_deref(), Ok("none"));
    });
}

#[test]
fn r22_the_most_metadata_travels_in_the_smallest_frames() {
    let limits = Limits { frame: 65_536, ..Limits::default() };
    let (service, _test) = Says::new(None);
    let options = ServerOptions { limits: limits.clone(), ..ServerOptions::default() };
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds").options(options);
    let server = server.start(Router::new().add(service)).expect("starts");
    let options = ChannelOptions { limits, ..ChannelOptions::default() };
    let channel = Channel::connect_with(&server.endpoint().to_string(), options).expect("connects");
    let most = Metadata::from([("k", vec![7; 65_535 - 15])]);
    let client = with(&Client(Caller::new(channel)), most.clone());
    for (method, code) in [(&REPLY, None), (&STATUS, Some(Code::NotFound))] {
        let (result, metadata) = client.start::<Status>(method).expect("starts").wait_with_metadata();
        assert_eq!(result.err().map(|status| status.code()), code);
        assert!(metadata == most);
    }
    let (result, metadata) = client.start_refused().wait_with_metadata();
    assert_eq!(result, Err(CallError::Declared(Refused)));
    assert!(metadata == most);
}

#[test]
fn r21_l20_an_answer_with_too_much_fails_its_call_alone() {
    everywhere(|client, _| {
        for (size, code) in
            [(65_520, None), (65_521, Some(Code::ResourceExhausted)), (9_000_000, Some(Code::ResourceExhausted))]
        {
            let sized = with(client, [("reply-size", size.to_string())]);
            let (result, metadata) = sized.start::<Status>(&REPLY).expect("starts").wait_with_metadata();
            assert_eq!(result.as_ref().err().map(Status::code), code, "{size}");
            assert_eq!(metadata.len(), usize::from(code.is_none()));
            let status = result.err().unwrap_or_else(|| Status::unknown("L20"));
            assert!(status.may_have_run() && status.message().contains("L20"), "{status}");
            let status = sized.text(&STATUS).expect_err("it fails");
            assert_eq!(
                (status.code(), status.message().contains("nothing here")),
                (code.unwrap_or(Code::NotFound), true)
            );
            assert_eq!(sized.start_refused().wait().err().and_then(|error| Some(error.status()?.code())), code);
        }
        assert_eq!(client.text(&REPLY).as_deref(), Ok("none"));
    });
}

#[test]
fn r18_keys_that_are_not_allowed_are_refused_by_who_would_send_them() {
    everywhere(|client, _| {
        for key in ["", "Token", "a b", "é", "a\n"] {
            let status = with(client, [("good", ""), (key, "")]).text(&REPLY).expect_err("a bad key");
            assert_eq!((status.code(), status.may_have_run()), (Code::InvalidArgument, false));
            assert!(status.message().contains(&format!("{key:?}")), "{status}");
            let status = with(client, [("reply-key", key)]).text(&REPLY).expect_err("a bad key");
            assert_eq!((status.code(), status.may_have_run()), (Code::Internal, true));
            assert!(status.message().contains("metadata has the key"), "{status}");
        }
        assert_eq!(client.text(&REPLY).as_deref(), Ok("none"));
    });
}

#[test]
fn unknown_methods_are_refused_as_without_metadata() {
    let (client, _test) = in_process();
    let (result, metadata) = with(&client, some()).start::<Status>(&MISSING).expect("starts").wait_with_metadata();
    assert_eq!(result.map_err(|status| status.code()), Err(Code::Unimplemented));
    assert!(metadata.is_empty());
    assert_eq!(with(&client, some()).text(&DECLARED).map_err(|status| status.code()), Err(Code::Unknown));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn r18_any_metadata_that_fits_comes_back_as_it_was(
        entries in prop::collection::vec(("[a-z0-9._-]{1,20}", prop::collection::vec(any::<u8>(), 0..300)), 0..60)
    ) {
        let (client, _test) = in_process();
        let metadata: Metadata = entries.iter().map(|(key, value)| (key, value)).collect();
        prop_assert_eq!(metadata.len(), entries.len());
        let (result, back) = with(&client, metadata.clone()).start::<Status>(&REPLY).expect("starts").wait_with_metadata();
        prop_assert_eq!(result.as_deref(), Ok("none"));
        prop_assert_eq!(back, metadata);
    }

    #[test]
    fn any_text_is_a_traceparent_or_refused(text in "[0-9a-f-]{50,60}|.{0,60}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?") {
        if let Ok(trace) = text.parse::<TraceContext>() {
            prop_assert_eq!(trace.to_string().parse(), Ok(trace));
            prop_assert_eq!(&trace.to_string()[3..52], &text[3..52]);
        }
    }
}
