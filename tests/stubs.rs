//! Generated code at work: what it packs it unpacks again, and calls get through, with their errors as types.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use rpcgen_runtime::pack::{Pack, PackLimits, Packer, Unpack, UnpackLimits, Unpacker};
use rpcgen_runtime::{Channel, Code, Context, Fault, Router, Status};

#[path = "golden/errors/mod.rs"]
mod errors;
#[path = "golden/recursion/mod.rs"]
mod recursion;
#[path = "golden/services/mod.rs"]
mod services;
#[path = "golden/streams/mod.rs"]
mod streams;
#[path = "golden/structs/mod.rs"]
mod structs;
#[path = "golden/tokio_only/mod.rs"]
mod tokio_only;

#[path = "stubs/streams.rs"]
mod streaming;
#[path = "stubs/tasks.rs"]
mod tasks;

use errors::golden::errors::{Detail, ReadError};
use recursion::golden::recursion::{Failure, Node, Pair, Tree};
use services::golden::services::{Item, Kind, Refused, Small};
use structs::golden::structs::{Empty, Fixed, Point, Varying};

fn packed(value: &impl Pack) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.pack(&mut Packer::new(&mut bytes, &PackLimits::default())).expect("it is within its bounds");
    bytes
}

/// Unpacks it again, and finds shorter texts of bytes to be a mistake.
fn round_trip<T: Pack + PartialEq + std::fmt::Debug + for<'a> Unpack<'a>>(value: &T) -> Result<(), TestCaseError> {
    let bytes = packed(value);
    let unpack = |bytes: &[u8]| {
        let mut input = Unpacker::new(bytes, &UnpackLimits::default());
        T::unpack(&mut input).and_then(|value| input.end().map(|()| value))
    };
    let back = unpack(&bytes);
    prop_assert_eq!(back.as_ref().ok(), Some(value));
    prop_assert!(bytes.len() >= T::MIN_SIZE);
    // Every shorter text costs as much as the whole: of a long one, a sample will do.
    for end in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
        prop_assert!(unpack(&bytes[..end]).is_err(), "{end} of {} bytes are enough", bytes.len());
    }
    Ok(())
}

fn point() -> impl Strategy<Value = Point> {
    (-1e9..1e9, any::<f64>().prop_filter("NaN equals nothing", |y| !y.is_nan())).prop_map(|(x, y)| Point { x, y })
}

fn fixed() -> impl Strategy<Value = Fixed> {
    (any::<(bool, i8, i16, i32, i64)>(), any::<(u8, u16, u32, u64)>(), point(), 0..1_u64 << 40).prop_map(
        |((flag, a, b, c, d), (e, f, g, h), point, time)| Fixed {
            flag,
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            i: 0.5,
            j: point.x,
            at: SystemTime::UNIX_EPOCH + Duration::from_nanos(time),
            took: Duration::from_nanos(h),
            point,
            corners: [point; 4],
            many: [e; 33],
            empty: Empty {},
        },
    )
}

fn varying() -> impl Strategy<Value = Varying> {
    let texts = (".{0,20}", "[a-z]{0,8}", prop::collection::vec(".{0,8}", 0..16), prop::option::of(".{0,8}"));
    let lists = (
        any::<Vec<u8>>(),
        any::<[u8; 4]>(),
        prop::collection::vec(point(), 0..9),
        any::<Vec<u32>>(),
        prop::collection::vec(prop::collection::vec(any::<Vec<u8>>(), 0..3), 0..3),
    );
    let maps = (
        any::<BTreeMap<u8, u8>>(),
        any::<BTreeMap<bool, [u8; 2]>>(),
        prop::collection::btree_map("[a-z]{0,8}", prop::collection::vec(any::<bool>(), 0..4), 0..3),
    );
    let options = (
        any::<Option<u32>>(),
        prop::option::of(prop::collection::vec(any::<Option<String>>(), 0..4)),
        any::<[String; 3]>(),
        any::<[[Option<u16>; 2]; 2]>(),
    );
    (texts, lists, maps, options, fixed()).prop_map(|(texts, lists, maps, options, fixed)| Varying {
        name: texts.0,
        short: texts.1,
        raw: lists.0,
        few: lists.1.to_vec(),
        points: lists.2,
        numbers: lists.3,
        names: texts.2,
        nested: lists.4,
        pairs: maps.0.into_iter().map(|(key, x)| (key, Point { x: x.into(), y: 0.0 })).collect(),
        bounded: maps
            .2
            .into_iter()
            .map(|(key, list)| (key, list.into_iter().map(|some| some.then_some(fixed.point)).collect()))
            .collect(),
        maybe: options.0,
        maybe_name: texts.3,
        maybe_list: options.1,
        strings: options.2,
        maybes: options.3,
        fixed,
        flags: maps.1.into_iter().map(|(key, bytes)| (key, bytes.to_vec())).collect(),
    })
}

