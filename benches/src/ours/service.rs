//! What both kinds of server serve.

use rpcgen_runtime::stream::{AsyncReceiver, AsyncSender, Receiver, Sender};
use rpcgen_runtime::{Context, Status};

use crate::stubs::bench::{AsyncBench, Bench, Triangle, User};

pub(super) struct Server;

impl Bench for Server {
    fn add(&self, _: &Context, a: i32, b: i32) -> Result<i32, Status> {
        Ok(a.wrapping_add(b))
    }

    fn echo_users(&self, _: &Context, users: Vec<User>) -> Result<Vec<User>, Status> {
        Ok(users)
    }

    fn echo(&self, _: &Context, data: &[u8]) -> Result<Vec<u8>, Status> {
        Ok(data.to_vec())
    }

    fn count(&self, _: &Context, upto: u64, items: Sender<u64>) -> Result<(), Status> {
        items.send_all(0..upto)
    }

    fn count_singly(&self, _: &Context, upto: u64, items: Sender<u64>) -> Result<(), Status> {
        (0..upto).try_for_each(|number| items.send(&number))
    }

    fn sum(&self, _: &Context, mut values: Receiver<u64>) -> Result<u64, Status> {
        values.try_fold(0_u64, |sum, value| Ok(sum.wrapping_add(value?)))
    }

    fn mesh(&self, _: &Context, _: Vec<Triangle>) -> Result<(), Status> {
        Ok(())
    }
}

impl AsyncBench for Server {
    async fn add(&self, _: &Context, a: i32, b: i32) -> Result<i32, Status> {
        Ok(a.wrapping_add(b))
    }

    async fn echo_users(&self, _: &Context, users: Vec<User>) -> Result<Vec<User>, Status> {
        Ok(users)
    }

    async fn echo(&self, _: &Context, data: &[u8]) -> Result<Vec<u8>, Status> {
        Ok(data.to_vec())
    }

    async fn count(&self, _: &Context, upto: u64, items: AsyncSender<u64>) -> Result<(), Status> {
        items.send_all(0..upto).await
    }

    async fn count_singly(&self, _: &Context, upto: u64, items: AsyncSender<u64>) -> Result<(), Status> {
        for number in 0..upto {
            items.send(&number).await?;
        }
        Ok(())
    }

    async fn sum(&self, _: &Context, mut values: AsyncReceiver<u64>) -> Result<u64, Status> {
        let mut sum = 0_u64;
        while let Some(value) = values.next().await {
            sum = sum.wrapping_add(value?);
        }
        Ok(sum)
    }

    async fn mesh(&self, _: &Context, _: Vec<Triangle>) -> Result<(), Status> {
        Ok(())
    }
}
