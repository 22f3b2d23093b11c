//! Where answers wait for those who asked.

use super::answer::Answer;

/// Names the place where an answer is kept.
pub(in crate::net) type Place = u32;

/// The places of a connection's open calls. `W` says who waits for an answer.
#[derive(Debug, Default)]
pub(in crate::net) struct Places<W> {
    slots: Vec<Slot<W>>,
    /// Places that no call has.
    free: Vec<Place>,
}

#[derive(Debug, Default)]
struct Slot<W> {
    answer: Option<Answer>,
    waiter: W,
}

impl<W: Default> Places<W> {
    /// A place for the answer of a call.
    pub(in crate::net) fn reserve(&mut self) -> Place {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Gives a place back; whether no answer had come.
    pub(in crate::net) fn release(&mut self, place: Place) -> bool {
        let slot = self.slots.get_mut(place as usize).map(std::mem::take);
        self.free.push(place);
        slot.is_none_or(|slot| slot.answer.is_none())
    }

    /// How many calls have a place.
    pub(in crate::net) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Keeps an answer; gives who is to hear that it has come.
    pub(in crate::net) fn answer(&mut self, place: Place, answer: Answer) -> Option<W> {
        let slot = self.slots.get_mut(place as usize)?;
        slot.answer = Some(answer);
        Some(std::mem::take(&mut slot.waiter))
    }

    pub(in crate::net) fn has_answer(&self, place: Place) -> bool {
        self.slots.get(place as usize).is_some_and(|slot| slot.answer.is_some())
    }

    /// Takes an answer that has come, and gives its place back.
    pub(in crate::net) fn take(&mut self, place: Place) -> Option<Answer> {
        let slot = self.slots.get_mut(place as usize)?;
        let answer = slot.answer.take()?;
        slot.waiter = W::default();
        self.free.push(place);
        Some(answer)
    }

    /// Who waits for an answer.
    pub(in crate::net) fn waiter(&mut self, place: Place) -> Option<&mut W> {
        self.slots.get_mut(place as usize).map(|slot| &mut slot.waiter)
    }

    /// All who wait for answers that have not come, and those of places that no call has.
    #[cfg(feature = "tokio")]
    pub(in crate::net) fn waiters(&self) -> impl Iterator<Item = (Place, &W)> {
        (0..).zip(&self.slots).map(|(place, slot)| (place, &slot.waiter))
    }
}
