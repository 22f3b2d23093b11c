//! `files serve URL FOLDER`, `files list URL`, `files put URL PATH`, `files get URL NAME`

mod get;
mod patience;
mod progress;
mod put;
mod server;

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use files::stubs::FilesClient;
use rpcgen_runtime::Channel;

/// Sends files to a server, and fetches them.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the files of a folder, until SIGTERM or Ctrl-C.
    Serve {
        /// Where to listen, such as `tcp://127.0.0.1:7000`; with port 0 the system chooses one.
        url: String,
        /// The folder. It is made if need be.
        folder: PathBuf,
    },
    /// Shows the sizes and names of all files.
    List {
        /// Where the server listens.
        url: String,
    },
    /// Sends a file. If that is broken off, the same command goes on with it.
    Put {
        /// Where the server listens.
        url: String,
        /// The file.
        path: PathBuf,
        /// What it is called there, if not as it is here.
        #[arg(long, value_name = "NAME")]
        r#as: Option<String>,
    },
    /// Fetches a file. If that is broken off, the same command goes on with it.
    Get {
        /// Where the server listens.
        url: String,
        /// What it is called there.
        name: String,
        /// Where to put it, if not into this folder.
        #[arg(long, value_name = "PATH")]
        to: Option<PathBuf>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Serve { url, folder } => server::serve(&url, folder),
        Command::List { url } => list(&connect(&url)?),
        Command::Put { url, path, r#as } => put::put(&connect(&url)?, &path, r#as.as_deref()),
        Command::Get { url, name, to } => get::get(&connect(&url)?, &name, to.as_deref()),
    }
}

fn connect(url: &str) -> anyhow::Result<FilesClient> {
    Ok(FilesClient::new(Channel::connect(url)?))
}

fn list(files: &FilesClient) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    for entry in files.list()? {
        let entry = entry?;
        writeln!(out, "{:>14}  {}", entry.size, entry.name.escape_debug())?;
    }
    Ok(())
}
