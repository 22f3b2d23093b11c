//! Walks over graphs of declarations. Users choose their size and depth, so nothing here calls itself.

use crate::source::Location;

/// An arrow from one node to another, with the place that makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    /// The node it leads to.
    pub(super) to: usize,
    /// The place in the text.
    pub(super) at: Location,
}

/// A way that leads back to where it began.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cycle {
    /// Each node with the edge that leaves it; the last edge leads to the first node. Long cycles lose their middle.
    pub(super) hops: Vec<(usize, Edge)>,
    /// How many hops were left out before the last one.
    pub(super) left_out: usize,
}

/// What a walk over a whole graph found.
#[derive(Debug)]
pub(super) struct Walk {
    /// Every node once, those it leads to before it (except along the edges that close a cycle).
    pub(super) order: Vec<usize>,
    /// One for each edge that closes a cycle.
    pub(super) cycles: Vec<Cycle>,
}

/// The hops of a cycle that are kept.
const HOPS_SHOWN: usize = 8;

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the way, at this position.
    Open(usize),
    Done,
}

/// Walks every node depth first, in the order of their numbers.
pub(super) fn walk(edges: &[Vec<Edge>]) -> Walk {
    let mut walk = Walk { order: Vec::with_capacity(edges.len()), cycles: Vec::new() };
    let mut states = vec![State::New; edges.len()];
    for root in 0..edges.len() {
        if states[root] == State::New {
            walk.from(root, edges, &mut states);
        }
    }
    walk
}

impl Walk {
    fn from(&mut self, root: usize, edges: &[Vec<Edge>], states: &mut [State]) {
        let mut way = vec![(root, 0)];
        states[root] = State::Open(0);
        while let Some((node, next)) = way.last_mut() {
            let Some(edge) = edges[*node].get(*next) else {
                states[*node] = State::Done;
                self.order.push(*node);
                way.pop();
                continue;
            };
            *next += 1;
            match states[edge.to] {
                State::New => {
                    states[edge.to] = State::Open(way.len());
                    way.push((edge.to, 0));
                }
                State::Open(first) => self.cycles.push(cycle(&way[first..], edges)),
                State::Done => {}
            }
        }
    }
}

/// The cycle along a way, each node of which stands with the number of the edge after the one that was taken.
fn cycle(way: &[(usize, usize)], edges: &[Vec<Edge>]) -> Cycle {
    let left_out = way.len().saturating_sub(HOPS_SHOWN);
    let (head, rest) = way.split_at(way.len().min(HOPS_SHOWN) - 1);
    let shown = head.iter().chain(&rest[left_out..]);
    Cycle { hops: shown.map(|(node, next)| (*node, edges[*node][next - 1])).collect(), left_out }
}

/// Numbers the nodes so that two have the same number exactly if each leads to the other (Tarjan).
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut search = Search::new(edges);
    for root in 0..edges.len() {
        if search.entered[root].is_none() {
            search.from(root);
        }
    }
    search.component
}

struct Search<'a> {
    edges: &'a [Vec<usize>],
    clock: usize,
    entered: Vec<Option<usize>>,
    /// The earliest node on the stack that is known to be reachable.
    low: Vec<usize>,
    stack: Vec<usize>,
    on_stack: Vec<bool>,
    component: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(edges: &'a [Vec<usize>]) -> Self {
        let len = edges.len();
        Self {
            edges,
            clock: 0,
            entered: vec![None; len],
            low: vec![0; len],
            stack: Vec::new(),
            on_stack: vec![false; len],
            component: vec![0; len],
        }
    }

    fn from(&mut self, root: usize) {
        let mut way = vec![(root, 0)];
        self.enter(root);
        while let Some((node, next)) = way.last_mut() {
            let node = *node;
            if let Some(&to) = self.edges[node].get(*next) {
                *next += 1;
                match self.entered[to] {
                    None => {
                        self.enter(to);
                        way.push((to, 0));
                    }
                    Some(time) if self.on_stack[to] => self.low[node] = self.low[node].min(time),
                    Some(_) => {}
                }
            } else {
                way.pop();
                self.leave(node, way.last().map(|(parent, _)| *parent));
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.entered[node] = Some(self.clock);
        self.low[node] = self.clock;
        self.clock += 1;
        self.stack.push(node);
        self.on_stack[node] = true;
    }

    fn leave(&mut self, node: usize, parent: Option<usize>) {
        if let Some(parent) = parent {
            self.low[parent] = self.low[parent].min(self.low[node]);
        }
        if self.entered[node] != Some(self.low[node]) {
            return;
        }
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            self.component[member] = node;
            if member == node {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::{SourceMap, Span};

    fn graph(pairs: &[(usize, usize)], len: usize) -> Vec<Vec<Edge>> {
        let at = Span::new(0, 0).within(SourceMap::default().add("a.rpc", String::new()));
        let mut edges = vec![Vec::new(); len];
        for (from, to) in pairs {
            edges[*from].push(Edge { to: *to, at });
        }
        edges
    }

    fn reaches(edges: &[Vec<Edge>]) -> Vec<Vec<bool>> {
        let len = edges.len();
        let mut reach = vec![vec![false; len]; len];
        for (from, out) in edges.iter().enumerate() {
            for edge in out {
                reach[from][edge.to] = true;
            }
        }
        for (via, from, to) in (0..len).flat_map(|v| (0..len).flat_map(move |f| (0..len).map(move |t| (v, f, t)))) {
            reach[from][to] |= reach[from][via] && reach[via][to];
        }
        reach
    }

    proptest! {
        #[test]
        fn components_are_mutual_reach(pairs in prop::collection::vec((0..9_usize, 0..9_usize), 0..30)) {
            let edges = graph(&pairs, 9);
            let reach = reaches(&edges);
            let plain: Vec<Vec<usize>> = edges.iter().map(|out| out.iter().map(|edge| edge.to).collect()).collect();
            let component = components(&plain);
            for (a, b) in (0..9).flat_map(|a| (0..9).map(move |b| (a, b))).filter(|(a, b)| a != b) {
                prop_assert_eq!(component[a] == component[b], reach[a][b] && reach[b][a]);
            }
        }

        #[test]
        fn a_walk_sees_every_node_once_and_a_cycle_exactly_if_there_is_one(
            pairs in prop::collection::vec((0..9_usize, 0..9_usize), 0..30),
        ) {
            let edges = graph(&pairs, 9);
            let reach = reaches(&edges);
            let walk = walk(&edges);
            let mut seen = walk.order.clone();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..9).collect::<Vec<_>>());
            prop_assert_eq!(walk.cycles.is_empty(), (0..9).all(|node| !reach[node][node]));
            for cycle in &walk.cycles {
                let next = cycle.hops.iter().cycle().skip(1);
                prop_assert!(cycle.left_out > 0 || cycle.hops.iter().zip(next).all(|(hop, next)| hop.1.to == next.0));
            }
        }
    }

    #[test]
    fn a_long_cycle_loses_its_middle() {
        let pairs: Vec<_> = (0..100_000).map(|node| (node, (node + 1) % 100_000)).collect();
        let walk = walk(&graph(&pairs, 100_000));
        let nodes: Vec<usize> = walk.cycles[0].hops.iter().map(|(node, _)| *node).collect();
        assert_eq!(nodes, [0, 1, 2, 3, 4, 5, 6, 99_999]);
        assert_eq!(walk.cycles[0].left_out, 99_992);
    }
}
