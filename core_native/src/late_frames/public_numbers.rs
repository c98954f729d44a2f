//! The numbers by which tracks are published.
//!
//! The tracker numbers its tracks in order of birth. After a late frame that order is another one,
//! but what was published stays: a track keeps its public number while it lives, and no other track
//! ever gets it. While no late frame has changed the order, both numbers are the same.

use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse};
use crate::tracking::record::TrackRecord;
use crate::tracking::tracker::Tracker;

/// From the tracker's numbers to the public ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicNumbers {
    /// The tracker's and the public number of the tracks that lived at the last change of order.
    kept: Vec<[u64; 2]>,
    /// From this number of the tracker on the public ones follow each other ...
    from: u64,
    /// ... from this one on. No public number is higher than those given so far.
    next: u64,
}

impl PublicNumbers {
    /// The tracker's own numbers.
    pub const OWN: Self = Self { kept: Vec::new(), from: 1, next: 1 };

    /// The public number of the tracker's track `number`; none for one that had ended when the order
    /// changed.
    pub fn of(&self, number: u64) -> Option<u64> {
        if let Some(since) = number.checked_sub(self.from) {
            return Some(self.next + since);
        }
        let found = self.kept.binary_search_by_key(&number, |&[own, _]| own);
        found.ok().map(|at| self.kept[at][1])
    }

    /// The tracker's number of the track with a public one; none for one that had ended when the order
    /// changed.
    pub fn own(&self, public: u64) -> Option<u64> {
        if let Some(since) = public.checked_sub(self.next) {
            return Some(self.from + since);
        }
        self.kept.iter().find(|[_, kept]| *kept == public).map(|&[own, _]| own)
    }

    /// Put the public numbers into the records of tracks that live, or lived before the last frame.
    pub fn name(&self, records: &mut [TrackRecord], tracker: &Tracker) {
        if self.next == self.from && self.kept.is_empty() {
            return;
        }
        for record in records {
            // Zero is no number; the message would be refused. No living track is without one.
            record.number = self.of(record.number).unwrap_or(0);
            record.track_id = tracker.track_id(record.number);
        }
    }

    /// Begin a new order: `kept` holds the tracker's and the old public number of each living track,
    /// by the former; 0 for one that is new. These get the next numbers, which are written there.
    /// `old_end` and `new_end` are the tracker's next number in the old order and in the new one.
    pub fn change(&mut self, kept: &mut Vec<[u64; 2]>, old_end: u64, new_end: u64) {
        let mut next = self.of(old_end).unwrap_or(self.next);
        for [_, public] in kept.iter_mut().filter(|[_, public]| *public == 0) {
            *public = next;
            next += 1;
        }
        std::mem::swap(&mut self.kept, kept);
        (self.from, self.next) = (new_end, next);
        if self.from == self.next && self.kept.iter().all(|[own, public]| own == public) {
            self.kept.clear();
            (self.from, self.next) = (1, 1);
        }
    }

    /// Append them to a snapshot.
    pub fn write(&self, out: &mut Writer) {
        out.put(self.from.to_le_bytes());
        out.put(self.next.to_le_bytes());
        out.count(self.kept.len());
        for number in self.kept.as_flattened() {
            out.put(number.to_le_bytes());
        }
    }

    /// Read them from a snapshot.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for numbers that are not each of one track.
    pub fn read(input: &mut Reader<'_>) -> Result<Self> {
        let (from, next) = (input.u64()?, input.u64()?);
        let count = input.count(16)?;
        let pairs = (0..count).map(|_| Ok([input.u64()?, input.u64()?]));
        let kept = pairs.collect::<Result<Vec<_>>>()?;
        let ascending = kept.is_sorted_by(|before, after| before[0] < after[0]);
        let mut public: Vec<u64> = kept.iter().map(|&[_, public]| public).collect();
        public.sort_unstable();
        let unique = public.is_sorted_by(|before, after| before < after);
        let inside = |&[own, public]: &[u64; 2]| own < from && (1..next).contains(&public);
        let limits = (1..=MAX_NUMBER).contains(&from) && (1..=MAX_NUMBER).contains(&next);
        if !(ascending && unique && limits && kept.iter().all(inside)) {
            return Err(refuse(format!(
                "public numbers of {count} tracks, below {from}, are not each one below {next}"
            )));
        }
        Ok(Self { kept, from, next })
    }
}

/// Largest number that a track's UUID can hold.
const MAX_NUMBER: u64 = (1 << 62) - 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot_bytes::TEST_KIND;

    fn publics<const N: usize>(numbers: &PublicNumbers, own: [u64; N]) -> [Option<u64>; N] {
        own.map(|number| numbers.of(number))
    }

    #[test]
    fn a_track_keeps_its_number_and_a_new_one_gets_one_never_given() {
        let mut numbers = PublicNumbers::OWN;
        assert_eq!(publics(&numbers, [1, 7]), [Some(1), Some(7)]);
        // Tracks 1 to 5 were given; 2 has ended, and in the new order one more was born before 4.
        let mut kept = vec![[1, 1], [3, 3], [4, 0], [5, 4], [6, 5]];
        numbers.change(&mut kept, 6, 7);
        assert_eq!(publics(&numbers, [1, 2, 3, 4]), [Some(1), None, Some(3), Some(6)]);
        assert_eq!(publics(&numbers, [5, 6, 7, 8]), [Some(4), Some(5), Some(7), Some(8)]);
        for own in [1, 3, 4, 5, 6, 7, 8] {
            assert_eq!(numbers.of(own).and_then(|public| numbers.own(public)), Some(own));
        }
        assert_eq!(numbers.own(2), None);
        // Fewer were born in the next order, and 7 was given meanwhile.
        let mut kept = vec![[1, 1], [3, 6], [4, 0]];
        numbers.change(&mut kept, 8, 5);
        assert_eq!(publics(&numbers, [1, 2, 3]), [Some(1), None, Some(6)]);
        assert_eq!(publics(&numbers, [4, 5, 6]), [Some(8), Some(9), Some(10)]);
    }

    #[test]
    fn an_order_that_changed_nothing_costs_nothing() {
        let mut numbers = PublicNumbers::OWN;
        numbers.change(&mut vec![[2, 2], [4, 4]], 6, 6);
        assert_eq!(numbers, PublicNumbers::OWN);
    }

    #[test]
    fn they_go_through_a_snapshot_and_are_checked() {
        let through = |kept: &[[u64; 2]], from, next| {
            let numbers = PublicNumbers { kept: kept.to_vec(), from, next };
            let mut out = Writer::new(&TEST_KIND, 0);
            numbers.write(&mut out);
            let bytes = out.finish();
            let mut input = Reader::new(&TEST_KIND, &bytes)?;
            let read = PublicNumbers::read(&mut input)?;
            input.finish()?;
            assert_eq!(read, numbers);
            Ok(())
        };
        assert_eq!(through(&[[1, 3], [2, 1]], 5, 4), Ok(()));
        for (kept, from, next) in [
            (&[[2, 3], [1, 1]][..], 5, 4),
            (&[[1, 3], [2, 3]], 5, 4),
            (&[[1, 4]], 5, 4),
            (&[[1, 0]], 5, 4),
            (&[[5, 1]], 5, 4),
            (&[], 0, 1),
            (&[], 1, 0),
            (&[], 1, 1 << 62),
        ] {
            let refusal: Result<()> = through(kept, from, next);
            assert!(refusal.is_err_and(|error| error.to_string().contains("public numbers")));
        }
    }
}
