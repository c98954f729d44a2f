//! The living tracks, from what each frame told of them.

use crate::tracking::record::{TrackRecord, status};

/// The newest record of each living track, by track number.
///
/// It grows no larger than the tracker's table: each track that ends is told of as lost.
#[derive(Clone, Debug, Default)]
pub struct TrackPicture(Vec<TrackRecord>);

impl TrackPicture {
    /// The records.
    pub fn records(&self) -> &[TrackRecord] {
        &self.0
    }

    /// Take in what a frame told of the tracks.
    pub fn update(&mut self, told: &[TrackRecord]) {
        for record in told {
            let place = self.0.binary_search_by_key(&record.number, |known| known.number);
            match (place, record.status == status::LOST) {
                (Ok(place), false) => self.0[place] = *record,
                (Ok(place), true) => drop(self.0.remove(place)),
                (Err(place), false) => self.0.insert(place, *record),
                (Err(_), true) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_newest_of_each_that_lives() {
        let told =
            |number, time_ns, status| TrackRecord { number, time_ns, status, ..TrackRecord::EMPTY };
        let mut picture = TrackPicture::default();
        picture.update(&[told(2, 1, status::NEW), told(5, 1, status::TRACKED)]);
        picture.update(&[told(3, 2, status::NEW), told(5, 2, status::LOST)]);
        picture.update(&[told(2, 3, status::TRACKED), told(7, 3, status::LOST)]);
        let known: Vec<_> = picture.records().iter().map(|it| (it.number, it.time_ns)).collect();
        assert_eq!(known, [(2, 3), (3, 2)]);
    }
}
