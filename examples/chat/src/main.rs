//! `chat serve URL`, `chat join URL NAME`, `chat rooms URL`

mod client;
mod server;
mod terminal;

use chat::stubs::ChatClient;
use clap::{Parser, Subcommand};
use rpcgen_runtime::Channel;

/// Rooms in which people talk.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Opens the rooms, until SIGTERM or Ctrl-C.
    Serve {
        /// Where to listen, such as `tcp://127.0.0.1:7000`; with port 0 the system chooses one.
        url: String,
    },
    /// Enters a room: says what you type, a line at a time, and shows what happens there. Ctrl-C or Ctrl-D says goodbye.
    Join {
        /// Where the server listens.
        url: String,
        /// What you want to be called.
        name: String,
        /// The room.
        #[arg(long, default_value = "lobby")]
        room: String,
        /// With threads that block, in place of tokio.
        #[arg(long)]
        blocking: bool,
    },
    /// Shows the rooms with somebody in them.
    Rooms {
        /// Where the server listens.
        url: String,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Serve { url } => server::serve(&url),
        Command::Join { url, name, room, blocking: false } => client::with_tokio(&url, &room, &name),
        Command::Join { url, name, room, blocking: true } => client::with_threads(&url, &room, &name),
        Command::Rooms { url } => {
            let rooms = ChatClient::new(Channel::connect(&url)?).rooms()?;
            Ok(terminal::show_rooms(&rooms)?)
        }
    }
}