fn chain(length: u8) -> Node {
    let last = Node { value: 0, next: None };
    (1..length).fold(last, |next, value| Node { value: value.into(), next: Some(Box::new(next)) })
}

fn read_error() -> impl Strategy<Value = ReadError> {
    prop_oneof![
        ".{0,9}".prop_map(|name| ReadError::NotFound { name }),
        any::<(u64, u32)>().prop_map(|(size, limit)| ReadError::TooLarge { size, limit }),
        any::<(u32, String)>().prop_map(|(line, text)| ReadError::Malformed(Detail { line, text })),
        "[a-z]{0,8}".prop_map(ReadError::Two),
        any::<Vec<u32>>().prop_map(ReadError::Numbers),
        Just(ReadError::Empty {}),
        Just(ReadError::PermissionDenied),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn structs_come_back_as_they_were(varying in varying(), fixed in fixed()) {
        round_trip(&varying)?;
        round_trip(&fixed)?;
    }

    #[test]
    fn types_that_hold_themselves_come_back(length in 1..30_u8, name in ".{0,9}") {
        round_trip(&chain(length))?;
        let leaf = Tree { children: Vec::new(), named: BTreeMap::new() };
        let tree = Tree { children: vec![leaf.clone(), leaf.clone()], named: [(name.clone(), leaf)].into() };
        round_trip(&tree)?;
        let pair = Pair { halves: [None, None], name };
        round_trip(&Pair { halves: [Some(Box::new(pair.clone())), None], name: pair.name.clone() })?;
    }

    #[test]
    fn errors_come_back_as_they_were(error in read_error()) {
        round_trip(&error)?;
        round_trip(&Failure::Direct(Box::new(Failure::Many(vec![Failure::Plain; 2]))))?;
        round_trip(&Failure::Because {
            cause: Box::new(Failure::Plain),
            others: [Box::new(Failure::Plain), Box::new(Failure::Maybe(None))],
            perhaps: Some(Box::new(Failure::Plain)),
        })?;
    }
}

#[test]
fn an_error_says_what_its_docs_say() {
    let text = |error: ReadError| error.to_string();
    assert_eq!(text(ReadError::NotFound { name: "x".to_owned() }), "no file of the name x");
    assert_eq!(
        text(ReadError::TooLarge { size: 9, limit: 8 }),
        r#"9 bytes are more than 8; {unknown}, {{}}, } and "quotes" \ stay"#
    );
    assert_eq!(text(ReadError::PermissionDenied), "permission denied");
}

/// R49: unknown ordinals, with their bytes.
#[test]
fn what_is_not_known_is_kept() {
    let newer = b"\x00\x63\x00\x00\x00\x02hi";
    let error = ReadError::unpack(&mut Unpacker::new(newer, &UnpackLimits::default())).expect("it is well formed");
    assert!(matches!(&error, ReadError::Unknown(unknown) if unknown.ordinal() == 99 && unknown.bytes() == b"hi"));
    assert_eq!(packed(&error), newer);
    assert_eq!(Kind::from(7).value(), 7);
    assert!(Kind::from(7) > Kind::Other, "enums are ordered by number");
}

mod everything {
    //! A server that gives back what it gets, and a client of it.

    use super::services::golden::services::{Everything, EverythingClient, EverythingServer};
    use super::*;

    struct Echo;

    type Maps = BTreeMap<u32, BTreeMap<u32, BTreeMap<u32, Vec<Option<Vec<Option<String>>>>>>>;

    #[rustfmt::skip]
    #[expect(clippy::many_single_char_names, reason = "the names are the interface's")]
    impl Everything for Echo {
        fn nothing(&self, _: &Context) -> Result<(), Status> { Ok(()) }
        fn nothing_throws(&self, _: &Context) -> Result<(), Fault<Refused>> { Err(Refused::By { who: "me".to_owned() }.into()) }
        fn tell(&self, _: &Context, _: &str) {}
        fn tell_nothing(&self, _: &Context) {}
        fn tell_much(&self, _: &Context, _: Vec<Item>, _: Kind) {}
        fn one(&self, _: &Context, item: Item) -> Result<Item, Status> { Ok(item) }
        fn named(&self, _: &Context, item: Item, id: u64) -> Result<Item, Status> { Ok(Item { id, ..item }) }
        fn several(&self, _: &Context, a: u8, b: Kind, _: SystemTime, _: Duration, _: bool) -> Result<(String, Vec<Item>, Option<Item>, Vec<u8>), Fault<Refused>> {
            Ok((format!("{b:?}"), Vec::new(), None, vec![a]))
        }
        fn borrowed(&self, _: &Context, text: &str, raw: &[u8], maybe_text: Option<&str>, maybe_raw: Option<&[u8]>) -> Result<(), Status> {
            if (text, raw, maybe_text, maybe_raw) == ("text", b"raw", Some("maybe"), None) { Ok(()) } else { Err(Status::invalid_argument("no")) }
        }
        fn owned(&self, _: &Context, _: Vec<Item>, _: BTreeMap<u32, String>, _: [u32; 4], _: [String; 4], _: Option<Item>, _: Option<u32>) -> Result<(), Status> { Ok(()) }
        fn small(&self, _: &Context, _: Small, _: [u8; 3]) -> Result<(), Status> { Ok(()) }
        fn lists(&self, _: &Context, _: Option<Vec<String>>, _: Option<Vec<u32>>) -> Result<(), Status> { Ok(()) }
        fn many(&self, _: &Context, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, _: u8, _: u8) -> Result<(u8, u8, u8, u8, u8, u8), Status> { Ok((a, b, c, d, e, f)) }
        fn bools(&self, _: &Context, first: bool, second: bool, third: bool, fourth: bool) -> Result<bool, Status> { Ok(first && second && third && fourth) }
        fn similar(&self, _: &Context, _: u8, _: u8, _: Vec<String>, _: u8) -> Result<(), Status> { Ok(()) }
        fn complicated(&self, _: &Context, map: Maps) -> Result<(Maps, u8), Status> { Ok((map, 1)) }
        fn from_nothing(&self, _: &Context) -> Result<u8, Status> { Ok(1) }
        fn into_something(&self, _: &Context) -> Result<(), Status> { Ok(()) }
        fn to_something_mut(&self, _: &Context) -> Result<(), Status> { Ok(()) }
        fn iter(&self, _: &Context) -> Result<(), Status> { Ok(()) }
        fn iter_mut(&self, _: &Context) -> Result<u8, Status> { Ok(1) }
        fn len(&self, _: &Context) -> Result<u64, Status> { Ok(1) }
        fn cmp(&self, _: &Context, other: u8) -> Result<u8, Status> { Ok(other) }
        fn eq(&self, _: &Context, _: u8) -> Result<bool, Status> { Ok(true) }
        fn hash(&self, _: &Context, _: u8) -> Result<(), Status> { Ok(()) }
        fn service(&self, _: &Context) -> Result<(), Status> { Ok(()) }
        fn context(&self, _: &Context, _: &str) -> Result<(), Status> { Ok(()) }
        fn at(&self, _: &Context, _: u8) -> Result<(), Status> { Ok(()) }
    }

    fn client() -> EverythingClient {
        let router = Router::new().add(EverythingServer::new(Echo));
        EverythingClient::new(Channel::in_process(router).expect("a channel in this process"))
    }

    #[test]
    fn parameters_and_results_get_through() -> Result<(), Box<dyn std::error::Error>> {
        let client = client();
        let item = Item { id: 7, name: "seven".to_owned() };
        assert_eq!(client.one(&item)?, item);
        assert_eq!(client.named(&item, 8)?.id, 8);
        client.borrowed("text", b"raw", Some("maybe"), None)?;
        let several = client.several(1, Kind::Other, SystemTime::UNIX_EPOCH, Duration::ZERO, true)?;
        assert_eq!(several, ("Other".to_owned(), Vec::new(), None, vec![1]));
        assert_eq!(client.many(1, 2, 3, 4, 5, 6, 7, 8)?, (1, 2, 3, 4, 5, 6));
        let (first, second) = (client.start_cmp(1)?, client.start_cmp(2)?);
        assert_eq!((second.wait()?, first.wait()?), (2, 1));
        client.tell("a line")?;
        client.tell_much(&[item], Kind::Some)?;
        Ok(())
    }

    /// R52: the writer refuses.
    #[test]
    fn a_declared_error_arrives_as_its_type_and_a_bound_holds_before_anything_is_sent() {
        let error = client().nothing_throws().expect_err("it always fails");
        assert_eq!(error.declared(), Some(&Refused::By { who: "me".to_owned() }));
        let status = client().tell(&"x".repeat(81)).expect_err("80 bytes are the most");
        assert!(status.code() == Code::InvalidArgument && status.message().contains("line: 81 bytes"), "{status}");
    }
}
