//! How the sum over a cluster's joint events is worked out: a tree of choosers with their states.
//!
//! The choosers, rows or columns, choose one after the other. Once some have chosen, the others fall
//! into parts that share no resource, so the order becomes a tree (the elimination tree of sparse
//! matrix factorisation; Liu 1990, "The role of elimination trees in sparse factorization"). What a
//! subtree must know of its ancestors is which of its resources they have taken: its state, a bit
//! for each resource that both see. So the number of terms grows with the width of the cluster, not
//! with its size, as in the tree form of Horridge and Maskell (2006, "Real-time tracking of hundreds
//! of targets with efficient exact JPDAF implementation").

use std::ops::Range;

use crate::tracking::joint_graph::Side;

/// Bits of a state at most.
const MAX_WIDTH: usize = 24;
/// No node, or no kid.
pub const NONE: u32 = u32::MAX;

/// One resource that a chooser may take.
#[derive(Clone, Copy)]
pub struct Choice {
    /// Edge of the cluster.
    pub edge: u32,
    /// Bit of the resource in the node's own state; 0 where no ancestor sees it.
    pub own_bit: u32,
    /// Bit of the resource in the kid's state; 0 where no kid sees it.
    pub kid_bit: u32,
}

/// A subtree below a node.
#[derive(Clone)]
pub struct Kid {
    /// Its root's first state, in lists that hold those of all nodes.
    pub first_state: usize,
    /// Choices of the parent that it sees, in `Plan::choices`.
    pub choices: Range<usize>,
    /// Its state under each state of the parent, in `Plan::kid_states`.
    pub states: Range<usize>,
}

/// One chooser.
#[derive(Clone)]
pub struct Node {
    /// Its number within its side.
    pub chooser: u32,
    /// Choices that no kid sees, in `Plan::choices`.
    pub choices: Range<usize>,
    /// Its subtrees, in `Plan::kids`.
    pub kids: Range<usize>,
    /// Its states, in lists that hold those of all nodes.
    pub states: Range<usize>,
}

/// The tree of one cluster; its memory is kept from cluster to cluster.
#[derive(Default)]
pub struct Plan {
    /// Choosers, the last to choose first; the root is the last.
    pub nodes: Vec<Node>,
    /// Subtrees, node by node.
    pub kids: Vec<Kid>,
    /// Choices, node by node.
    pub choices: Vec<Choice>,
    /// States of kids.
    pub kid_states: Vec<u32>,
    /// States of all nodes.
    pub state_count: usize,
    tree: Tree,
    /// Bit and owner of each resource while one node is written down.
    own_bit: Vec<u32>,
    kid_bit: Vec<u32>,
    kid_of: Vec<u32>,
    bits: Vec<(u32, u32)>,
}

/// The elimination tree and the resources that each subtree shares with its ancestors.
#[derive(Default)]
struct Tree {
    /// First chooser of each resource in the order.
    first: Vec<u32>,
    /// Latest node that was linked, of each resource.
    linked: Vec<u32>,
    root: Vec<u32>,
    kids: Vec<u32>,
    kid_start: Vec<u32>,
    /// Resources that nodes share with their ancestors, node by node.
    shared: Vec<u32>,
    shared_start: Vec<u32>,
    marked: Vec<u32>,
    /// Steps that the sum takes: over all states, one and one more for each choice and kid.
    work: usize,
}

impl Tree {
    /// Build the tree of an order. Whether it stays within `max_work`.
    fn build(&mut self, choosers: &Side, count: usize, order: &[u32], max_work: usize) -> bool {
        self.begin(choosers, count, order);
        // Nodes are numbered from the end of the order.
        for (node, &chooser) in order.iter().rev().enumerate() {
            let position = (order.len() - 1 - node) as u32;
            self.link(node as u32, choosers.neighbours(chooser as usize));
            self.share(node as u32, position, choosers.neighbours(chooser as usize));
            let width = self.shared.len() - self.shared_start[node] as usize;
            self.shared_start.push(self.shared.len() as u32);
            if width > MAX_WIDTH {
                return false;
            }
            let kids = self.kids.len() - self.kid_start[node] as usize;
            self.kid_start.push(self.kids.len() as u32);
            self.work += (1 + choosers.neighbours(chooser as usize).len() + kids) << width;
            if self.work > max_work {
                return false;
            }
        }
        true
    }

    fn begin(&mut self, choosers: &Side, count: usize, order: &[u32]) {
        for list in [&mut self.first, &mut self.linked, &mut self.marked] {
            refill(list, count);
        }
        for (position, &chooser) in order.iter().enumerate().rev() {
            for &resource in choosers.neighbours(chooser as usize) {
                self.first[resource as usize] = position as u32;
            }
        }
        for list in [&mut self.root, &mut self.kids, &mut self.shared] {
            list.clear();
        }
        for list in [&mut self.kid_start, &mut self.shared_start] {
            list.clear();
            list.push(0);
        }
        self.work = 0;
    }

    /// Put the subtrees that share a resource with the node below it.
    fn link(&mut self, node: u32, resources: &[u32]) {
        self.root.push(node);
        for &resource in resources {
            let other = std::mem::replace(&mut self.linked[resource as usize], node);
            if other != NONE {
                let root = self.find_root(other);
                if root != node {
                    self.root[root as usize] = node;
                    self.kids.push(root);
                }
            }
        }
    }

    fn find_root(&mut self, mut node: u32) -> u32 {
        while self.root[node as usize] != node {
            let above = self.root[self.root[node as usize] as usize];
            self.root[node as usize] = above;
            node = above;
        }
        node
    }

