//! `kv-client ADDR get|put|del|list …`

use std::io::{Read as _, Write as _};

use clap::{Parser, Subcommand};
use kv::stubs::{MAX_LISTED, StoreClient};
use rpcgen_runtime::Channel;

/// Reads and writes a key-value store.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where the server listens, such as `tcp://127.0.0.1:7000`.
    address: String,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints the value of a key.
    Get {
        /// The key.
        key: String,
    },
    /// Sets the value of a key, and prints its new version.
    Put {
        /// The key.
        key: String,
        /// The value; without it standard input is read.
        value: Option<String>,
        /// Only if the key is at this version; 0 if it must be new.
        #[arg(long)]
        expected: Option<u64>,
    },
    /// Removes a key.
    Del {
        /// The key.
        key: String,
    },
    /// Prints keys with their versions and sizes.
    List {
        /// Only keys that begin so.
        #[arg(default_value = "")]
        prefix: String,
        /// At most so many.
        #[arg(long, default_value_t = MAX_LISTED)]
        limit: u32,
    },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = StoreClient::new(Channel::connect(&arguments.address)?);
    let mut out = std::io::stdout().lock();
    match arguments.command {
        Command::Get { key } => out.write_all(&store.get(&key)?.0)?,
        Command::Put { key, value, expected } => {
            let value = value.map_or_else(read_input, |value| Ok(value.into_bytes()))?;
            writeln!(out, "{}", store.put(&key, &value, expected)?)?;
        }
        Command::Del { key } => store.delete(&key)?,
        Command::List { prefix, limit } => {
            for entry in store.list(&prefix, limit)? {
                writeln!(out, "{}\tversion {}\t{} bytes", entry.key, entry.version, entry.size)?;
            }
        }
    }
    Ok(())
}

fn read_input() -> anyhow::Result<Vec<u8>> {
    let mut value = Vec::new();
    std::io::stdin().read_to_end(&mut value)?;
    Ok(value)
}
