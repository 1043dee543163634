//! Calls between endpoints that come back to where they started: a request that would never end.

use crate::ids::Id;
use crate::model::EndpointSpec;
use crate::text::Span;

use super::{Resolver, limits};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Fresh,
    OnPath,
    Done,
}

impl Resolver<'_, '_> {
    /// Reports every call that closes a cycle, as a chain. Returns whether there is none.
    pub(super) fn check_cycles(&mut self) -> bool {
        let count = self.edges.len();
        let mut marks = vec![Mark::Fresh; count];
        let mut found = Vec::new();
        for root in 0..count {
            if marks[root] == Mark::Fresh {
                self.walk(root, &mut marks, &mut found);
            }
        }
        let acyclic = found.is_empty();
        for (chain, span) in found {
            let names: Vec<String> = chain.iter().map(|at| self.names.endpoint_name(id(*at))).collect();
            let message = format!("calls go round in a circle: {} -> {}", names.join(" -> "), names[0]);
            let help = "a request there would never end; call another endpoint, or take one of these calls out";
            self.error("cycle", &span, message, help);
        }
        acyclic
    }

    /// Depth first from one endpoint, without recursion: a chain of calls can be as long as there are endpoints.
    fn walk(&self, root: usize, marks: &mut [Mark], found: &mut Vec<(Vec<usize>, Span)>) {
        let mut path = vec![(root, 0)];
        marks[root] = Mark::OnPath;
        while let Some((at, next)) = path.last_mut() {
            let Some(edge) = self.edges[*at].get(*next) else {
                marks[*at] = Mark::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let to = edge.to.index();
            match marks[to] {
                Mark::Done => {}
                Mark::Fresh => {
                    marks[to] = Mark::OnPath;
                    path.push((to, 0));
                }
                Mark::OnPath => {
                    let chain: Vec<usize> = path.iter().map(|(at, _)| *at).skip_while(|at| *at != to).collect();
                    found.push((chain, edge.span.clone()));
                }
            }
        }
    }

    /// Reports the first call that makes a chain of calls too deep; there must be no cycle.
    pub(super) fn check_depth(&mut self) {
        let mut depths = vec![1_usize; self.edges.len()];
        for at in self.callers_first() {
            for edge in &self.edges[at] {
                let depth = depths[at] + 1;
                if depth > limits::DEPTH {
                    let span = edge.span.clone();
                    let message = format!("this call makes a chain of {depth} endpoints, one calling the next");
                    let help =
                        format!("at most {}: take services out of the chain, or call side by side", limits::DEPTH);
                    return self.error("too-deep", &span, message, help);
                }
                let known = &mut depths[edge.to.index()];
                *known = depth.max(*known);
            }
        }
    }

    /// Endpoints so that each comes before everything it calls; there must be no cycle.
    pub(super) fn callers_first(&self) -> Vec<usize> {
        let mut incoming = vec![0_usize; self.edges.len()];
        for edge in self.edges.iter().flatten() {
            incoming[edge.to.index()] += 1;
        }
        let mut order: Vec<usize> = (0..incoming.len()).filter(|at| incoming[*at] == 0).collect();
        let mut next = 0;
        while let Some(&at) = order.get(next) {
            next += 1;
            for edge in &self.edges[at] {
                let to = edge.to.index();
                incoming[to] -= 1;
                if incoming[to] == 0 {
                    order.push(to);
                }
            }
        }
        order
    }
}

fn id(at: usize) -> Id<EndpointSpec> {
    Id::from_usize(at)
}
