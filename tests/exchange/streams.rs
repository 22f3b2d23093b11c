//! The calls of methods with streams.

use rpcgen_runtime::stream::{Receiver, Sender};
use rpcgen_runtime::{Channel, Context, Router, Status};

use super::cases::{Plain, saw};
use super::{Said as _, Seen, Version};
use crate::new::stream_added;

/// A server and a client of a method that is sent a stream of numbers of this type.
macro_rules! taking {
    ($version:ident, $item:ty) => {{
        use crate::$version::stream_item_retyped::{S, SClient, SServer};

        struct Handler(Seen);

        impl S for Handler {
            fn swap(&self, _: &Context, a: Receiver<$item>) -> Plain<u32> {
                let items: Vec<$item> = a.collect::<Result<_, _>>()?;
                saw(&self.0, &[format!("{items:?}")]);
                Ok(1)
            }
        }

        fn call(channel: Channel) -> Plain<u32> {
            let mut stream = SClient::new(channel).swap()?;
            stream.send_all([1, 2])?;
            stream.finish()
        }

        Version {
            serve: |seen| Router::new().add(SServer::new(Handler(seen))),
            call: |channel| ("[1, 2]".to_owned(), call(channel).said()),
            gives: "1".to_owned(),
            read_as: None,
        }
    }};
}

/// The item of a stream is another number.
pub(super) fn item_retyped() -> [Version; 2] {
    [taking!(old, u32), taking!(new, i32)]
}

struct Giving(Seen);

impl stream_added::S for Giving {
    fn swap(&self, _: &Context, a: u32, items: Sender<u32>) -> Result<(), Status> {
        saw(&self.0, &[format!("{a:?}")]);
        items.send(&1)
    }
}

/// The version in which a stream comes back.
pub(super) fn added() -> Version {
    Version {
        serve: |seen| Router::new().add(stream_added::SServer::new(Giving(seen))),
        call: |channel| ("1".to_owned(), given(channel).said()),
        gives: "[1]".to_owned(),
        read_as: None,
    }
}

fn given(channel: Channel) -> Plain<Vec<u32>> {
    stream_added::SClient::new(channel).swap(1)?.collect()
}
