//! The same, where arguments and results are read where they were received, and what came goes back as it came.

use anyhow::{Result, ensure};
use rpcgen_runtime::pack::{ListView, PackList};
use rpcgen_runtime::{Channel, Context, Router, Status};

use super::blocking::serve_router;
use super::{channel_options, server_options};
use crate::entrant::Entrant;
use crate::stubs::bench::{Mirror, MirrorClient, MirrorServer, User, UserView};
use crate::users::users;
use crate::work::Kind;

/// It is for what is large, or has many parts.
pub(crate) const IN_PLACE: Entrant = Entrant {
    name: "ours-in-place",
    title: "ours, blocking, read in place",
    does: |kind| matches!(kind, Kind::Users | Kind::Echo { .. }),
    serve: |_| serve_router(server_options(), Router::new().add(MirrorServer::new(Glass))),
    run,
    hold: None,
};

struct Glass;

impl Mirror for Glass {
    fn users<'a>(&self, _: &Context, users: ListView<'a, UserView<'a>>) -> Result<impl PackList<User>, Status> {
        Ok(users)
    }

    fn bytes(&self, _: &Context, data: &[u8]) -> Result<impl AsRef<[u8]>, Status> {
        Ok(data)
    }
}

fn run(address: &str, kind: Kind, count: u64) -> Result<()> {
    let mirror = MirrorClient::new(Channel::connect_with(address, channel_options())?);
    match kind {
        Kind::Users => echo_users(&mirror, count),
        Kind::Echo { bytes } => echo(&mirror, bytes, count),
        _ => Ok(()),
    }
}

fn echo_users(mirror: &MirrorClient, count: u64) -> Result<()> {
    let users = users();
    for _ in 0..count {
        ensure!(mirror.users_in_place(&users, |echo| echo.len() == users.len())?, "a wrong echo");
    }
    Ok(())
}

fn echo(mirror: &MirrorClient, bytes: usize, count: u64) -> Result<()> {
    let data = vec![7; bytes];
    for _ in 0..count {
        let is_right = mirror.bytes_in_place(&data, |echo| echo.len() == bytes && echo.last() == data.last())?;
        ensure!(is_right, "a wrong echo");
    }
    Ok(())
}
