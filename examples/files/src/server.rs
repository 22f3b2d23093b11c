//! The server.

use std::path::PathBuf;
use std::time::Duration;

use files::Folder;
use files::stubs::FilesServer;
use rpcgen_runtime::{Router, ThreadServer};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// How long transfers may take when the server is to end. Those that take longer go on when it is there again.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT.
pub(crate) fn serve(url: &str, folder: PathBuf) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let router = Router::new().add(FilesServer::new(Folder::open(folder)?));
    let running = ThreadServer::bind(url)?.start(router)?;
    println!("listening on {}", running.endpoint());
    signals.forever().next();
    // A second signal ends the process at once.
    std::thread::spawn(move || signals.forever().next().map(emulate_default_handler));
    println!("{}", running.shutdown(DRAIN));
    Ok(())
}
