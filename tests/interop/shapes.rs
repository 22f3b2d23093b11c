//! Tables, unions and flags between our generated stubs and the Python speaker.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use anyhow::{Result, ensure};
use rpcgen_runtime::{CallError, Channel, Code, Context, Fault, Router, Status};

#[path = "../golden/shapes/mod.rs"]
mod stubs;

use stubs::interop::shapes::{
    Access, Bit, Everything, Key, Level, Mode, Nest, NewerClient, Point, Profile, Refusal, Shape, Shapes, ShapesClient,
    ShapesServer, Tree,
};

/// Gives back what it is given.
struct Echo;

pub(crate) fn router() -> Router {
    Router::new().add(ShapesServer::new(Echo))
}

impl Shapes for Echo {
    fn profile(&self, _: &Context, value: Profile) -> Result<Profile, Status> {
        Ok(value)
    }

    fn everything(&self, _: &Context, value: Everything) -> Result<Everything, Status> {
        Ok(value)
    }

    fn shape(&self, _: &Context, value: Shape) -> Result<Shape, Status> {
        Ok(value)
    }

    fn key(&self, _: &Context, value: Key) -> Result<Key, Status> {
        Ok(value)
    }

    fn tree(&self, _: &Context, value: Tree) -> Result<Tree, Status> {
        Ok(value)
    }

    fn access(&self, _: &Context, value: Access) -> Result<Access, Status> {
        Ok(value)
    }

    fn mode(&self, _: &Context, value: Mode) -> Result<Mode, Status> {
        Ok(value)
    }

    fn nest(&self, _: &Context, value: Nest) -> Result<Nest, Status> {
        Ok(value)
    }

    fn fold(
        &self,
        _: &Context,
        name: &str,
        email: Option<&str>,
        age: u32,
        tags: Vec<String>,
    ) -> Result<Profile, Status> {
        Ok(Profile { name: name.to_owned(), email: email.map(str::to_owned), age, tags })
    }

    fn unfold(&self, _: &Context, value: Profile) -> Result<(String, Option<String>, u32, Vec<String>), Status> {
        Ok((value.name, value.email, value.age, value.tags))
    }

    fn refuse(&self, _: &Context, value: Refusal) -> Result<(), Fault<Refusal>> {
        Err(value.into())
    }
}

/// Calls every method of the Python server with our client.
pub(crate) fn call_theirs(url: &str) -> Result<()> {
    let shapes = ShapesClient::new(Channel::connect(url)?);
    for everything in [Everything::default(), everything()] {
        ensure!(shapes.everything(&everything)? == everything);
    }
    names_are_theirs(&shapes)?;
    unions_come_back(&shapes)?;
    ensure!(shapes.access(Access::from_bits(0x8000_0001))?.unknown_bits() == 0x8000_0000);
    ensure!(shapes.mode(Mode::FAST | Mode::LOUD)? == Mode::all());
    ensure!(shapes.nest(&nest())? == nest());
    later_versions(&shapes, &NewerClient::new(Channel::connect(url)?))
}

/// Their table has what we call `name`, `age` … under these names.
fn names_are_theirs(shapes: &ShapesClient) -> Result<()> {
    let Profile { name, email, age, tags } = ada();
    ensure!(shapes.fold(&name, email.as_deref(), age, &tags)? == ada());
    ensure!(shapes.unfold(&ada())? == (name, email, age, tags));
    ensure!(shapes.profile(&Profile::default())? == Profile::default());
    Ok(())
}

fn unions_come_back(shapes: &ShapesClient) -> Result<()> {
    for shape in every_shape() {
        ensure!(shapes.shape(&shape)? == shape);
        let refusal = Refusal::Person { profile: ada(), shape: Some(shape) };
        ensure!(shapes.refuse(&refusal) == Err(CallError::Declared(refusal)));
    }
    for key in every_key() {
        ensure!(shapes.key(&key)? == key);
        let refusal = Refusal::Keyed(key);
        ensure!(shapes.refuse(&refusal) == Err(CallError::Declared(refusal)));
    }
    ensure!(shapes.refuse(&Refusal::Bare) == Err(CallError::Declared(Refusal::Bare)));
    let leaf = |value| Box::new(Tree::Leaf(value));
    let fork = Tree::Fork { left: leaf(1), right: Some(leaf(-1)) };
    let tree = Tree::Row(vec![fork, Tree::Fork { left: leaf(2), right: None }, Tree::Row(Vec::new())]);
    ensure!(shapes.tree(&tree)? == tree);
    Ok(())
}

