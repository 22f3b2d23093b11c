//! Streams between our generated stubs and the Python speaker.

use std::thread;

use anyhow::{Result, ensure};
use rpcgen_runtime::stream::{Receiver, Sender};
use rpcgen_runtime::{AsyncChannel, CallError, Channel, Code, Context, Fault, Router, Status};

#[path = "../golden/streams/mod.rs"]
mod stubs;

use stubs::golden::streams::{
    AsyncBothClient, AsyncMixedClient, Both, BothClient, BothServer, Fixed, Mixed, MixedClient, MixedServer, Refused,
    Varying,
};

/// The limit of `primes` that fails behind its items.
const UNLUCKY: u64 = 13;

/// What the server in Python does too.
struct Desk;

pub(crate) fn serve(router: Router) -> Router {
    router.add(MixedServer::new(Desk)).add(BothServer::new(Desk))
}

fn primes(limit: u64) -> Vec<u64> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(1 << 20);
    let mut is_prime = vec![true; limit];
    let mut found = Vec::new();
    for number in 2..limit {
        if is_prime[number] {
            found.push(number as u64);
            (number * number..limit).step_by(number).for_each(|multiple| is_prime[multiple] = false);
        }
    }
    found
}

fn refused() -> Refused {
    Refused::By { who: "sum".to_owned() }
}

impl Mixed for Desk {
    fn add(&self, _: &Context, a: i32, b: i32) -> Result<i32, Status> {
        Ok(a.wrapping_add(b))
    }

    fn primes(&self, _: &Context, limit: u64, items: Sender<u64>) -> Result<(), Status> {
        items.send_all(primes(limit))?;
        if limit == UNLUCKY { Err(Status::aborted("unlucky")) } else { Ok(()) }
    }

    fn note(&self, _: &Context, _: &str) {}

    fn sum(&self, _: &Context, mut values: Receiver<i64>) -> Result<i64, Fault<Refused>> {
        values.try_fold(0, |sum, value| match value? {
            ..0 => Err(refused().into()),
            value => Ok(sum + value),
        })
    }
}

impl Both for Desk {
    fn chat(&self, _: &Context, name: &str, mut messages: Receiver<String>, items: Sender<str>) -> Result<(), Status> {
        messages.try_for_each(|message| items.send(&format!("{name}: {}", message?)))
    }

    fn echo(&self, _: &Context, mut items: Receiver<Varying>, back: Sender<Varying>) -> Result<(), Fault<Refused>> {
        items.try_for_each(|item| Ok(back.send(&item?)?))
    }

    fn double(&self, _: &Context, _: u8, _: u8, mut items: Receiver<i64>, back: Sender<i64>) -> Result<(), Status> {
        items.try_for_each(|item| back.send(&(item? * 2)))
    }

    fn many(
        &self,
        _: &Context,
        _: u8,
        _: u8,
        _: u8,
        _: u8,
        _: u8,
        _: Receiver<Fixed>,
        _: Sender<[Vec<u8>]>,
    ) -> Result<(), Status> {
        Ok(())
    }
}

/// Calls the Python server with our blocking client.
pub(crate) fn call_theirs(url: &str) -> Result<()> {
    let channel = Channel::connect(url)?;
    let (mixed, both) = (MixedClient::new(channel.clone()), BothClient::new(channel));
    for limit in [0, 3, 200_000] {
        ensure!(mixed.primes(limit)?.collect::<Result<Vec<_>, _>>()? == primes(limit));
    }
    let unlucky: Vec<_> = mixed.primes(UNLUCKY)?.collect();
    ensure!(unlucky.len() == 6 && fails(&unlucky[5]) == Some(Code::Aborted), "{unlucky:?}");
    let mut cancelled = mixed.primes(1_000_000)?;
    ensure!(cancelled.next() == Some(Ok(2)));
    drop(cancelled);
    let mut sum = mixed.sum()?;
    sum.send(&1)?;
    sum.send_all(0..50_000)?;
    ensure!(sum.finish()? == 1_249_975_001);
    let mut early = mixed.sum()?;
    early.send(&-1)?;
    ensure!(early.send_all(0..1_000_000) == Err(CallError::Declared(refused())));
    chat(&both)?;
    ensure!(mixed.add(2, 3)? == 5);
    Ok(())
}

fn fails<T>(result: &Result<T, Status>) -> Option<Code> {
    result.as_ref().err().map(Status::code)
}

fn message(number: u32) -> String {
    format!("{number} {}", "x".repeat(100))
}

fn chat(both: &BothClient) -> Result<()> {
    let (messages, answers) = both.chat("Ada")?;
    let sending = thread::spawn(move || {
        (0..3000).try_for_each(|number| messages.send(&message(number))).map(|()| messages.finish())
    });
    let heard = answers.collect::<Result<Vec<_>, _>>()?;
    sending.join().expect("no panic")?;
    ensure!(heard.iter().map(String::as_str).eq((0..3000).map(|number| format!("Ada: {}", message(number)))));
    Ok(())
}

/// Calls the Python server with our client on tokio.
pub(crate) async fn call_theirs_in_a_task(url: String) -> Result<()> {
    let channel = AsyncChannel::connect(&url).await?;
    let (mixed, both) = (AsyncMixedClient::new(channel.clone()), AsyncBothClient::new(channel));
    let (mut items, mut found) = (mixed.primes(200_000).await?, Vec::new());
    while let Some(item) = items.next().await {
        found.push(item?);
    }
    ensure!(found == primes(200_000));
    let mut cancelled = mixed.primes(1_000_000).await?;
    ensure!(cancelled.next().await == Some(Ok(2)));
    drop(cancelled);
    let mut sum = mixed.sum().await?;
    sum.send_all(0..50_000).await?;
    ensure!(sum.finish().await? == 1_249_975_000);
    let mut early = mixed.sum().await?;
    early.send(&-1).await?;
    ensure!(early.send_all(0..1_000_000).await == Err(CallError::Declared(refused())));
    let (messages, mut answers) = both.chat("Ada").await?;
    let sending = tokio::spawn(async move {
        for number in 0..3000 {
            messages.send(&message(number)).await?;
        }
        messages.finish();
        Ok::<_, Status>(())
    });
    for number in 0..3000 {
        ensure!(answers.next().await == Some(Ok(format!("Ada: {}", message(number)))));
    }
    ensure!(answers.next().await.is_none());
    sending.await??;
    ensure!(mixed.add(2, 3).await? == 5);
    Ok(())
}
