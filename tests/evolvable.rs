//! Tables, unions and flags as generated code: they come back as they were, versions of an interface read one another, and
//! what is frozen refuses what it does not know.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use rpcgen_runtime::pack::{Pack, PackLimits, Packer, Unpack, UnpackError, UnpackLimits, Unpacker};

#[path = "golden/flags/mod.rs"]
mod flags;
#[path = "golden/tables/mod.rs"]
mod tables;
#[path = "golden/unions/mod.rs"]
mod unions;

#[path = "evolvable/versions.rs"]
mod versions;

use flags::golden::flags::{Access, Door, Doors, Full, Long, Mode, Nothing, Wide};
use tables::golden::tables::{
    Colour, Defaults, Empty, Everything, Level, Node, OneMaybe, Optionals, Point, Profile, Stamp,
};
use unions::golden::unions::{Block, Circle, Drawing, Expr, Key, Label, Named, Shape, Small, Wrapped};

fn packed(value: &impl Pack) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.pack(&mut Packer::new(&mut bytes, &PackLimits::default())).expect("it is within its bounds");
    bytes
}

fn unpacked<T: for<'a> Unpack<'a>>(bytes: &[u8]) -> Result<T, UnpackError> {
    let mut input = Unpacker::new(bytes, &UnpackLimits::default());
    T::unpack(&mut input).and_then(|value| input.end().map(|()| value))
}

/// It unpacks to itself, and no shorter text of bytes unpacks to anything.
fn round_trip<T: Pack + PartialEq + Debug + for<'a> Unpack<'a>>(value: &T) -> Result<(), TestCaseError> {
    let bytes = packed(value);
    let back = unpacked::<T>(&bytes);
    prop_assert_eq!(back.as_ref().ok(), Some(value));
    prop_assert!(bytes.len() >= T::MIN_SIZE);
    for end in 0..bytes.len() {
        prop_assert!(unpacked::<T>(&bytes[..end]).is_err(), "{end} of {} bytes are enough", bytes.len());
    }
    Ok(())
}

fn profile() -> impl Strategy<Value = Profile> {
    (".{0,9}", any::<Option<String>>(), any::<u32>(), prop::collection::vec("[a-z]{0,9}", 0..3))
        .prop_map(|(name, email, age, tags)| Profile { name, email, age, tags })
}

