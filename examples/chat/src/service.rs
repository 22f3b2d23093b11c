//! The service: a task for each person, between the room and the connection.

use rpcgen_runtime::stream::{AsyncReceiver, AsyncSender};
use rpcgen_runtime::{Context, Fault, Status};
use tokio::sync::broadcast::error::RecvError;

use crate::rooms::Rooms;
use crate::stubs::{AsyncChat, ChatError, Event, Room};

impl AsyncChat for Rooms {
    /// When the caller is gone, this future is dropped where it waits, and the member with it: that tells the others.
    async fn join(
        &self,
        _: &Context,
        room: &str,
        name: &str,
        mut lines: AsyncReceiver<String>,
        items: AsyncSender<Event>,
    ) -> Result<(), Fault<ChatError>> {
        let mut member = self.enter(room, name)?;
        items.send(&Event::Present { names: std::mem::take(&mut member.present) }).await?;
        loop {
            tokio::select! {
                event = member.events.recv() => match event {
                    Ok(event) => items.send(&event).await?,
                    Err(RecvError::Lagged(count)) => items.send(&Event::Missed { count }).await?,
                    Err(RecvError::Closed) => break,
                },
                line = lines.next() => match line {
                    Some(line) => member.say(line?),
                    None => break,
                },
            }
        }
        member.leave();
        Ok(())
    }

    async fn rooms(&self, _: &Context) -> Result<Vec<Room>, Status> {
        Ok(self.list())
    }
}
