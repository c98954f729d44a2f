//! Put order keys in order, in time proportional to their number.

/// Fewer keys than this are sorted directly.
const MIN_KEYS: usize = 64;
/// Keys per bucket, in the mean.
const BUCKET_KEYS: usize = 1;

/// Sorts keys whose values are spread about evenly, as bearings are; others only take longer.
#[derive(Clone, Debug, Default)]
pub struct KeySorter {
    /// Where each bucket's next key goes; in the end, where the bucket ends.
    ends: Vec<u32>,
    sorted: Vec<u64>,
}

impl KeySorter {
    /// Sort `keys`: into buckets by value, then each bucket by itself.
    pub fn sort(&mut self, keys: &mut Vec<u64>) {
        let (low, high) =
            keys.iter().fold((u64::MAX, 0), |(low, high), &key| (low.min(key), high.max(key)));
        if keys.len() < MIN_KEYS || low >= high {
            keys.sort_unstable();
            return;
        }
        let bucket_bits = (keys.len() / BUCKET_KEYS).ilog2();
        let shift = (64 - (high - low).leading_zeros()).saturating_sub(bucket_bits);
        let bucket_of = |key: u64| ((key - low) >> shift) as usize;
        self.find_starts(keys, bucket_of, 1 << bucket_bits);
        self.sorted.clear();
        self.sorted.resize(keys.len(), 0);
        for &key in keys.iter() {
            let end = &mut self.ends[bucket_of(key)];
            self.sorted[*end as usize] = key;
            *end += 1;
        }
        let mut start = 0;
        for &end in &self.ends {
            self.sorted[start..end as usize].sort_unstable();
            start = end as usize;
        }
        std::mem::swap(keys, &mut self.sorted);
    }

    /// Where each bucket begins.
    fn find_starts(&mut self, keys: &[u64], bucket_of: impl Fn(u64) -> usize, buckets: usize) {
        self.ends.clear();
        self.ends.resize(buckets, 0);
        for &key in keys {
            self.ends[bucket_of(key)] += 1;
        }
        let mut start = 0;
        for count in &mut self.ends {
            start += std::mem::replace(count, start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn check(mut keys: Vec<u64>) {
        let mut expected = keys.clone();
        expected.sort_unstable();
        KeySorter::default().sort(&mut keys);
        assert_eq!(keys, expected);
    }

    #[test]
    fn keys_come_out_in_order_however_they_are_spread() {
        let stream = Stream::new(1, &[0; 16], Purpose::Echo);
        let word = |k: u64| u64::from(stream.words(k, 0)[0]);
        for count in [0, 1, 2, 63, 64, 65, 1000, 5000] {
            check((0..count).map(|k| word(k) << 32 | k).collect());
            check((0..count).map(|k| word(k) % 3).collect());
            check((0..count).map(|k| u64::MAX - (word(k) >> 24)).collect());
            check((0..count).map(|k| if k % 2 == 0 { k } else { u64::MAX - k }).collect());
            check(vec![7; count as usize]);
        }
    }

    #[test]
    fn memory_is_used_again() {
        let mut sorter = KeySorter::default();
        for count in [100, 3000, 70] {
            let mut keys: Vec<u64> = (0..count).rev().collect();
            sorter.sort(&mut keys);
            assert!(keys.iter().copied().eq(0..count));
        }
    }
}