fn optionals() -> impl Strategy<Value = Optionals> {
    let numbers = (any::<Option<bool>>(), any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<Vec<u32>>>());
    let texts = (prop::option::of("[a-z]{0,8}"), any::<Option<Vec<u8>>>(), any::<Option<String>>());
    let others = (prop::option::of(profile()), any::<Option<[String; 2]>>(), any::<Option<BTreeMap<u8, bool>>>());
    (numbers, texts, others).prop_map(|((flag, level, seconds, numbers), (name, raw, maybe), others)| Optionals {
        flag,
        level: level.map(Colour::from),
        access: flag.map(|flag| {
            if flag { tables::golden::tables::Access::READ } else { tables::golden::tables::Access::empty() }
        }),
        at: seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.into())),
        took: seconds.map(|seconds| Duration::from_nanos(seconds.into())),
        numbers,
        names: maybe.clone().map(|name| vec![Some(name), None]),
        nickname: name.clone(),
        name,
        raw,
        pairs: others.2,
        point: seconds.map(|x| Point { x: x.into(), y: -1.0 }),
        corners: flag.map(|_| [Point { x: 1.0, y: 2.0 }; 4]),
        texts: others.1,
        profile: others.0,
        maybe,
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        (-1e9..1e9).prop_map(|radius| Shape::Circle(Circle { radius })),
        (-1e9..1e9).prop_map(|side| Shape::Square { side }),
        Just(Shape::Nothing),
        "[a-z]{0,16}".prop_map(Shape::Text),
        prop::collection::vec(".{0,4}", 0..4)
            .prop_map(|texts| Shape::Labels(texts.into_iter().map(|text| Label { text }).collect())),
        Just(Shape::Empty {}),
        prop::option::of(".{0,4}").prop_map(|text| Shape::Label(text.map(|text| Label { text }))),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        any::<u64>().prop_map(Key::Id),
        "[a-z]{0,32}".prop_map(Key::Name),
        any::<(u64, String)>().prop_map(|(id, name)| Key::Both { id, name }),
        Just(Key::Nothing),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    any::<i64>().prop_map(Expr::Number).prop_recursive(4, 16, 3, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed.clone().prop_map(Expr::Negated),
            (boxed.clone(), boxed.clone()).prop_map(|(left, right)| Expr::Sum { left, right }),
            (".{0,3}", prop::collection::vec(inner.clone(), 0..3), prop::option::of(boxed.clone()))
                .prop_map(|(name, arguments, perhaps)| Expr::Call { name, arguments, perhaps }),
            (boxed.clone(), boxed.clone()).prop_map(|(left, right)| Expr::Pair([left, right])),
            (prop::option::of(boxed.clone()), prop::collection::vec(inner, 0..3), prop::option::of(key()))
                .prop_map(|(first, rest, key)| Expr::Block(Box::new(Block { first, rest, key }))),
            boxed.prop_map(|expr| {
                let named = Named { name: String::new(), value: Some(Box::new(Wrapped::Plain(expr))) };
                Expr::Wrapped(Box::new(Wrapped::Twice(Box::new(Wrapped::Named(Box::new(named))))))
            }),
        ]
    })
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = any::<i32>().prop_map(|value| Node { value, ..Node::default() });
    leaf.prop_recursive(3, 8, 2, |inner| {
        let maybe = prop::option::of(inner.clone());
        (prop::collection::vec(inner.clone(), 0..2), maybe.clone(), maybe, inner).prop_map(
            |(children, next, maybe, last)| Node {
                next: next.clone().map(Box::new),
                children,
                halves: [None, next.clone().map(Box::new)],
                both: next.map(|next| Box::new([next, Node::default()])),
                maybes: Box::new([maybe.clone(), None]),
                named: [("last".to_owned(), last)].into(),
                maybe: Box::new(maybe),
                ..Node::default()
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn tables_come_back_as_they_were(profile in profile(), optionals in optionals(), node in node(), at in any::<u32>()) {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at.into());
        let stamp = Stamp { at, took: Duration::from_nanos(7) };
        round_trip(&Everything { last: 9, at, times: [at; 2], stamp, stamps: vec![stamp], profile, ..Default::default() })?;
        round_trip(&optionals)?;
        round_trip(&node)?;
        round_trip(&OneMaybe { only: optionals.took.map(|_| 7) })?;
        round_trip(&Empty {})?;
    }

    #[test]
    fn unions_come_back_as_they_were(shape in shape(), key in key(), expr in expr()) {
        round_trip(&shape)?;
        round_trip(&key)?;
        round_trip(&expr)?;
        let by = [("key".to_owned(), key.clone())].into();
        round_trip(&Drawing { shapes: vec![shape.clone()], by, frame: Some(shape), keys: [key.clone(), key] })?;
        round_trip(&Small::B { x: 1, y: 2 })?;
    }

    #[test]
    fn flags_come_back_as_they_were(bits: u32, wide: u64, full: u16) {
        let access = Access::from_bits(bits);
        let modes = [Mode::empty(), Mode::FAST | Mode::SAFE];
        let doors = Doors { rights: vec![access], by_name: BTreeMap::new(), wide: Some(Wide::from_bits(wide)), modes };
        round_trip(&doors)?;
        prop_assert_eq!(Full::try_from(full).map(Full::bits), Ok(full), "all of its bits are known");
        let unknown = access - Access::all();
        prop_assert_eq!(access.unknown_bits(), unknown.bits());
        prop_assert_eq!((access & Access::all()) | unknown, access);
        prop_assert_eq!(!!access, access & Access::all());
    }
}

#[test]
fn flags_are_sets_of_their_members() {
    const READ_WRITE: Access = Access::READ.union(Access::WRITE);
    let mut access = Access::READ;
    access |= Access::WRITE;
    assert_eq!(access, READ_WRITE);
    assert!(
        access.contains(Access::READ) && !access.contains(Access::EVERYTHING) && access.intersects(Access::EVERYTHING)
    );
    access ^= Access::READ;
    access -= Access::WRITE;
    assert!(access.is_empty() && access == Access::default());
    access = !Access::READ;
    access &= READ_WRITE;
    assert_eq!(access, Access::WRITE);
    assert_eq!(Mode::try_from(0x14).expect_err("there are two bits").to_string(), "Mode has no bits 0x14");
}

#[test]
fn flags_show_the_names_of_their_members() {
    let text = |bits| format!("{:?}", Access::from_bits(bits));
    assert_eq!(text(0), "Access(empty)");
    assert_eq!(text(3), "Access(READ | WRITE)");
    assert_eq!(text(0x0100_0001), "Access(READ | 0x1000000)");
    assert_eq!(text(0x0100_0000), "Access(0x1000000)");
    assert_eq!(format!("{:?}", Access::EVERYTHING), "Access(READ | WRITE | EVERYTHING)");
    assert_eq!(format!("{:?} {:?}", Nothing::NONE, Long::all()), "Nothing(empty) Long(ONE)");
    assert_eq!(format!("{:?}", Full::all()), "Full(ALL)", "what it combines is not told again");
}

#[test]
fn what_is_absent_reads_as_its_default() {
    assert_eq!(unpacked::<Defaults>(&[0; 4]).ok(), Some(Defaults::default()));
    assert_eq!(unpacked::<Everything>(&[0; 4]).ok(), Some(Everything::default()));
    assert_eq!(unpacked::<Node>(&[0; 4]).ok(), Some(Node::default()));
    let Defaults { whole, ref text, level, time, .. } = Defaults::default();
    assert_eq!((whole, text.as_str(), level, time), (-7, "a \"text\"\n", Level::High, Duration::from_millis(250)));
    let Everything { at, many, ref texts, .. } = Everything::default();
    assert_eq!((at, many, texts.iter().all(String::is_empty)), (SystemTime::UNIX_EPOCH, [0; 100], true));
}

#[test]
fn fields_are_written_ascending_and_optionals_only_if_they_are_there() {
    // @1 empty, @3 18, @5 no elements; and no @2.
    let bytes = b"\0\0\0\x16\0\x0c\0\0\0\0\0\x1a\0\0\0\x12\0\x2c\0\0\0\x04\0\0\0\0";
    assert_eq!(packed(&Profile::default()), bytes);
    let ordinals: Vec<_> = fields_of(&packed(&Everything::default()));
    assert_eq!(ordinals, (1..=24).chain([8191]).collect::<Vec<_>>());
}

/// The ordinals of the fields of a packed table.
fn fields_of(table: &[u8]) -> Vec<u16> {
    let (mut rest, mut ordinals) = (&table[4..], Vec::new());
    while let [high, low, value @ ..] = rest {
        let key = u16::from_be_bytes([*high, *low]);
        ordinals.push(key / 8);
        let size = match key % 8 {
            4 => 4 + u32::from_be_bytes(value[..4].try_into().expect("four bytes")) as usize,
            class => 1 << class,
        };
        rest = &value[size..];
    }
    ordinals
}

#[test]
fn what_is_frozen_refuses_what_it_does_not_know_and_says_where() {
    let drawing = b"\0\0\0\0\0\0\0\x01\0\0\0\x01k\0\x09";
    let error = unpacked::<Drawing>(drawing).expect_err("keys have no variant 9");
    assert_eq!(error.to_string(), "by[\"k\"]: @9 is no variant of Key (at byte 13)");
    let door = [0, 0, 0, 1, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut input = Unpacker::new(&door, &UnpackLimits::default());
    let error = input.fixed::<Door>().expect_err("modes have two bits");
    assert_eq!(error.to_string(), "mode: Mode has no bits 0x14 (at byte 4)");
    let wrong_class = b"\0\0\0\x0a\0\x18\x01\0\0\0\0\0\0\0";
    let error = unpacked::<Profile>(wrong_class).expect_err("ages have class 2");
    assert!(error.to_string().starts_with("age: class 0 (1 byte) came where class 2 (4 bytes) is expected"), "{error}");
}

#[test]
fn a_value_that_nests_too_deep_is_refused_on_both_sides() {
    let negated = (0..100).fold(Expr::Number(1), |expr, _| Expr::Negated(Box::new(expr)));
    let mut bytes = Vec::new();
    let refused = negated.pack(&mut Packer::new(&mut bytes, &PackLimits::default())).expect_err("100 are too many");
    assert!(refused.to_string().contains("nested deeper than 64 levels"), "{refused}");
    let node = (0..100).fold(Node::default(), |next, _| Node { next: Some(Box::new(next)), ..Node::default() });
    let refused = node.pack(&mut Packer::new(&mut bytes, &PackLimits::default())).expect_err("100 are too many");
    assert!(refused.to_string().contains("nested deeper than 64 levels"), "{refused}");
    let twice = b"\0\x02".repeat(10_000);
    let refused = unpacked::<Wrapped>(&twice).expect_err("10,000 are too many");
    assert!(refused.to_string().contains("nested deeper than 64 levels"), "{refused}");
}

mod calls {
    //! The new kinds as parameters and results.

    use rpcgen_runtime::{Channel, Context, Fault, Router, Status};

    use super::flags::golden::flags::{Gate, GateClient, GateServer, Refused, Rights};
    use super::unions::golden::unions::{Canvas, CanvasClient, CanvasServer};
    use super::*;

    struct Echo;

    impl Canvas for Echo {
        fn draw(&self, _: &Context, shape: Shape, key: Key, maybe: Option<Small>) -> Result<(Shape, Key), Status> {
            if maybe == Some(Small::A(1)) { Ok((shape, key)) } else { Err(Status::invalid_argument("no")) }
        }

        fn eval(&self, _: &Context, expr: Expr) -> Result<Wrapped, Status> {
            Ok(Wrapped::Plain(Box::new(expr)))
        }
    }

    impl Gate for Echo {
        fn open(
            &self,
            _: &Context,
            access: Access,
            mode: Option<Mode>,
            rights: Rights,
        ) -> Result<Access, Fault<Refused>> {
            match mode {
                None => Ok(access | rights),
                Some(mode) => Err(Refused::Mode(mode).into()),
            }
        }
    }

    #[test]
    fn unions_and_flags_get_through() -> Result<(), Box<dyn std::error::Error>> {
        let router = Router::new().add(CanvasServer::new(Echo)).add(GateServer::new(Echo));
        let channel = Channel::in_process(router)?;
        let canvas = CanvasClient::new(channel.clone());
        let (shape, key) = (Shape::Square { side: 2.0 }, Key::Both { id: 7, name: "seven".to_owned() });
        assert_eq!(canvas.draw(&shape, &key, Some(&Small::A(1)))?, (shape, key));
        let expr = Expr::Negated(Box::new(Expr::Number(1)));
        assert_eq!(canvas.eval(&expr)?, Wrapped::Plain(Box::new(expr)));
        let gate = GateClient::new(channel);
        let unknown = Access::from_bits(0x40);
        assert_eq!(gate.open(Access::READ, None, unknown)?, Access::READ | unknown);
        let refused = gate.open(Access::READ, Some(Mode::SAFE), unknown).expect_err("modes are refused");
        assert_eq!(refused.declared(), Some(&Refused::Mode(Mode::SAFE)));
        Ok(())
    }
}
