//! Circles in a directed graph: its strongly connected components (Tarjan
//! 1972), without recursion, so that a long chain cannot exhaust the stack.

/// For each node the number of its component, if that has more than one node.
pub(super) fn cyclic(count: usize, edges: &[(usize, usize)]) -> Vec<Option<usize>> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (from, to) in edges {
        if let Some(list) = next.get_mut(*from) {
            list.push(*to);
        }
    }
    let mut state = State {
        order: vec![usize::MAX; count],
        low: vec![usize::MAX; count],
        on_stack: vec![false; count],
        stack: Vec::new(),
        clock: 0,
        component: vec![None; count],
        components: 0,
    };
    for start in 0..count {
        if at(&state.order, start) == usize::MAX {
            state.visit(start, &next);
        }
    }
    state.component
}

struct State {
    /// When a node was entered.
    order: Vec<usize>,
    /// The earliest node that can be reached from it.
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    clock: usize,
    component: Vec<Option<usize>>,
    components: usize,
}

impl State {
    fn visit(&mut self, start: usize, next: &[Vec<usize>]) {
        let mut work = vec![(start, 0)];
        self.enter(start);
        while let Some((node, child)) = work.pop() {
            match next.get(node).and_then(|list| list.get(child)) {
                Some(&below) => {
                    work.push((node, child + 1));
                    if at(&self.order, below) == usize::MAX {
                        self.enter(below);
                        work.push((below, 0));
                    } else if self.on_stack.get(below) == Some(&true) {
                        let reached = at(&self.order, below);
                        self.lower(node, reached);
                    }
                }
                None => {
                    let reached = at(&self.low, node);
                    if let Some((parent, _)) = work.last().copied() {
                        self.lower(parent, reached);
                    }
                    if reached == at(&self.order, node) {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn enter(&mut self, node: usize) {
        set(&mut self.order, node, self.clock);
        set(&mut self.low, node, self.clock);
        set(&mut self.on_stack, node, true);
        self.stack.push(node);
        self.clock += 1;
    }

    fn lower(&mut self, node: usize, reached: usize) {
        let low = at(&self.low, node).min(reached);
        set(&mut self.low, node, low);
    }

    /// Everything above `node` on the stack is one component with it.
    fn close(&mut self, node: usize) {
        let from = self.stack.iter().rposition(|known| *known == node);
        let members = self.stack.split_off(from.unwrap_or_default());
        let number = (members.len() > 1).then_some(self.components);
        self.components += 1;
        for member in members {
            set(&mut self.on_stack, member, false);
            set(&mut self.component, member, number);
        }
    }
}

fn at(list: &[usize], place: usize) -> usize {
    list.get(place).copied().unwrap_or(usize::MAX)
}

fn set<T>(list: &mut [T], place: usize, value: T) {
    if let Some(known) = list.get_mut(place) {
        *known = value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::cyclic;

    #[test]
    fn circles_are_found_and_loops_are_none() {
        let found = cyclic(6, &[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (5, 5)]);
        assert!(found[0].is_some() && found[0] == found[1] && found[1] == found[2]);
        assert!(found[3].is_some() && found[3] == found[4] && found[3] != found[0]);
        assert_eq!(found[5], None);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let edges: Vec<_> = (0..200_000).map(|at| (at, at + 1)).collect();
        assert!(cyclic(200_001, &edges).iter().all(Option::is_none));
    }

    proptest! {
        #[test]
        fn two_nodes_share_a_circle_if_each_reaches_the_other(
            edges in prop::collection::vec((0..9_usize, 0..9_usize), 0..30),
        ) {
            let mut reach = [[false; 9]; 9];
            for (from, to) in &edges {
                reach[*from][*to] = true;
            }
            for middle in 0..9 {
                for from in 0..9 {
                    for to in 0..9 {
                        reach[from][to] |= reach[from][middle] && reach[middle][to];
                    }
                }
            }
            let found = cyclic(9, &edges);
            for a in 0..9 {
                for b in 0..9 {
                    if a != b {
                        let same = found[a].is_some() && found[a] == found[b];
                        prop_assert_eq!(same, reach[a][b] && reach[b][a]);
                    }
                }
            }
        }
    }
}
