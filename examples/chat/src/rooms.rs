//! Who is in which room.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rpcgen_runtime::{Fault, Status};
use tokio::sync::broadcast;

use crate::stubs::{ChatError, Event, MAX_NAME, Room};

/// Events that a room keeps for those who are slow to read.
const KEPT: usize = 256;

/// All rooms. Clones are the same rooms.
#[derive(Debug, Clone, Default)]
pub struct Rooms(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Only those with somebody in them.
    rooms: BTreeMap<String, Occupied>,
    is_closed: bool,
}

#[derive(Debug)]
struct Occupied {
    names: BTreeSet<String>,
    events: broadcast::Sender<Arc<Event>>,
}

impl Rooms {
    /// Takes somebody in, and tells the others.
    ///
    /// # Errors
    ///
    /// When the name is taken, a name is none, or the chat is closing.
    pub fn enter(&self, room: &str, name: &str) -> Result<Member, Fault<ChatError>> {
        if !is_name(room) || !is_name(name) {
            return Err(ChatError::BadName.into());
        }
        let mut state = self.lock();
        if state.is_closed {
            return Err(Status::unavailable("the chat is closing").into());
        }
        let Occupied { names, events } = state.rooms.entry(room.to_owned()).or_insert_with(Occupied::new);
        if !names.insert(name.to_owned()) {
            return Err(ChatError::NameTaken { name: name.to_owned() }.into());
        }
        let present = names.iter().cloned().collect();
        tell(events, Event::Joined { name: name.to_owned() });
        let (rooms, room, name, events) = (self.clone(), room.to_owned(), name.to_owned(), events.subscribe());
        Ok(Member { rooms, room, name, events, present, said_goodbye: false })
    }

    /// The rooms with somebody in them, by name.
    pub fn list(&self) -> Vec<Room> {
        let people = |names: &BTreeSet<_>| u32::try_from(names.len()).unwrap_or(u32::MAX);
        let room = |(name, room): (&String, &Occupied)| Room { name: name.clone(), people: people(&room.names) };
        self.lock().rooms.iter().map(room).collect()
    }

    /// Sends everybody home, and lets nobody in any more.
    pub fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.rooms.clear();
    }

    fn say(&self, member: &Member, line: String) {
        if let Some(room) = self.lock().rooms.get(&member.room) {
            tell(&room.events, Event::Said { name: member.name.clone(), line });
        }
    }

    fn leave(&self, Member { room, name, said_goodbye, .. }: &Member) {
        let (mut state, name) = (self.lock(), name.clone());
        let Some(Occupied { names, events }) = state.rooms.get_mut(room) else { return };
        names.remove(&name);
        if names.is_empty() {
            state.rooms.remove(room);
        } else {
            tell(events, if *said_goodbye { Event::Left { name } } else { Event::Lost { name } });
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupied {
    fn new() -> Self {
        Self { names: BTreeSet::new(), events: broadcast::Sender::new(KEPT) }
    }
}

/// Somebody in a room, until it is dropped.
#[derive(Debug)]
pub struct Member {
    rooms: Rooms,
    room: String,
    name: String,
    /// What happens in the room.
    pub events: broadcast::Receiver<Arc<Event>>,
    /// Who was there from the beginning, this one included.
    pub present: Vec<String>,
    said_goodbye: bool,
}

impl Member {
    /// Says something to all in the room.
    pub fn say(&self, line: String) {
        self.rooms.say(self, line);
    }

    /// Says goodbye. Who is dropped without it is lost to the others.
    pub fn leave(mut self) {
        self.said_goodbye = true;
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.rooms.leave(self);
    }
}

/// Waits for nobody: who has not read the oldest event yet misses it.
fn tell(events: &broadcast::Sender<Arc<Event>>, event: Event) {
    // It fails where nobody is there to hear it.
    events.send(Arc::new(event)).unwrap_or_default();
}

/// Whether it is fit to be shown at any terminal.
fn is_name(name: &str) -> bool {
    let is_fit = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
    (1..=MAX_NAME as usize).contains(&name.len()) && name.chars().all(is_fit)
}
