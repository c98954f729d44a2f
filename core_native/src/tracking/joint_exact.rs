//! The marginal probabilities of one cluster, summed exactly over its joint events.
//!
//! Upwards each subtree sums what its choosers may do under each state; downwards each node learns
//! the sum over all that the others may do. A marginal is what its edge holds of the whole. All
//! terms are positive, so nothing cancels.

use std::ops::Range;

use crate::tracking::joint_plan::{Choice, Kid, Node, Plan};
use crate::tracking::joint_weight::Weight;

/// What some subtrees may do: the parent chooses none of their resources, or just one.
#[derive(Clone, Copy)]
struct Sums<N> {
    none: N,
    one: N,
}

impl<N: Weight> Sums<N> {
    const EMPTY: Self = Self { none: N::ONE, one: N::ZERO };

    /// Of two groups of subtrees.
    #[inline(always)]
    fn beside(self, other: Self) -> Self {
        let one = self.none.times(other.one).plus(self.one.times(other.none));
        Self { none: self.none.times(other.none), one }
    }
}

/// Sums over joint events; its memory is kept from cluster to cluster.
pub struct ExactSums<N> {
    /// Weight of each choice.
    weight: Vec<N>,
    /// Sum below each state of each node, and over what its chooser may do beside its kids.
    below: Vec<N>,
    own: Vec<N>,
    /// Sum of each kid under each state of its parent where the parent chooses one of its resources.
    one: Vec<N>,
    /// Sum around each state of each node.
    around: Vec<N>,
    /// Sum over all that hold each choice, or leave a chooser without.
    held: Vec<N>,
    idle: Vec<N>,
    before: Vec<Sums<N>>,
}

impl<N> Default for ExactSums<N> {
    fn default() -> Self {
        Self {
            weight: Vec::new(),
            below: Vec::new(),
            own: Vec::new(),
            one: Vec::new(),
            around: Vec::new(),
            held: Vec::new(),
            idle: Vec::new(),
            before: Vec::new(),
        }
    }
}

/// States of `count` that leave a resource free, whose bit may be 0.
#[inline(always)]
fn free_states(count: usize, bit: u32) -> impl Iterator<Item = Range<usize>> {
    let run = if bit == 0 { count } else { bit as usize };
    (0..count).step_by(2 * run).map(move |first| first..first + run)
}

impl<N: Weight> ExactSums<N> {
    /// Sum over the joint events of a plan; `weight` gives that of an edge of the cluster.
    pub fn run(&mut self, plan: &Plan, weight: impl Fn(usize) -> N) {
        fn fill<N>(list: &mut Vec<N>, count: usize, value: N)
        where
            N: Clone,
        {
            list.clear();
            list.resize(count, value);
        }
        self.weight.clear();
        self.weight.extend(plan.choices.iter().map(|choice| weight(choice.edge as usize)));
        fill(&mut self.below, plan.state_count, N::ZERO);
        fill(&mut self.own, plan.state_count, N::ONE);
        fill(&mut self.one, plan.kid_states.len(), N::ZERO);
        fill(&mut self.around, plan.state_count, N::ZERO);
        fill(&mut self.held, plan.choices.len(), N::ZERO);
        fill(&mut self.idle, plan.nodes.len(), N::ZERO);
        for node in &plan.nodes {
            self.sum_up(plan, node);
        }
        if let Some(root) = plan.nodes.last() {
            self.around[root.states.start] = N::ONE;
        }
        for node in plan.nodes.iter().rev() {
            for state in 0..node.states.len() {
                let around = self.around[node.states.start + state];
                if !around.is_zero() {
                    self.pass_down(plan, node, state, around);
                }
            }
        }
    }

    /// Write the share of all joint events that hold each edge of the cluster.
    pub fn write_probabilities(&self, plan: &Plan, probability: &mut [f64]) {
        let whole = self.whole();
        for (choice, held) in plan.choices.iter().zip(&self.held) {
            probability[choice.edge as usize] = held.share_of(whole);
        }
    }

    /// Share of all joint events that leave a chooser without.
    pub fn idle_probability(&self, chooser: usize) -> f64 {
        self.idle[chooser].share_of(self.whole())
    }

