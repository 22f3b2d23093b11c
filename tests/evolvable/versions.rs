//! Two versions of an interface, one with more of everything: each reads what the other writes, and calls it.

use std::time::Duration;

use rpcgen_runtime::stream::Sender;
use rpcgen_runtime::{CallError, Channel, Code, Context, Fault, Router, Status};

use super::{packed, unpacked};

#[path = "../golden/evolution_new/mod.rs"]
mod new;
#[path = "../golden/evolution_old/mod.rs"]
mod old;

use new::golden::evolution as new_version;
use old::golden::evolution as old_version;

fn new_profile() -> new_version::Profile {
    new_version::Profile {
        name: "Ada".to_owned(),
        email: Some("ada@example.org".to_owned()),
        age: 36,
        kind: new_version::Kind::Owner,
        friends: vec![new_version::Profile::default()],
        access: new_version::Access::SHARE,
    }
}

#[test]
fn an_old_reader_drops_new_fields_and_keeps_new_values() {
    let old: old_version::Profile = unpacked(&packed(&new_profile())).expect("it skips what it does not know");
    assert_eq!((old.name.as_str(), old.age, old.kind.value()), ("Ada", 36, 7));
    let again: new_version::Profile = unpacked(&packed(&old)).expect("fields may be absent");
    let expected =
        new_version::Profile { email: None, friends: Vec::new(), access: new_version::Access::WRITE, ..new_profile() };
    assert_eq!(again, expected);
}

#[test]
fn a_default_may_change_as_plain_fields_are_always_written() {
    let old: old_version::Profile = unpacked(&packed(&new_version::Profile::default())).expect("it is well formed");
    assert_eq!(old.age, 21);
    let new: new_version::Profile = unpacked(&packed(&old_version::Profile::default())).expect("it is well formed");
    assert_eq!(new.age, 18);
}

#[test]
fn an_old_reader_sends_new_variants_on_as_they_came() {
    for shape in
        [new_version::Shape::Square(2.0), new_version::Shape::Nothing, new_version::Shape::Named(new_profile())]
    {
        let old: old_version::Shape = unpacked(&packed(&shape)).expect("there is room for later variants");
        let again: new_version::Shape = unpacked(&packed(&old)).expect("it is what came");
        match old {
            old_version::Shape::Unknown(unknown) => {
                assert_eq!(again, shape);
                assert!([2, 3].contains(&unknown.ordinal()));
            }
            known => assert!(matches!(known, old_version::Shape::Named(profile) if profile.age == 36)),
        }
    }
}

/// Gives back what it gets; refuses one who may do nothing.
struct Newer;

impl new_version::Registry for Newer {
    fn store(
        &self,
        _: &Context,
        profile: new_version::Profile,
        access: new_version::Access,
        shapes: Vec<new_version::Shape>,
    ) -> Result<(new_version::Profile, new_version::Access, Vec<new_version::Shape>), Fault<new_version::Refused>> {
        match access {
            access if access.is_empty() => Err(new_version::Refused::Busy { seconds: 3 }.into()),
            new_version::Access::WRITE => Err(new_version::Refused::Lacking(new_version::Access::READ).into()),
            _ => Ok((profile, access, shapes)),
        }
    }

    fn time_left(&self, context: &Context) -> Result<Option<Duration>, Status> {
        Ok(context.time_left())
    }

    fn numbers(&self, _: &Context, upto: u64, items: Sender<u64>) -> Result<(), Status> {
        items.send_all(0..upto)
    }
}

fn channel() -> Channel {
    let router = Router::new().add(new_version::RegistryServer::new(Newer));
    Channel::in_process(router).expect("a channel in this process")
}

/// R36: an error that the caller does not know is Unknown, with its ordinal.
#[test]
fn an_old_client_calls_a_new_server() {
    let client = old_version::RegistryClient::new(channel());
    let profile = old_version::Profile { name: "Ada".to_owned(), ..old_version::Profile::default() };
    let access = old_version::Access::from_bits(0x80 | 1);
    let back =
        client.store(&profile, access, &[old_version::Shape::Circle { radius: 1.0 }]).expect("it gives all back");
    assert_eq!(back, (profile.clone(), access, vec![old_version::Shape::Circle { radius: 1.0 }]));

    let declared = client.store(&profile, old_version::Access::WRITE, &[]).expect_err("it may not");
    assert_eq!(declared.declared(), Some(&old_version::Refused::Lacking(old_version::Access::READ)));
    let unknown = client.store(&profile, old_version::Access::empty(), &[]).expect_err("it is busy");
    assert_eq!(unknown.status().map(rpcgen_runtime::Status::code), Some(Code::Unknown));
    assert!(matches!(&unknown, CallError::Status(status) if status.to_string().contains('2')), "{unknown}");
    let gone = client.gone(1).expect_err("the method was removed");
    assert_eq!(gone.code(), Code::Unimplemented);
}

#[test]
fn the_deadline_of_an_interface_holds_unless_the_caller_sets_one() {
    let client = new_version::RegistryClient::new(channel());
    let left = client.time_left().expect("it answers").expect("the interface sets a deadline");
    assert!(left > Duration::from_secs(1) && left <= Duration::from_secs(5), "{left:?}");
    let longer = client.with_timeout(Duration::from_secs(500)).time_left().expect("it answers");
    assert!(longer.is_some_and(|left| left > Duration::from_secs(5)), "{longer:?}");
    let brief = client.with_timeout(Duration::ZERO).time_left().expect_err("there is no time");
    assert_eq!(brief.code(), Code::DeadlineExceeded);
}

#[test]
fn a_stream_that_the_server_does_not_know_fails_in_place_of_its_first_item() {
    let numbers = |channel| new_version::RegistryClient::new(channel).numbers(3).expect("it is sent");
    assert_eq!(numbers(channel()).collect::<Result<Vec<_>, _>>(), Ok(vec![0, 1, 2]));
    let nothing = Channel::in_process(Router::new()).expect("a channel in this process");
    let items: Vec<_> = numbers(nothing).collect();
    assert!(matches!(&items[..], [Err(status)] if status.code() == Code::Unimplemented), "{items:?}");
}