/// What only a later version of the interface can make: kept, skipped or refused.
fn later_versions(shapes: &ShapesClient, newer: &NewerClient) -> Result<()> {
    ensure!(newer.profile()? == Profile { name: "Ada".to_owned(), age: 36, ..Profile::default() });
    ensure!(newer.access()? == Access::from_bits(0x8000_0001));
    let shape = newer.shape()?;
    let Shape::Unknown(unknown) = &shape else { anyhow::bail!("{shape:?}") };
    ensure!((unknown.ordinal(), unknown.bytes()) == (77, b"later".as_slice()));
    ensure!(shapes.shape(&shape)? == shape, "it is sent on");
    let fault = newer.refuse();
    let Err(CallError::Status(status)) = &fault else { anyhow::bail!("{fault:?}") };
    ensure!(status.code() == Code::Unknown && status.message().contains("77"), "{status}");
    refused(newer.key(), "result: ", 0)?;
    refused(newer.mode(), "result: ", 0)?;
    refused(newer.unsorted(), "result: ", 10)
}

/// A reply that does not unpack is an internal fault, with its place.
fn refused<T>(answer: Result<T, Status>, path: &str, byte: usize) -> Result<()> {
    let Err(status) = answer else { anyhow::bail!("it was taken") };
    ensure!(status.code() == Code::Internal, "{status}");
    ensure!(status.message().contains(path) && status.message().contains(&format!("byte {byte})")), "{status}");
    Ok(())
}

fn ada() -> Profile {
    let tags = vec!["x".to_owned(), "é".to_owned()];
    Profile { name: "Ada".to_owned(), email: Some("a@b".to_owned()), age: 36, tags }
}

fn every_key() -> [Key; 4] {
    [Key::Id(u64::MAX), Key::Name("hé".to_owned()), Key::Nobody, Key::Both { id: 0, mode: Mode::LOUD }]
}

fn every_shape() -> [Shape; 7] {
    [
        Shape::Circle(-0.5),
        Shape::Square { side: 2.0 },
        Shape::Nothing,
        Shape::Row(vec![Shape::Nothing, Shape::Row(vec![Shape::Circle(1.0)])]),
        Shape::Owner(ada()),
        Shape::Locked(Key::Nobody),
        Shape::Granted { access: Access::READ | Access::WRITE, to: Some(Profile::default()) },
    ]
}

/// No field has the value that it has where it is absent.
fn everything() -> Everything {
    Everything {
        flag: true,
        tiny: Some(-1),
        level: Level::High,
        mode: Mode::all(),
        short: i16::MIN,
        wide: Some(0),
        bit: Bit::One,
        access: Access::WRITE,
        ratio: 0.25,
        number: Some(i32::MAX),
        when: SystemTime::UNIX_EPOCH - Duration::from_nanos(1),
        wait: Duration::from_nanos(u64::MAX),
        big: Some(1 << 63),
        warmth: -1.5,
        name: String::new(),
        blob: vec![0, 255],
        numbers: vec![1, 2],
        fixed: [1, 2, 3],
        ages: BTreeMap::from([("é".to_owned(), 1), ("z".to_owned(), 2)]),
        point: Point { x: 1.0, y: 2.0 },
        inner: ada(),
        shape: Some(Shape::Owner(ada())),
        key: Some(Key::Both { id: 7, mode: Mode::FAST }),
        refusal: Some(Refusal::Keyed(Key::Nobody)),
        nick: Some(String::new()),
        perhaps: vec![None, Some(0), Some(-1)],
        more: Some(Box::default()),
        last: 255,
    }
}

fn nest() -> Nest {
    Nest {
        shapes: every_shape().into(),
        keys: every_key().into_iter().enumerate().map(|(place, key)| (format!("k{place}"), key)).collect(),
        profiles: BTreeMap::from([(7, ada()), (256, Profile::default())]),
        accesses: [Access::READ, Access::from_bits(8)],
        modes: vec![Mode::empty(), Mode::all()],
        best: Some(ada()),
        chosen: Some(Key::Nobody),
        levels: BTreeMap::from([(Level::Low, Vec::new()), (Level::from(9), vec![Shape::Nothing])]),
        refusals: vec![Refusal::Bare, Refusal::Keyed(Key::Id(1))],
        point: Point { x: f64::MIN, y: -0.0 },
    }
}