    fn whole(&self) -> N {
        self.below.last().copied().unwrap_or(N::ONE)
    }

    /// Sum over what the subtree of a node may do, for each of its states. Choice by choice, and for
    /// each over the states in a row: the longer loop is the inner one.
    #[inline(always)]
    fn sum_up(&mut self, plan: &Plan, node: &Node) {
        let own = &mut self.own[node.states.clone()];
        for choice in node.choices.clone() {
            let (weight, bit) = (self.weight[choice], plan.choices[choice].own_bit);
            for states in free_states(own.len(), bit) {
                own[states].iter_mut().for_each(|sum| *sum = sum.plus(weight));
            }
        }
        let (earlier, below) = self.below.split_at_mut(node.states.start);
        let below = &mut below[..own.len()];
        for kid in &plan.kids[node.kids.clone()] {
            let one = &mut self.one[kid.states.clone()];
            let kid_states = &plan.kid_states[kid.states.clone()];
            for choice in kid.choices.clone() {
                let Choice { own_bit, kid_bit, .. } = plan.choices[choice];
                let (weight, chosen) = (self.weight[choice], &earlier[kid.first_state..]);
                for states in free_states(below.len(), own_bit) {
                    for (sum, &kid_state) in one[states.clone()].iter_mut().zip(&kid_states[states])
                    {
                        let below = chosen[(kid_state + kid_bit) as usize];
                        *sum = sum.plus(weight.times(below));
                    }
                }
            }
        }
        for (state, below) in below.iter_mut().enumerate() {
            let mut sums = Sums::EMPTY;
            for kid in &plan.kids[node.kids.clone()] {
                let at = kid.states.start + state;
                let none = earlier[kid.first_state + plan.kid_states[at] as usize];
                sums = sums.beside(Sums { none, one: self.one[at] });
            }
            *below = own[state].times(sums.none).plus(sums.one);
        }
    }

    #[inline(always)]
    fn sums_of_kid(&self, plan: &Plan, kid: &Kid, state: usize) -> Sums<N> {
        let at = kid.states.start + state;
        let none = self.below[kid.first_state + plan.kid_states[at] as usize];
        Sums { none, one: self.one[at] }
    }

    /// Tell the kids of a node, and its edges, what is around them in one of its states.
    #[inline(always)]
    fn pass_down(&mut self, plan: &Plan, node: &Node, state: usize, around: N) {
        self.before.clear();
        let mut sums = Sums::EMPTY;
        for kid in &plan.kids[node.kids.clone()] {
            self.before.push(sums);
            sums = sums.beside(self.sums_of_kid(plan, kid, state));
        }
        let idle = around.times(sums.none);
        let count = &mut self.idle[node.chooser as usize];
        *count = count.plus(idle);
        for choice in node.choices.clone() {
            if plan.choices[choice].own_bit as usize & state == 0 {
                self.held[choice] = self.held[choice].plus(self.weight[choice].times(idle));
            }
        }
        let own = self.own[node.states.start + state];
        let mut behind = Sums::EMPTY;
        for (number, kid) in plan.kids[node.kids.clone()].iter().enumerate().rev() {
            let others = self.before[number].beside(behind);
            behind = self.sums_of_kid(plan, kid, state).beside(behind);
            let without = own.times(others.none).plus(others.one).times(around);
            self.pass_to_kid(plan, kid, state, [without, around.times(others.none)]);
        }
    }

    /// `around` is what is around the kid where the parent takes nothing of it, and around the choice
    /// of one thing, the weight of the choice left out.
    #[inline(always)]
    fn pass_to_kid(&mut self, plan: &Plan, kid: &Kid, state: usize, around: [N; 2]) {
        let kid_state = plan.kid_states[kid.states.start + state] as usize;
        let first = kid.first_state + kid_state;
        self.around[first] = self.around[first].plus(around[0]);
        for choice in kid.choices.clone() {
            let Choice { own_bit, kid_bit, .. } = plan.choices[choice];
            if own_bit as usize & state == 0 {
                let at = first + kid_bit as usize;
                let chosen = self.weight[choice].times(around[1]);
                self.around[at] = self.around[at].plus(chosen);
                self.held[choice] = self.held[choice].plus(chosen.times(self.below[at]));
            }
        }
    }
}
