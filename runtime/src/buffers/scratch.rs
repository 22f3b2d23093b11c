//! A buffer to pack into that a thread keeps, so that one message after the other allocates nothing.

use std::cell::Cell;

use super::large::give;

/// Memory of the packing buffer that a thread keeps, in bytes.
const KEPT: usize = 64 << 10;

thread_local! {
    /// Where this thread packs what it sends; taken while in use.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// An empty buffer to pack into.
pub(crate) fn take_scratch() -> Vec<u8> {
    let mut scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
    scratch.clear();
    scratch
}

/// Gives a buffer back. That the thread is ending is no error.
pub(crate) fn give_scratch(scratch: Vec<u8>) {
    if scratch.capacity() > KEPT {
        return give(scratch);
    }
    let _ending = SCRATCH.try_with(|cell| cell.set(scratch));
}
