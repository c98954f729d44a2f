//! How far a sensor is off, when no gate would let its detections in: a vote of differences.
//!
//! Each pair of a target and a detection votes for the offset between them. The right pairs agree, but
//! for noise, the targets' motion within the bias of time and the other biases; the wrong ones are spread.

/// Cells on each side of the square that is searched.
pub const SIDE: usize = 64;
/// Half sizes of the blocks of cells that are looked at: a narrow peak, and what biases widen.
const HALF_SIZES: [usize; 3] = [1, 2, 4];
/// Probability that some block of any size holds as many votes by chance.
const SIGNIFICANCE: f64 = 1e-6;
/// How many times as many votes the peak has as any block beside it; else formations, which agree at
/// many offsets, could be taken for it.
const AHEAD_OF_SECOND: u32 = 2;

/// Votes in a square of offsets.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetVote {
    /// Half the side of the square \[m\].
    pub search_m: f64,
    /// Votes by north, then east.
    pub votes: Vec<u32>,
}

/// Offsets that agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// Least offset, east and north \[m\].
    pub low_m: [f64; 2],
    /// Largest \[m\].
    pub high_m: [f64; 2],
    /// Share of the looks at targets that voted for it.
    pub agreement: f64,
}

impl Peak {
    /// Whether an offset is in it.
    pub fn holds(&self, offset_m: [f64; 2]) -> bool {
        (0..2).all(|axis| (self.low_m[axis]..self.high_m[axis]).contains(&offset_m[axis]))
    }
}

/// A block of cells and the votes in it.
#[derive(Clone, Copy)]
struct Block {
    middle: [usize; 2],
    half: usize,
    votes: u32,
}

impl OffsetVote {
    /// No votes yet.
    pub fn new(search_m: f64) -> Self {
        Self { search_m, votes: vec![0; SIDE * SIDE] }
    }

    /// Forget all votes.
    pub fn clear(&mut self) {
        self.votes.fill(0);
    }

    /// Vote for an offset, when it is inside the square.
    pub fn vote(&mut self, offset_m: [f64; 2]) {
        let [east, north] = offset_m.map(|along_m| (along_m + self.search_m) / self.cell_m());
        let side = SIDE as f64;
        if (0.0..side).contains(&east) && (0.0..side).contains(&north) {
            let cell = &mut self.votes[north as usize * SIDE + east as usize];
            *cell = cell.saturating_add(1);
        }
    }

    fn cell_m(&self) -> f64 {
        2.0 * self.search_m / SIDE as f64
    }

    /// Where the offset is, when the votes are too many there to be so by chance.
    ///
    /// `looks` is how often the sensor looked at a target, of `targets` in all. The same two targets meet
    /// at the same offset again and again where they move alike: repeated looks count as one.
    pub fn peak(&self, looks: u64, targets: usize) -> Option<Peak> {
        let all: u64 = self.votes.iter().map(|&votes| u64::from(votes)).sum();
        let repeats = (looks as f64 / targets.max(1) as f64).max(1.0);
        let mut best: Option<(f64, Block)> = None;
        for half in HALF_SIZES {
            let block = self.largest(half, None);
            let surprise = ln_chance(block, all, repeats, targets);
            if best.is_none_or(|(least, _)| surprise < least) {
                best = Some((surprise, block));
            }
        }
        let (surprise, block) = best?;
        let blocks = (HALF_SIZES.len() * SIDE * SIDE) as f64;
        let second = self.largest(block.half, Some(block));
        let stands_out = block.votes >= AHEAD_OF_SECOND * second.votes;
        (surprise < libm::log(SIGNIFICANCE / blocks) && stands_out)
            .then(|| self.extent(block, looks))
    }

    /// The block with most votes among those that do not meet another.
    fn largest(&self, half: usize, apart_from: Option<Block>) -> Block {
        let mut largest = Block { middle: [half; 2], half, votes: 0 };
        for north in half..SIDE - half {
            for east in half..SIDE - half {
                let meets = apart_from.is_some_and(|other| {
                    let [e, n] = other.middle;
                    e.abs_diff(east) <= 2 * half && n.abs_diff(north) <= 2 * half
                });
                let votes = if meets { 0 } else { self.votes_in([east, north], half) };
                if votes > largest.votes {
                    largest = Block { middle: [east, north], half, votes };
                }
            }
        }
        largest
    }

    fn votes_in(&self, [east, north]: [usize; 2], half: usize) -> u32 {
        let rows = north - half..=north + half;
        rows.flat_map(|row| &self.votes[row * SIDE + east - half..=row * SIDE + east + half])
            .fold(0, |sum: u32, &votes| sum.saturating_add(votes))
    }

