//! The service whose handlers block.

use rpcgen_runtime::stream::{Receiver, Sender};
use rpcgen_runtime::{Channel, Context, Fault, Status};

use crate::handlers::{self, Desk, HURRY};
use crate::mark::{Mark, Visit};
use crate::stubs::tests::behaviour::{Ending, Known, Refused, Suite, SuiteClient};

impl Suite for Desk {
    fn add(&self, _: &Context, a: i64, b: i64) -> Result<i64, Status> {
        Ok(a + b)
    }

    fn halve(&self, _: &Context, number: i64) -> Result<i64, Fault<Refused>> {
        handlers::halve(number)
    }

    fn fail(&self, context: &Context, message: &str) -> Result<(), Status> {
        Err(handlers::fail(context, message))
    }

    fn echo(&self, _: &Context, content: &[u8]) -> Result<Vec<u8>, Status> {
        Ok(content.to_vec())
    }

    fn make(&self, _: &Context, size: u32) -> Result<Vec<u8>, Status> {
        Ok(handlers::make(size))
    }

    fn tell(&self, context: &Context, size: u32) -> Result<(u32, String), Status> {
        Ok(handlers::tell(context, size))
    }

    fn name(&self, _: &Context, name: &str) -> Result<u32, Status> {
        Ok(name.chars().map(u32::from).sum())
    }

    fn known(&self, context: &Context) -> Result<Known, Status> {
        Ok(handlers::known(context))
    }

    fn note(&self, _: &Context, mark: &str) {
        Mark::new(mark).make();
    }

    fn wait(&self, context: &Context, mark: &str) -> Result<i64, Status> {
        Visit::begin(context, mark).wait().map(|()| 1)
    }

    fn wait_briefly(&self, context: &Context, mark: &str) -> Result<i64, Status> {
        self.wait(context, mark)
    }

    fn panic(&self, context: &Context, mark: Option<&str>) -> Result<(), Status> {
        mark.map_or(Ok(()), |mark| Visit::begin(context, mark).wait())?;
        panic!("as asked")
    }

    fn relay(&self, _: &Context, url: &str) -> Result<Known, Status> {
        SuiteClient::new(Channel::connect(url)?).known()
    }

    fn relay_wait(&self, _: &Context, url: &str, mark: &str) -> Result<i64, Status> {
        SuiteClient::new(Channel::connect(url)?).wait(mark)
    }

    fn count(&self, _: &Context, end: u64, ending: Ending, items: Sender<u64>) -> Result<(), Fault<Refused>> {
        items.send_all(0..end)?;
        handlers::end(ending, ())
    }

    fn blobs(&self, _: &Context, count: u32, size: u32, items: Sender<[u8]>) -> Result<(), Status> {
        (0..count).try_for_each(|_| items.send(&handlers::make(size)))
    }

    fn endless(&self, context: &Context, mark: &str, items: Sender<u64>) -> Result<(), Status> {
        let _visit = Visit::begin(context, mark);
        (0..).try_for_each(|number| items.send(&number))
    }

    fn halting(&self, context: &Context, mark: &str, items: Sender<u64>) -> Result<(), Status> {
        let visit = Visit::begin(context, mark);
        items.send(&0)?;
        visit.wait()
    }

    fn names(&self, _: &Context, names: Vec<String>, items: Sender<str>) -> Result<(), Status> {
        names.iter().try_for_each(|name| items.send(name))
    }

    fn sum(&self, _: &Context, ending: Ending, mut numbers: Receiver<i64>) -> Result<i64, Fault<Refused>> {
        let sum = numbers.try_fold(0, |sum, number| Ok::<_, Status>(sum + number?))?;
        handlers::end(ending, sum)
    }

    fn first(&self, _: &Context, mut numbers: Receiver<i64>) -> Result<i64, Status> {
        numbers.next().unwrap_or_else(|| Err(Status::not_found("there is none")))
    }

    fn measure(&self, context: &Context, mark: &str, mut blobs: Receiver<Vec<u8>>) -> Result<u64, Status> {
        let visit = Visit::begin(context, mark);
        visit.wait()?;
        blobs.try_fold(0, |sum, blob| Ok(sum + blob?.len() as u64))
    }

    fn hurry(&self, context: &Context, mark: &str, numbers: Receiver<i64>) -> Result<i64, Status> {
        let _visit = Visit::begin(context, mark);
        numbers.with_item_timeout(HURRY).sum()
    }

    fn greet(&self, context: &Context, mark: &str, mut names: Receiver<String>) -> Result<u32, Status> {
        let _visit = Visit::begin(context, mark);
        names.try_fold(0, |count, name| name.map(|_| count + 1))
    }

    fn tally(
        &self,
        _: &Context,
        ending: Ending,
        numbers: Receiver<i64>,
        items: Sender<i64>,
    ) -> Result<(), Fault<Refused>> {
        let mut sum = 0;
        for number in numbers {
            let number = number?;
            sum += number;
            items.send(&(2 * number))?;
        }
        items.send(&sum)?;
        handlers::end(ending, ())
    }

    fn mirror(
        &self,
        context: &Context,
        mark: &str,
        mut blobs: Receiver<Vec<u8>>,
        items: Sender<[u8]>,
    ) -> Result<(), Status> {
        let _visit = Visit::begin(context, mark);
        blobs.try_for_each(|blob| items.send(&blob?))
    }
}