    /// List what the subtree of a node shares with choosers before its position.
    fn share(&mut self, node: u32, position: u32, resources: &[u32]) {
        for &resource in resources {
            self.share_one(resource, node, position);
        }
        for kid in self.kid_start[node as usize] as usize..self.kids.len() {
            let kid = self.kids[kid] as usize;
            for at in self.shared_start[kid]..self.shared_start[kid + 1] {
                self.share_one(self.shared[at as usize], node, position);
            }
        }
    }

    fn share_one(&mut self, resource: u32, node: u32, position: u32) {
        let known = std::mem::replace(&mut self.marked[resource as usize], node) == node;
        if !known && self.first[resource as usize] < position {
            self.shared.push(resource);
        }
    }

    fn shared_of(&self, node: usize) -> &[u32] {
        &self.shared[self.shared_start[node] as usize..self.shared_start[node + 1] as usize]
    }

    fn kids_of(&self, node: usize) -> &[u32] {
        &self.kids[self.kid_start[node] as usize..self.kid_start[node + 1] as usize]
    }
}

impl Plan {
    /// Count the steps of the sum in an order of the choosers, of which there is at least one;
    /// nothing above `max_work`.
    pub fn measure(
        &mut self,
        choosers: &Side,
        resource_count: usize,
        order: &[u32],
        max_work: usize,
    ) -> Option<usize> {
        let fits = self.tree.build(choosers, resource_count, order, max_work);
        fits.then_some(self.tree.work)
    }

    /// Write down the order measured last.
    pub fn write(&mut self, choosers: &Side, resource_count: usize, order: &[u32]) {
        self.nodes.clear();
        self.kids.clear();
        self.choices.clear();
        self.kid_states.clear();
        self.state_count = 0;
        for list in [&mut self.own_bit, &mut self.kid_bit, &mut self.kid_of] {
            refill(list, resource_count);
        }
        for (node, &chooser) in order.iter().rev().enumerate() {
            self.write_node(node, chooser, choosers);
        }
    }

    fn write_node(&mut self, node: usize, chooser: u32, choosers: &Side) {
        let width = self.name_bits(node);
        let first_state = self.state_count;
        self.state_count += 1 << width;
        let (resources, edges) =
            (choosers.neighbours(chooser as usize), choosers.edges(chooser as usize));
        let first_kid = self.kids.len();
        let choices = self.write_choices(NONE, resources, edges);
        for kid in 0..self.tree.kids_of(node).len() {
            let choices = self.write_choices(kid as u32, resources, edges);
            let states = self.write_kid_states(node, kid as u32);
            let root = &self.nodes[self.tree.kids_of(node)[kid] as usize];
            self.kids.push(Kid { first_state: root.states.start, choices, states });
        }
        let (kids, states) = (first_kid..self.kids.len(), first_state..self.state_count);
        self.nodes.push(Node { chooser, choices, kids, states });
        self.forget_bits(node, resources);
    }

    /// Name the bits of the node's own state and of its kids' states; the number of the first.
    fn name_bits(&mut self, node: usize) -> usize {
        for (bit, &resource) in self.tree.shared_of(node).iter().enumerate() {
            self.own_bit[resource as usize] = 1 << bit;
        }
        for (kid, &root) in self.tree.kids_of(node).iter().enumerate() {
            for (bit, &resource) in self.tree.shared_of(root as usize).iter().enumerate() {
                self.kid_bit[resource as usize] = 1 << bit;
                self.kid_of[resource as usize] = kid as u32;
            }
        }
        self.tree.shared_of(node).len()
    }

    fn forget_bits(&mut self, node: usize, resources: &[u32]) {
        for &resource in self.tree.shared_of(node).iter().chain(resources) {
            self.own_bit[resource as usize] = NONE;
            self.kid_bit[resource as usize] = NONE;
            self.kid_of[resource as usize] = NONE;
        }
    }

    /// Append the choices that a kid sees, or none of them.
    fn write_choices(&mut self, kid: u32, resources: &[u32], edges: &[u32]) -> Range<usize> {
        let first = self.choices.len();
        for (&resource, &edge) in resources.iter().zip(edges) {
            if self.kid_of[resource as usize] == kid {
                let bit = |bits: &[u32]| Some(bits[resource as usize]).filter(|&bit| bit != NONE);
                let own_bit = bit(&self.own_bit).unwrap_or(0);
                let kid_bit = bit(&self.kid_bit).unwrap_or(0);
                self.choices.push(Choice { edge, own_bit, kid_bit });
            }
        }
        first..self.choices.len()
    }

    /// Append the kid's state under each state of the node.
    fn write_kid_states(&mut self, node: usize, kid: u32) -> Range<usize> {
        self.bits.clear();
        for &resource in self.tree.shared_of(node) {
            let sees = self.kid_of[resource as usize] == kid;
            let kid_bit = if sees { self.kid_bit[resource as usize] } else { 0 };
            self.bits.push((self.own_bit[resource as usize], kid_bit));
        }
        let first = self.kid_states.len();
        self.kid_states.push(0);
        // States whose highest bit is the next are those before it with the bit set.
        for &(own_bit, kid_bit) in &self.bits {
            for state in 0..own_bit as usize {
                self.kid_states.push(self.kid_states[first + state] | kid_bit);
            }
        }
        first..self.kid_states.len()
    }
}

fn refill(list: &mut Vec<u32>, count: usize) {
    list.clear();
    list.resize(count, NONE);
}
