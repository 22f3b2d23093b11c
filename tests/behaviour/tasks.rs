//! The service whose handlers are futures.

use rpcgen_runtime::stub::{AsyncReceiver, AsyncSender};
use rpcgen_runtime::{AsyncChannel, Context, Fault, Status};

use crate::handlers::{self, Desk, HURRY};
use crate::mark::{Mark, Visit};
use crate::stubs::tests::behaviour::{AsyncSuite, AsyncSuiteClient, Ending, Known, Refused};

impl AsyncSuite for Desk {
    async fn add(&self, _: &Context, a: i64, b: i64) -> Result<i64, Status> {
        Ok(a + b)
    }

    async fn halve(&self, _: &Context, number: i64) -> Result<i64, Fault<Refused>> {
        handlers::halve(number)
    }

    async fn fail(&self, context: &Context, message: &str) -> Result<(), Status> {
        Err(handlers::fail(context, message))
    }

    async fn echo(&self, _: &Context, content: &[u8]) -> Result<Vec<u8>, Status> {
        Ok(content.to_vec())
    }

    async fn make(&self, _: &Context, size: u32) -> Result<Vec<u8>, Status> {
        Ok(handlers::make(size))
    }

    async fn tell(&self, context: &Context, size: u32) -> Result<(u32, String), Status> {
        Ok(handlers::tell(context, size))
    }

    async fn name(&self, _: &Context, name: &str) -> Result<u32, Status> {
        Ok(name.chars().map(u32::from).sum())
    }

    async fn known(&self, context: &Context) -> Result<Known, Status> {
        Ok(handlers::known(context))
    }

    async fn note(&self, _: &Context, mark: &str) {
        Mark::new(mark).make();
    }

    async fn wait(&self, context: &Context, mark: &str) -> Result<i64, Status> {
        Visit::begin(context, mark).waited().await.map(|()| 1)
    }

    async fn wait_briefly(&self, context: &Context, mark: &str) -> Result<i64, Status> {
        self.wait(context, mark).await
    }

    async fn panic(&self, context: &Context, mark: Option<&str>) -> Result<(), Status> {
        if let Some(mark) = mark {
            Visit::begin(context, mark).waited().await?;
        }
        panic!("as asked")
    }

    async fn relay(&self, _: &Context, url: &str) -> Result<Known, Status> {
        AsyncSuiteClient::new(AsyncChannel::connect(url).await?).known().await
    }

    async fn relay_wait(&self, _: &Context, url: &str, mark: &str) -> Result<i64, Status> {
        AsyncSuiteClient::new(AsyncChannel::connect(url).await?).wait(mark).await
    }

    async fn count(
        &self,
        _: &Context,
        end: u64,
        ending: Ending,
        items: AsyncSender<u64>,
    ) -> Result<(), Fault<Refused>> {
        items.send_all(0..end).await?;
        handlers::end(ending, ())
    }

    async fn blobs(&self, _: &Context, count: u32, size: u32, items: AsyncSender<[u8]>) -> Result<(), Status> {
        for _ in 0..count {
            items.send(&handlers::make(size)).await?;
        }
        Ok(())
    }

    async fn endless(&self, context: &Context, mark: &str, items: AsyncSender<u64>) -> Result<(), Status> {
        let _visit = Visit::begin(context, mark);
        for number in 0.. {
            items.send(&number).await?;
        }
        Ok(())
    }

    async fn halting(&self, context: &Context, mark: &str, items: AsyncSender<u64>) -> Result<(), Status> {
        let visit = Visit::begin(context, mark);
        items.send(&0).await?;
        visit.waited().await
    }

    async fn names(&self, _: &Context, names: Vec<String>, items: AsyncSender<str>) -> Result<(), Status> {
        for name in names {
            items.send(&name).await?;
        }
        Ok(())
    }

    async fn sum(&self, _: &Context, ending: Ending, numbers: AsyncReceiver<i64>) -> Result<i64, Fault<Refused>> {
        let sum = sum(numbers).await?;
        handlers::end(ending, sum)
    }

    async fn first(&self, _: &Context, mut numbers: AsyncReceiver<i64>) -> Result<i64, Status> {
        numbers.next().await.unwrap_or_else(|| Err(Status::not_found("there is none")))
    }

    async fn measure(&self, context: &Context, mark: &str, mut blobs: AsyncReceiver<Vec<u8>>) -> Result<u64, Status> {
        let visit = Visit::begin(context, mark);
        visit.waited().await?;
        let mut sum = 0;
        while let Some(blob) = blobs.next().await {
            sum += blob?.len() as u64;
        }
        Ok(sum)
    }

    async fn hurry(&self, context: &Context, mark: &str, numbers: AsyncReceiver<i64>) -> Result<i64, Status> {
        let _visit = Visit::begin(context, mark);
        sum(numbers.with_item_timeout(HURRY)).await
    }

    async fn greet(&self, context: &Context, mark: &str, mut names: AsyncReceiver<String>) -> Result<u32, Status> {
        let _visit = Visit::begin(context, mark);
        let mut count = 0;
        while let Some(name) = names.next().await {
            count += name.map(|_| 1)?;
        }
        Ok(count)
    }

    async fn tally(
        &self,
        _: &Context,
        ending: Ending,
        mut numbers: AsyncReceiver<i64>,
        items: AsyncSender<i64>,
    ) -> Result<(), Fault<Refused>> {
        let mut sum = 0;
        while let Some(number) = numbers.next().await {
            let number = number?;
            sum += number;
            items.send(&(2 * number)).await?;
        }
        items.send(&sum).await?;
        handlers::end(ending, ())
    }

    async fn mirror(
        &self,
        context: &Context,
        mark: &str,
        mut blobs: AsyncReceiver<Vec<u8>>,
        items: AsyncSender<[u8]>,
    ) -> Result<(), Status> {
        let _visit = Visit::begin(context, mark);
        while let Some(blob) = blobs.next().await {
            items.send(&blob?).await?;
        }
        Ok(())
    }
}

async fn sum(mut numbers: AsyncReceiver<i64>) -> Result<i64, Status> {
    let mut sum = 0;
    while let Some(number) = numbers.next().await {
        sum += number?;
    }
    Ok(sum)
}
