//! Which tracks have followed one object, and for how long.

use std::collections::BTreeSet;

/// What has happened to one object so far.
#[derive(Clone, Debug, Default)]
pub struct ObjectHistory {
    /// Number of the picture that it was last part of, from 1, and the time of that \[ns\].
    picture: u64,
    time_ns: i64,
    /// Time for which it was there, and for which a track followed it \[ns\].
    pub present_ns: i64,
    /// As `present_ns`, while one and the same track or another followed it \[ns\].
    pub tracked_ns: i64,
    /// The longest time for which one track followed it without a break \[ns\].
    pub longest_ns: i64,
    /// Fewest changes of track number by which it could have been followed.
    pub changes: u32,
    /// Numbers of all tracks that ever followed it.
    pub numbers: BTreeSet<u64>,
    /// The tracks that follow it now, in order, and since when \[ns\].
    following: Vec<(u64, i64)>,
    /// The tracks that could have been followed since the last change of number.
    unchanged: Vec<u64>,
}

impl ObjectHistory {
    /// Take in that it is part of picture number `picture`, followed by the tracks `assigned`, in
    /// order. Times count between two pictures in a row that it is part of; a track follows it
    /// between two that both assign the track to it.
    pub fn observe(&mut self, picture: u64, time_ns: i64, assigned: &[u64]) {
        let is_next = self.picture > 0 && self.picture + 1 == picture;
        let passed_ns = if is_next { time_ns - self.time_ns } else { 0 };
        let before = std::mem::take(&mut self.following);
        let since = |number: u64| {
            let at = before.binary_search_by_key(&number, |&(number, _)| number).ok()?;
            is_next.then(|| before[at].1)
        };
        self.following =
            assigned.iter().map(|&number| (number, since(number).unwrap_or(time_ns))).collect();
        let longest_ns = self.following.iter().map(|&(_, since_ns)| time_ns - since_ns).max();
        self.longest_ns = self.longest_ns.max(longest_ns.unwrap_or(0));
        self.present_ns += passed_ns;
        if assigned.iter().any(|&number| since(number).is_some()) {
            self.tracked_ns += passed_ns;
        }
        self.numbers.extend(assigned);
        self.count_changes(assigned);
        (self.picture, self.time_ns) = (picture, time_ns);
    }

    /// The number changes when none of those that could have been shown since the last change is
    /// left. To change as late as possible is to change as seldom as possible.
    fn count_changes(&mut self, assigned: &[u64]) {
        if assigned.is_empty() {
            return;
        }
        let was_followed = !self.unchanged.is_empty();
        self.unchanged.retain(|number| assigned.contains(number));
        if self.unchanged.is_empty() {
            self.changes += u32::from(was_followed);
            self.unchanged.extend(assigned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: i64 = 1_000_000_000;

    /// The object in pictures a second apart, each with the tracks that follow it.
    fn history(pictures: &[&[u64]]) -> ObjectHistory {
        let mut history = ObjectHistory::default();
        for (number, assigned) in (1..).zip(pictures) {
            history.observe(number, number as i64 * SECOND_NS, assigned);
        }
        history
    }

    fn seconds(history: &ObjectHistory) -> [i64; 3] {
        [history.present_ns, history.tracked_ns, history.longest_ns].map(|ns| ns / SECOND_NS)
    }

    #[test]
    fn one_track_all_the_time_is_one_segment() {
        let found = history(&[&[7], &[7], &[7]]);
        assert_eq!((seconds(&found), found.changes, found.numbers.len()), ([2, 2, 2], 0, 1));
    }

    #[test]
    fn a_gap_breaks_the_segment_but_changes_no_number() {
        let found = history(&[&[7], &[7], &[], &[7], &[7], &[7]]);
        assert_eq!((seconds(&found), found.changes), ([5, 3, 2], 0));
    }

    #[test]
    fn the_fewest_changes_are_counted() {
        // 1 to 3 through 2, which stays longest: one change, not two.
        let found = history(&[&[1], &[1, 2], &[2], &[2, 3], &[3], &[3]]);
        assert_eq!((found.changes, found.numbers.len()), (2, 3));
        let found = history(&[&[1, 2], &[1, 2], &[2, 3], &[2], &[2, 4], &[4]]);
        assert_eq!((seconds(&found), found.changes), ([5, 5, 4], 1));
        // A hand-over without overlap is not tracked in between.
        let found = history(&[&[1], &[2]]);
        assert_eq!((seconds(&found), found.changes), ([1, 0, 0], 1));
    }

    #[test]
    fn time_does_not_pass_while_it_is_not_there() {
        let mut found = history(&[&[1], &[1]]);
        found.observe(9, 9 * SECOND_NS, &[1]);
        found.observe(10, 10 * SECOND_NS, &[1]);
        assert_eq!((seconds(&found), found.changes), ([2, 2, 1], 0));
    }
}
