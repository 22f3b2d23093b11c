//! What a server has to say at its end.

use std::fmt;
use std::ops::AddAssign;

/// What became of the connections of a server that was shut down, and of the calls that ran then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Connections that the server had, over its life. Of a process server, without those of workers that were lost.
    pub connections: u64,
    /// Connections that were cut because their handlers had not finished in time, or their clients had not read the answers.
    pub cut: usize,
    /// The calls whose handlers ran when the shutdown began; of a process server, also when their worker was replaced.
    pub calls: Calls,
    /// Workers that ended, over the server's life, without a word about their connections: they crashed or were killed.
    pub workers_lost: usize,
}

/// Calls whose handlers ran when their server was told to end, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Calls {
    /// The handler has answered. Whether the answer has arrived is not known.
    pub finished: u64,
    /// The handler has returned, and nobody wanted the answer: the caller gave up, its time was over, or its connection broke.
    pub cancelled: u64,
    /// The handler had not returned when the time was over.
    pub cut: u64,
}

impl AddAssign for Calls {
    fn add_assign(&mut self, other: Self) {
        self.finished += other.finished;
        self.cancelled += other.cancelled;
        self.cut += other.cut;
    }
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.connections += other.connections;
        self.cut += other.cut;
        self.calls += other.calls;
        self.workers_lost += other.workers_lost;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connections, cut, calls: Calls { finished, cancelled, cut: cut_calls }, workers_lost } = self;
        write!(
            f,
            "{connections} connections, of which {cut} were cut; of the calls that ran at the end, {finished} finished, "
        )?;
        write!(f, "{cancelled} were cancelled, and {cut_calls} were cut")?;
        if *workers_lost > 0 {
            write!(f, "; {workers_lost} workers were lost, and theirs are not counted")?;
        }
        Ok(())
    }
}
