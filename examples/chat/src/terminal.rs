//! What is typed, and what is shown.

use std::io::{self, Write as _};
use std::thread;

use chat::stubs::{Event, Room};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use tokio::sync::mpsc;

/// What comes from the person at the terminal.
#[derive(Debug)]
pub(crate) enum Typed {
    /// Something to say.
    Line(String),
    /// The end of the input, Ctrl-C, or SIGTERM.
    Goodbye,
}

/// What is typed from now on. A second Ctrl-C or SIGTERM ends the process at once.
///
/// Two threads wait for it, and are there until the process ends: nothing wakes who reads a terminal.
pub(crate) fn typed() -> io::Result<mpsc::Receiver<Typed>> {
    let signals = Signals::new([SIGINT, SIGTERM])?;
    let (typed, receiver) = mpsc::channel(1);
    let signalled = typed.clone();
    thread::spawn(move || read(&typed));
    thread::spawn(move || watch(signals, &signalled));
    Ok(receiver)
}

fn read(typed: &mpsc::Sender<Typed>) {
    let lines = io::stdin().lines().map_while(Result::ok).map(Typed::Line);
    for line in lines.chain([Typed::Goodbye]) {
        if typed.blocking_send(line).is_err() {
            return;
        }
    }
}

fn watch(mut signals: Signals, typed: &mpsc::Sender<Typed>) {
    signals.forever().next();
    thread::spawn(move || signals.forever().next().map(emulate_default_handler));
    // It fails where the conversation is over already.
    typed.blocking_send(Typed::Goodbye).unwrap_or_default();
}

/// Shows what happens in the room.
pub(crate) fn show(event: &Event) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match event {
        Event::Present { names } => writeln!(out, "* here: {}", plain(&names.join(", "))),
        Event::Joined { name } => writeln!(out, "* {} has come", plain(name)),
        Event::Said { name, line } => writeln!(out, "{}: {}", plain(name), plain(line)),
        Event::Left { name } => writeln!(out, "* {} has left", plain(name)),
        Event::Lost { name } => writeln!(out, "* {} is gone", plain(name)),
        Event::Missed { count } => writeln!(out, "* you have missed {count} events"),
        // A newer server may know more.
        Event::Unknown(_) => Ok(()),
    }
}

/// Shows the rooms with somebody in them.
pub(crate) fn show_rooms(rooms: &[Room]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    rooms.iter().try_for_each(|room| writeln!(out, "{}\t{}", plain(&room.name), room.people))
}

/// The last that is shown.
pub(crate) fn say_goodbye() -> io::Result<()> {
    writeln!(io::stdout(), "* goodbye")
}

/// Without what would do something to the terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}
