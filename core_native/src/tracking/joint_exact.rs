//! The marginal probabilities of one cluster, summed exactly over its joint events.
//!
//! Upwards each subtree sums what its choosers may do under each state; downwards each node learns
//! the sum over all that the others may do. A marginal is what its edge holds of the whole. All
//! terms are positive, so nothing cancels.

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
    weight: Vec<N>,
    /// Sum below each state of each node.
    below: Vec<N>,
    /// Sum around each state of each node.
    around: Vec<N>,
    /// Sum over all that hold each edge, or leave a chooser without.
    held: Vec<N>,
    idle: Vec<N>,
    kid_sums: Vec<Sums<N>>,
    before: Vec<Sums<N>>,
}

impl<N> Default for ExactSums<N> {
    fn default() -> Self {
        Self {
            weight: Vec::new(),
            below: Vec::new(),
            around: Vec::new(),
            held: Vec::new(),
            idle: Vec::new(),
            kid_sums: Vec::new(),
            before: Vec::new(),
        }
    }
}

impl<N: Weight> ExactSums<N> {
    /// Sum over the joint events of a plan; `weights` has one for each edge of the cluster.
    pub fn run(&mut self, plan: &Plan, weights: impl Iterator<Item = N>) {
        fn fill<N: Weight>(list: &mut Vec<N>, count: usize) {
            list.clear();
            list.resize(count, N::ZERO);
        }
        self.weight.clear();
        self.weight.extend(weights);
        fill(&mut self.below, plan.state_count);
        fill(&mut self.around, plan.state_count);
        fill(&mut self.held, self.weight.len());
        fill(&mut self.idle, plan.nodes.len());
        for node in &plan.nodes {
            for state in 0..node.states.len() {
                self.below[node.states.start + state] = self.sum_below(plan, node, state);
            }
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

    /// Share of all joint events that hold an edge.
    pub fn probability(&self, edge: usize) -> f64 {
        self.held[edge].share_of(self.whole())
    }

    /// Share of all joint events that leave a chooser without.
    pub fn idle_probability(&self, chooser: usize) -> f64 {
        self.idle[chooser].share_of(self.whole())
    }

    fn whole(&self) -> N {
        self.below.last().copied().unwrap_or(N::ONE)
    }

    /// Sum over the choices of a node that its state leaves free, over what `kid` then may do.
    #[inline(always)]
    fn sum_of(&self, choices: &[Choice], state: usize, below: impl Fn(&Choice) -> N) -> N {
        let free = choices.iter().filter(|choice| choice.own_bit as usize & state == 0);
        free.fold(N::ZERO, |sum, choice| {
            sum.plus(self.weight[choice.edge as usize].times(below(choice)))
        })
    }

    /// A subtree's own sum, where the parent takes nothing of it or one thing.
    #[inline(always)]
    fn sums_of_kid(&self, plan: &Plan, kid: &Kid, state: usize) -> Sums<N> {
        let kid_state = plan.kid_states[kid.states.start + state];
        let first = plan.nodes[kid.node as usize].states.start;
        let below = |bit: u32| self.below[first + (kid_state | bit) as usize];
        let choices = &plan.choices[kid.choices.clone()];
        let one = self.sum_of(choices, state, |choice| below(choice.kid_bit));
        Sums { none: below(0), one }
    }

    #[inline(always)]
    fn own_sum(&self, plan: &Plan, node: &Node, state: usize) -> N {
        N::ONE.plus(self.sum_of(&plan.choices[node.choices.clone()], state, |_| N::ONE))
    }

    #[inline(always)]
    fn sum_below(&self, plan: &Plan, node: &Node, state: usize) -> N {
        let kids = plan.kids[node.kids.clone()].iter();
        let sums =
            kids.fold(Sums::EMPTY, |sums, kid| sums.beside(self.sums_of_kid(plan, kid, state)));
        self.own_sum(plan, node, state).times(sums.none).plus(sums.one)
    }

    /// Tell the kids of a node, and its edges, what is around them in one of its states.
    fn pass_down(&mut self, plan: &Plan, node: &Node, state: usize, around: N) {
        self.kid_sums.clear();
        self.before.clear();
        let mut sums = Sums::EMPTY;
        for kid in &plan.kids[node.kids.clone()] {
            let of_kid = self.sums_of_kid(plan, kid, state);
            self.kid_sums.push(of_kid);
            self.before.push(sums);
            sums = sums.beside(of_kid);
        }
        let idle = around.times(sums.none);
        let count = &mut self.idle[node.chooser as usize];
        *count = count.plus(idle);
        for choice in &plan.choices[node.choices.clone()] {
            if choice.own_bit as usize & state == 0 {
                self.hold(choice, idle);
            }
        }
        let own = self.own_sum(plan, node, state);
        let mut behind = Sums::EMPTY;
        for (number, kid) in plan.kids[node.kids.clone()].iter().enumerate().rev() {
            let others = self.before[number].beside(behind);
            behind = self.kid_sums[number].beside(behind);
            let without = own.times(others.none).plus(others.one).times(around);
            self.pass_to_kid(plan, kid, state, [without, around.times(others.none)]);
        }
    }

    /// `around` is what is around the kid where the parent takes nothing of it, and around the choice
    /// of one thing, the weight of the choice left out.
    #[inline(always)]
    fn pass_to_kid(&mut self, plan: &Plan, kid: &Kid, state: usize, around: [N; 2]) {
        let kid_state = plan.kid_states[kid.states.start + state] as usize;
        let first = plan.nodes[kid.node as usize].states.start + kid_state;
        self.around[first] = self.around[first].plus(around[0]);
        for choice in &plan.choices[kid.choices.clone()] {
            if choice.own_bit as usize & state == 0 {
                let at = first + choice.kid_bit as usize;
                let chosen = self.weight[choice.edge as usize].times(around[1]);
                self.around[at] = self.around[at].plus(chosen);
                self.hold(choice, around[1].times(self.below[at]));
            }
        }
    }

    /// Count what holds an edge, of which the edge's own weight is left out.
    #[inline(always)]
    fn hold(&mut self, choice: &Choice, rest: N) {
        let edge = choice.edge as usize;
        self.held[edge] = self.held[edge].plus(self.weight[edge].times(rest));
    }
}
