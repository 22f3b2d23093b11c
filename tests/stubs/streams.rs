//! Methods with streams: what is sent arrives as it was, in order, and a stream that fails says why.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rpcgen_runtime::stream::{Receiver, Sender};
use rpcgen_runtime::{CallError, Channel, Code, Context, Fault, Router, Status};

use super::streams::golden::streams::{
    Both, BothClient, BothServer, Down, DownClient, DownServer, Fixed, Level, Reading, Refused, Up, UpClient, UpServer,
    Varying, Words,
};

/// Does what each method is named for.
struct Desk;

fn refused(who: &str) -> Refused {
    Refused::By { who: who.to_owned() }
}

fn varying(name: &str) -> Varying {
    Varying { name: name.to_owned(), parts: vec![Fixed { a: 7, b: *b"four" }] }
}

/// A status of a stream is one of the method.
fn all<T>(items: Receiver<T>) -> Result<Vec<T>, Status> {
    items.collect()
}

#[rustfmt::skip]
impl Down for Desk {
    fn primes(&self, _: &Context, limit: u64, items: Sender<u64>) -> Result<(), Status> {
        items.send_all((2..limit).filter(|number| (2..*number).all(|other| number % other != 0)))
    }
    fn ticks(&self, _: &Context, items: Sender<SystemTime>) -> Result<(), Status> {
        items.send_all((0..3).map(|second| SystemTime::UNIX_EPOCH + Duration::from_secs(second)))
    }
    fn words(&self, _: &Context, text: &str, items: Sender<str>) -> Result<(), Fault<Refused>> {
        text.split(' ').try_for_each(|word| items.send(word))?;
        Err(refused("me").into())
    }
    fn parts(&self, _: &Context, raw: &[u8], size: Option<u32>, items: Sender<[u8]>) -> Result<(), Status> {
        items.send_all(raw.chunks(size.map_or(1, |size| size as usize)))
    }
    fn lists(&self, _: &Context, _: Vec<Fixed>, items: Sender<[Varying]>) -> Result<(), Fault<Refused>> {
        Ok(items.send(&vec![varying("x"); 11])?)
    }
    fn fixed(&self, _: &Context, a: Fixed, items: Sender<Fixed>) -> Result<(), Status> { items.send(&a) }
    fn varying(&self, _: &Context, item: u8, items: Sender<Varying>) -> Result<(), Status> { items.send(&varying(&item.to_string())) }
    fn readings(&self, _: &Context, items: Sender<Option<Reading>>) -> Result<(), Status> {
        items.send_all([None, Some(Reading { at: None, value: 0.5 })])
    }
    fn levels(&self, _: &Context, level: Level, items: Sender<Level>) -> Result<(), Status> { items.send(&level) }
    fn maps(&self, _: &Context, items: Sender<BTreeMap<String, Vec<u32>>>) -> Result<(), Status> {
        items.send(&[("a".to_owned(), vec![1, 2])].into())
    }
    fn arrays(&self, _: &Context, items: Sender<[String; 3]>) -> Result<(), Status> { items.send(&["a", "b", "c"].map(str::to_owned)) }
    fn aliases(&self, _: &Context, items: Sender<[String]>) -> Result<(), Status> { items.send(&["word".to_owned()]) }
    fn soon(&self, _: &Context, context: u8, items: Sender<u8>) -> Result<(), Status> { items.send(&context) }
    fn old(&self, _: &Context, items: Sender<bool>) -> Result<(), Status> { items.send(&true) }
}

#[rustfmt::skip]
impl Up for Desk {
    fn sum(&self, _: &Context, values: Receiver<i64>) -> Result<i64, Status> { values.sum() }
    fn drain(&self, _: &Context, items: Receiver<String>) -> Result<(), Status> { all(items).map(drop) }
    fn store(&self, _: &Context, key: &str, parts: Receiver<Vec<u8>>) -> Result<(u64, SystemTime), Fault<Refused>> {
        let size = all(parts)?.concat().len();
        if key.is_empty() { Err(refused("nobody").into()) } else { Ok((size as u64, SystemTime::UNIX_EPOCH)) }
    }
    fn lists(&self, _: &Context, _: u8, items: Receiver<Vec<Varying>>) -> Result<Fixed, Status> {
        Ok(all(items)?.concat().last().map_or(Fixed::default(), |last| last.parts[0]))
    }
    fn fixed(&self, _: &Context, context: Receiver<Fixed>) -> Result<Level, Status> { all(context).map(|all| if all.len() > 1 { Level::High } else { Level::Low }) }
    fn optional(&self, _: &Context, values: Receiver<Option<String>>) -> Result<u8, Status> { all(values).map(|all| all.iter().flatten().map(|_| 1).sum()) }
    fn refused(&self, _: &Context, _: Receiver<Level>) -> Result<(), Fault<Refused>> { Err(refused("all").into()) }
    fn sum2(&self, _: &Context, value: i64, values: Receiver<i64>) -> Result<i64, Status> { values.map(|other| Ok(other? + value)).sum() }
    fn start_sum(&self, _: &Context, values: Receiver<u8>) -> Result<(), Status> { all(values).map(drop) }
}