    fn extent(&self, block: Block, looks: u64) -> Peak {
        let edge_m = |cell: usize| cell as f64 * self.cell_m() - self.search_m;
        Peak {
            low_m: block.middle.map(|middle| edge_m(middle - block.half)),
            high_m: block.middle.map(|middle| edge_m(middle + block.half + 1)),
            agreement: (f64::from(block.votes) / looks.max(1) as f64).min(1.0),
        }
    }
}

/// ln of a bound of the probability that so many of the targets vote for a block by chance: of the
/// binomial distribution's upper tail (W. Hoeffding 1963, "Probability inequalities for sums of bounded
/// random variables", *Journal of the American Statistical Association* 58(301), eq. 2.1). The votes
/// elsewhere, one more for what they leave unsaid, tell how many fall into a block.
fn ln_chance(block: Block, all: u64, repeats: f64, targets: usize) -> f64 {
    let targets = targets as f64;
    let elsewhere = (all.saturating_sub(u64::from(block.votes))) as f64 / repeats + 1.0;
    let side = (2 * block.half + 1) as f64;
    let share = side * side / (SIDE * SIDE) as f64;
    let by_chance = 1.0 - libm::exp(-elsewhere / targets * share / (1.0 - share));
    let agree = (f64::from(block.votes) / repeats / targets).min(1.0);
    if targets < 1.0 || agree <= by_chance {
        return 0.0;
    }
    let disagree = 1.0 - agree;
    let mut exponent = agree * libm::log(agree / by_chance);
    if disagree > 0.0 {
        exponent += disagree * libm::log(disagree / (1.0 - by_chance));
    }
    -targets * exponent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, uniform};

    const SEARCH_M: f64 = 5000.0;

    /// Two numbers from 0 to 1, others for each seed and vote.
    fn numbers(seed: u64, vote: u64) -> [f64; 2] {
        let [a, b, ..] = Stream::new(seed, &[0; 16], Purpose::ClutterPlace).words(vote, 0);
        [uniform(u64::from(a)), uniform(u64::from(b))]
    }

    fn anywhere(vote: &mut OffsetVote, seed: u64, votes: u64) {
        for number in 0..votes {
            vote.vote(numbers(seed, number).map(|x| (2.0 * x - 1.0) * SEARCH_M));
        }
    }

    /// Votes for an offset of 1400 m and -200 m, spread by 200 m to each side.
    fn agreeing(vote: &mut OffsetVote, seed: u64, votes: u64) {
        for number in 0..votes {
            let [x, y] = numbers(seed, 1_000_000 + number);
            vote.vote([1200.0 + 400.0 * x, -400.0 + 400.0 * y]);
        }
    }

    #[test]
    fn chance_alone_is_not_taken_for_an_offset() {
        for seed in 0..200 {
            for (targets, votes) in [(3, 3), (10, 40), (100, 100), (100, 1000)] {
                let mut vote = OffsetVote::new(SEARCH_M);
                anywhere(&mut vote, seed, votes);
                assert_eq!(vote.peak(targets, targets as usize), None, "{seed} {targets} {votes}");
            }
        }
    }

    #[test]
    fn an_offset_is_found_among_wrong_pairs() {
        for seed in 0..50 {
            let mut vote = OffsetVote::new(SEARCH_M);
            anywhere(&mut vote, seed, 200);
            agreeing(&mut vote, seed, 80);
            let peak = vote.peak(100, 100).expect("80 of 100 agree");
            assert!(peak.holds([1400.0, -200.0]), "{seed} {peak:?}");
            assert!((0.5..=0.9).contains(&peak.agreement), "{seed} {peak:?}");
        }
    }

    #[test]
    fn the_same_votes_again_are_no_more_than_once() {
        let mut vote = OffsetVote::new(SEARCH_M);
        for scan in 1..=100 {
            agreeing(&mut vote, 7, 2);
            assert_eq!(vote.peak(2 * scan, 2), None, "{scan}");
        }
    }

    #[test]
    fn formations_that_agree_at_two_offsets_are_left_undecided() {
        let mut vote = OffsetVote::new(SEARCH_M);
        agreeing(&mut vote, 7, 60);
        (0..40).for_each(|_| vote.vote([-2000.0, 1000.0]));
        assert_eq!(vote.peak(60, 60), None);
    }

    #[test]
    fn what_is_outside_the_square_does_not_count() {
        let mut vote = OffsetVote::new(SEARCH_M);
        for offset_m in [[5000.0, 0.0], [0.0, -5000.1], [f64::NAN, 0.0], [1e30, 1e30]] {
            vote.vote(offset_m);
        }
        assert!(vote.votes.iter().all(|&votes| votes == 0));
    }
}
