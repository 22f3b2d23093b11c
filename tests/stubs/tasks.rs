//! Asynchronous stubs: each kind of client calls each kind of service.

use rpcgen_runtime::stream::{AsyncReceiver, AsyncSender, Receiver, Sender};
use rpcgen_runtime::{AsyncChannel, CallError, Channel, Code, Context, Fault, Router, Status, TokioServer};
use tokio::runtime::{Builder, Runtime};

use super::streams::golden::streams::{
    AsyncMixed, AsyncMixedClient, AsyncMixedServer, Mixed, MixedClient, MixedServer, Refused,
};
use super::tokio_only::golden::tokio_only::{
    AsyncMixed as AsyncOnly, AsyncMixedClient as AsyncOnlyClient, AsyncMixedServer as AsyncOnlyServer, Point,
    Refused as RefusedOnly,
};

struct Desk;

/// What the sum of no values fails with.
fn nothing() -> Refused {
    Refused::By { who: "nothing".to_owned() }
}

#[rustfmt::skip]
impl Mixed for Desk {
    fn add(&self, _: &Context, a: i32, b: i32) -> Result<i32, Status> { Ok(a + b) }
    fn primes(&self, _: &Context, limit: u64, items: Sender<u64>) -> Result<(), Status> { items.send_all(2..limit) }
    fn note(&self, _: &Context, _: &str) {}
    fn sum(&self, _: &Context, values: Receiver<i64>) -> Result<i64, Fault<Refused>> {
        let values = values.collect::<Result<Vec<_>, _>>()?;
        if values.is_empty() { Err(nothing().into()) } else { Ok(values.iter().sum()) }
    }
}

#[rustfmt::skip]
impl AsyncMixed for Desk {
    async fn add(&self, context: &Context, a: i32, b: i32) -> Result<i32, Status> {
        context.append_reply_metadata("served-by", "a task");
        Ok(a + b)
    }
    async fn primes(&self, _: &Context, limit: u64, items: AsyncSender<u64>) -> Result<(), Status> { items.send_all(2..limit).await }
    async fn note(&self, _: &Context, _: &str) {}
    async fn sum(&self, _: &Context, mut values: AsyncReceiver<i64>) -> Result<i64, Fault<Refused>> {
        let mut sum = None;
        while let Some(value) = values.next().await {
            sum = Some(sum.unwrap_or(0) + value?);
        }
        Ok(sum.ok_or_else(nothing)?)
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("there is a runtime")
}

fn routers() -> [Router; 2] {
    [Router::new().add(MixedServer::new(Desk)), Router::new().add_async(AsyncMixedServer::new(Desk))]
}

#[test]
fn a_blocking_client_calls_either_service() -> Result<(), CallError<Refused>> {
    for router in routers() {
        let client = MixedClient::new(Channel::in_process(router)?);
        assert_eq!(client.add(1, 2)?, 3);
        client.note("a note")?;
        assert_eq!(client.primes(5)?.collect::<Result<Vec<_>, _>>()?, [2, 3, 4]);
        let mut sum = client.sum()?;
        sum.send_all([1, 2, 3])?;
        assert_eq!(sum.finish()?, 6);
        assert_eq!(client.sum()?.finish().expect_err("there are no values").declared(), Some(&nothing()));
    }
    Ok(())
}

#[test]
fn an_asynchronous_client_calls_either_service() -> Result<(), CallError<Refused>> {
    runtime().block_on(async {
        for router in routers() {
            let client = AsyncMixedClient::new(AsyncChannel::in_process(router)?);
            assert_eq!(client.add(1, 2).await?, 3);
            client.note("a note").await?;
            let (mut primes, mut items) = (client.primes(5).await?, Vec::new());
            while let Some(item) = primes.next().await {
                items.push(item?);
            }
            assert_eq!(items, [2, 3, 4]);
            let mut sum = client.sum().await?;
            sum.send_all([1, 2, 3]).await?;
            assert_eq!(sum.finish().await?, 6);
            let error = client.sum().await?.finish().await.expect_err("there are no values");
            assert_eq!(error.declared(), Some(&nothing()));
        }
        Ok(())
    })
}

#[test]
fn what_a_handler_says_beside_the_result_arrives() -> Result<(), Status> {
    let [_, router] = routers();
    let (sum, metadata) = runtime().block_on(async {
        let client = AsyncMixedClient::new(AsyncChannel::in_process(router)?);
        Ok::<_, Status>(client.add_with_metadata(1, 2).await)
    })?;
    assert_eq!((sum, metadata.get_text("served-by")), (Ok(3), Some("a task")));
    Ok(())
}

struct Only;

#[rustfmt::skip]
impl AsyncOnly for Only {
    async fn nothing(&self, _: &Context) -> Result<(), Status> { Ok(()) }
    async fn r#move(&self, _: &Context, point: Point, name: Option<&str>) -> Result<(Point, Vec<u32>), Fault<RefusedOnly>> {
        // Borrowed arguments live across what is awaited.
        tokio::task::yield_now().await;
        match name {
            Some(name) => Err(RefusedOnly::By { who: name.to_owned() }.into()),
            None => Ok((point, vec![1, 2])),
        }
    }
    async fn primes(&self, _: &Context, limit: u64, items: AsyncSender<u64>) -> Result<(), Status> { items.send(&limit).await }
    async fn sum(&self, _: &Context, _: AsyncReceiver<i64>) -> Result<i64, Status> { Ok(0) }
    async fn chat(&self, _: &Context, name: &str, mut messages: AsyncReceiver<String>, items: AsyncSender<str>) -> Result<(), Fault<RefusedOnly>> {
        while let Some(message) = messages.next().await {
            items.send(&format!("{name}: {}", message?)).await?;
        }
        Err(RefusedOnly::By { who: name.to_owned() }.into())
    }
    async fn note(&self, _: &Context, _: &str) {}
}

#[test]
fn asynchronous_stubs_alone_are_enough() -> Result<(), CallError<RefusedOnly>> {
    runtime().block_on(async {
        let router = Router::new().add_async(AsyncOnlyServer::new(Only));
        let running = TokioServer::bind("tcp://127.0.0.1:0").expect("it binds").start(router).expect("it starts");
        let channel = AsyncChannel::connect(&running.endpoint().to_string()).await?;
        let client = AsyncOnlyClient::new(channel);
        client.nothing().await?;
        let point = Point { x: 1.0, y: 2.0 };
        assert_eq!(client.r#move(&point, None).await?, (point, vec![1, 2]));
        let error = client.r#move(&point, Some("me")).await.expect_err("it is refused");
        assert_eq!(error.declared(), Some(&RefusedOnly::By { who: "me".to_owned() }));

        let (messages, mut answers) = client.chat("Ada").await?;
        messages.send("hello").await?;
        assert_eq!(answers.next().await.transpose()?, Some("Ada: hello".to_owned()));
        messages.finish();
        let error = answers.next().await.expect("there is something").expect_err("it is refused");
        assert_eq!(error.declared(), Some(&RefusedOnly::By { who: "Ada".to_owned() }));

        let long = "x".repeat(65);
        let error = client.chat(&long).await.expect_err("64 bytes are the most");
        assert_eq!(error.status().map(Status::code), Some(Code::InvalidArgument));
        Ok(())
    })
}