#[rustfmt::skip]
#[expect(clippy::many_single_char_names, reason = "the names are the interface's")]
impl Both for Desk {
    fn chat(&self, _: &Context, name: &str, mut messages: Receiver<String>, items: Sender<str>) -> Result<(), Status> {
        messages.try_for_each(|message| items.send(&format!("{name}: {}", message?)))
    }
    fn echo(&self, _: &Context, mut items: Receiver<Varying>, rpc_items: Sender<Varying>) -> Result<(), Fault<Refused>> {
        items.try_for_each(|item| rpc_items.send(&item?))?;
        Err(refused("echo").into())
    }
    fn double(&self, _: &Context, rpc: u8, item: u8, mut items: Receiver<i64>, rpc_items: Sender<i64>) -> Result<(), Status> {
        items.try_for_each(|value| rpc_items.send(&(value? * i64::from(rpc + item))))
    }
    fn many(&self, _: &Context, a: u8, b: u8, c: u8, d: u8, e: u8, f: Receiver<Fixed>, items: Sender<[Vec<u8>]>) -> Result<(), Status> {
        let all = all(f)?;
        items.send(&[vec![a, b, c, d, e], all.iter().flat_map(|fixed| fixed.b).collect()])
    }
}

fn channel() -> Channel {
    let router = Router::new().add(DownServer::new(Desk)).add(UpServer::new(Desk)).add(BothServer::new(Desk));
    Channel::in_process(router).expect("a channel in this process")
}

#[test]
fn items_of_every_type_come_from_a_server() -> Result<(), Status> {
    let down = DownClient::new(channel());
    assert_eq!(all(down.primes(12)?)?, [2, 3, 5, 7, 11]);
    assert_eq!(all(down.primes(10_000)?)?.len(), 1_229);
    assert_eq!(all(down.ticks()?)?.len(), 3);
    assert_eq!(all(down.parts(b"abcde", Some(2))?)?, [&b"ab"[..], b"cd", b"e"]);
    assert_eq!(all(down.fixed(&Fixed { a: 1, b: [2; 4] })?)?, [Fixed { a: 1, b: [2; 4] }]);
    assert_eq!(all(down.varying(9)?)?, [varying("9")]);
    assert_eq!(all(down.readings()?)?, [None, Some(Reading { at: None, value: 0.5 })]);
    assert_eq!(all(down.levels(Level::High)?)?, [Level::High]);
    assert_eq!(all(down.maps()?)?, [[("a".to_owned(), vec![1, 2])].into()]);
    assert_eq!(all(down.arrays()?)?, [["a", "b", "c"].map(str::to_owned)]);
    let words: Vec<Words> = all(down.aliases()?)?;
    assert_eq!(words, [["word"]]);
    assert_eq!(all(down.soon(4)?)?, [4]);
    Ok(())
}

#[test]
fn a_declared_error_comes_behind_the_items() {
    let down = DownClient::new(channel());
    let items: Vec<_> = down.words("two words").expect("it is sent").collect();
    let expected = [Ok("two".to_owned()), Ok("words".to_owned()), Err(CallError::Declared(refused("me")))];
    assert!(
        items.iter().zip(&expected).all(|(item, expected)| format!("{item:?}") == format!("{expected:?}")),
        "{items:?}"
    );
    assert_eq!(items.len(), 3);
}

#[test]
fn items_are_summed_up_by_a_server() -> Result<(), Status> {
    let up = UpClient::new(channel());
    let mut sum = up.sum()?;
    sum.send(&1)?;
    sum.send_all(2..=1000)?;
    assert_eq!(sum.finish()?, 500_500);
    assert_eq!(up.drain()?.finish(), Ok(()));
    let mut lists = up.lists(1)?;
    lists.send(&[varying("a"), varying("b")])?;
    assert_eq!(lists.finish()?, Fixed { a: 7, b: *b"four" });
    let mut fixed = up.fixed()?;
    fixed.send_all([Fixed::default(); 2])?;
    assert_eq!(fixed.finish()?, Level::High);
    let mut optional = up.optional()?;
    optional.send_all([None, Some("some".to_owned())])?;
    assert_eq!(optional.finish()?, 1);
    Ok(())
}

#[test]
fn a_declared_error_comes_in_place_of_the_results() -> Result<(), CallError<Refused>> {
    let up = UpClient::new(channel());
    let mut store = up.store("key")?;
    store.send_all([b"ab", b"cd"].map(|part| part.to_vec()))?;
    assert_eq!(store.finish()?.0, 4);
    let error = up.store("")?.finish().expect_err("the key is empty");
    assert_eq!(error.declared(), Some(&refused("nobody")));
    Ok(())
}

#[test]
fn items_go_both_ways_at_once() -> Result<(), Status> {
    let both = BothClient::new(channel());
    let (messages, mut answers) = both.chat("Ada")?;
    for message in ["hello", "goodbye"] {
        messages.send(message)?;
        assert_eq!(answers.next(), Some(Ok(format!("Ada: {message}"))));
    }
    messages.finish();
    assert_eq!(answers.next(), None);

    let (values, doubled) = both.double(1, 1)?;
    values.send_all([1, 2, 3])?;
    values.finish();
    assert_eq!(all(doubled)?, [2, 4, 6]);

    let (fixed, lists) = both.many(1, 2, 3, 4, 5)?;
    fixed.send(&Fixed { a: 0, b: [6, 7, 8, 9] })?;
    fixed.finish();
    assert_eq!(all(lists)?, [[vec![1, 2, 3, 4, 5], vec![6, 7, 8, 9]]]);
    Ok(())
}

/// R52: the writer refuses.
#[test]
fn a_bound_on_items_holds_on_both_sides() -> Result<(), Status> {
    let channel = channel();
    let mut drain = UpClient::new(channel.clone()).drain()?;
    let status = drain.send(&"x".repeat(65)).expect_err("64 bytes are the most");
    assert!(status.code() == Code::InvalidArgument && status.message().contains("items: 65 bytes"), "{status}");

    let mut lists = DownClient::new(channel).lists(&[]).expect("it is sent");
    let error = lists.next().expect("there is something").expect_err("10 elements are the most");
    let status = error.status().expect("it is no declared error");
    assert!(status.code() == Code::Internal && status.message().contains("result: 11 elements"), "{status}");
    Ok(())
}
