//! The order in which the nodes of a cluster choose: a sweep that keeps few choices open.

use crate::tracking::joint_graph::Side;

/// Orders the nodes of one side; its memory is kept from cluster to cluster.
#[derive(Default)]
pub struct Sweep {
    /// Nodes of the choosing side in the order found.
    pub order: Vec<u32>,
    /// Choosers that each resource has left.
    left: Vec<u32>,
    seen: Vec<bool>,
    /// Open resources more, if the chooser came next.
    growth: Vec<i32>,
    stage: Vec<Stage>,
    reached: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Far,
    Reached,
    Done,
}

impl Sweep {
    /// Order the choosers of a connected cluster, each next to those before it, so that as few
    /// resources as possible are open at a time: seen before and wanted later. Greedy: the next is
    /// the one that opens least and closes most, of equal ones the first.
    pub fn run(&mut self, choosers: &Side, resources: &Side) {
        self.begin(choosers, resources);
        let first = (0..choosers.len()).min_by_key(|&node| self.growth[node]);
        let mut next = first.map(|node| node as u32);
        while let Some(node) = next {
            self.order.push(node);
            self.stage[node as usize] = Stage::Done;
            for &resource in choosers.neighbours(node as usize) {
                self.use_resource(resource as usize, resources);
            }
            next = self.take_best();
        }
    }

    fn begin(&mut self, choosers: &Side, resources: &Side) {
        fn fill<T: Clone>(list: &mut Vec<T>, count: usize, value: T) {
            list.clear();
            list.resize(count, value);
        }
        self.order.clear();
        self.reached.clear();
        fill(&mut self.seen, resources.len(), false);
        fill(&mut self.stage, choosers.len(), Stage::Far);
        self.left.clear();
        let counts = (0..resources.len()).map(|node| resources.neighbours(node).len() as u32);
        self.left.extend(counts);
        self.growth.clear();
        for node in 0..choosers.len() {
            let shared = |&&resource: &&u32| self.left[resource as usize] > 1;
            self.growth.push(choosers.neighbours(node).iter().filter(shared).count() as i32);
        }
    }

    /// One of a resource's choosers is done.
    fn use_resource(&mut self, resource: usize, resources: &Side) {
        let opens = !std::mem::replace(&mut self.seen[resource], true);
        self.left[resource] -= 1;
        // It is no longer new to the others; to the last of them it closes.
        let change = i32::from(opens) + i32::from(self.left[resource] == 1);
        if change == 0 {
            return;
        }
        for &other in resources.neighbours(resource) {
            let stage = &mut self.stage[other as usize];
            if *stage == Stage::Far {
                *stage = Stage::Reached;
                self.reached.push(other);
            }
            self.growth[other as usize] -= change;
        }
    }

    fn take_best(&mut self) -> Option<u32> {
        let key = |&at: &usize| (self.growth[self.reached[at] as usize], self.reached[at]);
        let best = (0..self.reached.len()).min_by_key(key)?;
        Some(self.reached.swap_remove(best))
    }
}
