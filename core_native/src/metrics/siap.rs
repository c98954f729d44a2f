//! The attributes of a single integrated air picture (SIAP) at one time and over a run.
//!
//! SIAP System Engineering Task Force, "Single Integrated Air Picture (SIAP) attributes",
//! Technical Report 2001-001; P. Votruba et al., "Single Integrated Air Picture (SIAP) metrics
//! implementation", Technical Report 2001-003. Pictures are weighed by what is in them: the
//! attributes of a run are ratios of sums over its pictures.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::frame_limits::check_time;
use crate::metrics::assigned_pairs::{best_pairs, near_pairs};
use crate::metrics::cutoff::Cutoff;
use crate::metrics::object_history::ObjectHistory;
use crate::metrics::point_set::PointSet;

/// Objects, and different tracks summed over objects, that one run may have.
const MAX_HISTORY: usize = 10_000_000;

/// The objects or the tracks of one picture.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// A number for each, the same in every picture.
    pub numbers: &'a [u64],
    /// Where they are.
    pub positions: PointSet<'a>,
    /// How they move, where that is known of all.
    pub velocities: Option<PointSet<'a>>,
}

/// Counts and sums of one picture or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SiapSums {
    /// J: objects.
    pub objects: u64,
    /// JT: objects with a track.
    pub tracked_objects: u64,
    /// N: tracks.
    pub tracks: u64,
    /// NA: tracks assigned to an object.
    pub assigned_tracks: u64,
    /// Sum of the distances of assigned tracks from their objects.
    pub position_error: f64,
    /// The same of velocities.
    pub velocity_error: f64,
    /// Assigned tracks whose velocity error is known.
    pub assigned_velocities: u64,
}

impl SiapSums {
    /// C: share of the objects that have a track; NaN without an object.
    pub fn completeness(&self) -> f64 {
        self.tracked_objects as f64 / self.objects as f64
    }

    /// A: assigned tracks per object that has one; NaN without one.
    pub fn ambiguity(&self) -> f64 {
        self.assigned_tracks as f64 / self.tracked_objects as f64
    }

    /// S: share of the tracks that are assigned to no object; NaN without a track.
    pub fn spuriousness(&self) -> f64 {
        (self.tracks - self.assigned_tracks) as f64 / self.tracks as f64
    }

    /// PA: mean distance of an assigned track from its object; NaN without one.
    pub fn position_accuracy(&self) -> f64 {
        self.position_error / self.assigned_tracks as f64
    }

    /// VA: mean error of the velocity of an assigned track; NaN without one.
    pub fn velocity_accuracy(&self) -> f64 {
        self.velocity_error / self.assigned_velocities as f64
    }

    fn add(&mut self, other: &Self) {
        self.objects += other.objects;
        self.tracked_objects += other.tracked_objects;
        self.tracks += other.tracks;
        self.assigned_tracks += other.assigned_tracks;
        self.position_error += other.position_error;
        self.velocity_error += other.velocity_error;
        self.assigned_velocities += other.assigned_velocities;
    }
}

/// The attributes over a run so far, beside those of [`SiapSums`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiapScore {
    /// Sums over all pictures.
    pub sums: SiapSums,
    /// Pictures taken in.
    pub pictures: u64,
    /// Different objects.
    pub object_count: u64,
    /// Objects that ever had a track.
    pub tracked_object_count: u64,
    /// Track numbers per object that ever had a track; NaN without one.
    pub numbers_per_object: f64,
    /// Fewest changes of track number by which all objects could have been followed.
    pub number_changes: u64,
    /// R: those changes per time for which an object was tracked \[1/s\]; NaN without such time.
    pub number_change_rate_hz: f64,
    /// LS: share of the objects' time that the longest segment of one track on each covers; NaN
    /// without such time.
    pub longest_segment: f64,
}

/// The pictures of one run, taken in one after the other.
#[derive(Clone, Debug)]
pub struct Siap {
    cutoff: Cutoff,
    newest_ns: Option<i64>,
    pictures: u64,
    sums: SiapSums,
    objects: BTreeMap<u64, ObjectHistory>,
    /// Track numbers in all histories.
    numbers: usize,
}

impl Siap {
    /// A run without pictures, in which a track is an object's when it is nearer than the cutoff.
    pub fn new(cutoff: Cutoff) -> Self {
        let sums = SiapSums::default();
        Self { cutoff, newest_ns: None, pictures: 0, sums, objects: BTreeMap::new(), numbers: 0 }
    }

    /// Take in the picture at `time_ns` and return its own sums. What is refused changes nothing.
    ///
    /// Tracks are assigned to objects one to one at least sum of (distance)ᵖ; those left over
    /// belong to the nearest object, as second tracks of it. Only below the cutoff, both.
    ///
    /// # Errors
    /// [`Error::Setting`] for a time that is not after the last, numbers that are not one for each
    /// point or come twice, velocities that do not fit; [`Error::Capacity`] for too much.
    pub fn add(&mut self, time_ns: i64, objects: &Side, tracks: &Side) -> Result<SiapSums> {
        self.check(time_ns, objects, tracks)?;
        let object_of_track = self.assign(objects, tracks)?;
        let sums = sums_of(objects, tracks, &object_of_track);
        let mut assigned = vec![Vec::new(); objects.numbers.len()];
        for (track, object) in object_of_track.iter().enumerate() {
            if let Some(object) = object {
                assigned[*object as usize].push(tracks.numbers[track]);
            }
        }
        self.pictures += 1;
        self.newest_ns = Some(time_ns);
        self.sums.add(&sums);
        for (number, assigned) in objects.numbers.iter().zip(&mut assigned) {
            assigned.sort_unstable();
            let history = self.objects.entry(*number).or_default();
            self.numbers -= history.numbers.len();
            history.observe(self.pictures, time_ns, assigned);
            self.numbers += history.numbers.len();
        }
        Ok(sums)
    }

    fn check(&self, time_ns: i64, objects: &Side, tracks: &Side) -> Result<()> {
        check_time("time_ns", time_ns)?;
        if let Some(newest_ns) = self.newest_ns.filter(|&newest_ns| time_ns <= newest_ns) {
            let limit = format!("above {newest_ns}, the time of the last picture");
            return Err(refuse("time_ns", time_ns.to_string(), limit, "add pictures in order"));
        }
        for side in [objects, tracks] {
            check_side(side)?;
        }
        if let (Some(objects), Some(tracks)) = (&objects.velocities, &tracks.velocities) {
            objects.require_same_dimensions(tracks)?;
        }
        let added = objects.numbers.len() + tracks.numbers.len();
        let wanted = self.numbers + self.objects.len() + added;
        if wanted > MAX_HISTORY {
            return Err(Error::Capacity {
                table: "the history of a SIAP run",
                limit: MAX_HISTORY,
                wanted,
                remedy: "score a shorter run, or fewer tracks",
            });
        }
        Ok(())
    }

    /// The index of the object that each track belongs to.
    fn assign(&self, objects: &Side, tracks: &Side) -> Result<Vec<Option<u32>>> {
        let near = near_pairs(&objects.positions, &tracks.positions, &self.cutoff)?;
        let mut object_of_track = vec![None; tracks.numbers.len()];
        for pair in best_pairs(&near)? {
            object_of_track[pair.estimate as usize] = Some(pair.target);
        }
        let is_left: Vec<bool> = object_of_track.iter().map(Option::is_none).collect();
        let mut least = vec![f64::INFINITY; tracks.numbers.len()];
        for object in 0..near.row_count() {
            for edge in near.row(object) {
                let track = edge.column as usize;
                if is_left[track] && edge.cost < least[track] {
                    (least[track], object_of_track[track]) = (edge.cost, Some(object as u32));
                }
            }
        }
        Ok(object_of_track)
    }

    /// The attributes of all pictures so far.
    pub fn score(&self) -> SiapScore {
        let total = |part: fn(&ObjectHistory) -> u64| self.objects.values().map(part).sum::<u64>();
        let seconds = |part: fn(&ObjectHistory) -> i64| {
            self.objects.values().map(|object| part(object) as f64 * 1e-9).sum::<f64>()
        };
        let tracked_object_count = total(|object| u64::from(!object.numbers.is_empty()));
        let number_changes = total(|object| u64::from(object.changes));
        let numbers = total(|object| object.numbers.len() as u64);
        let (present_s, tracked_s) = (seconds(|it| it.present_ns), seconds(|it| it.tracked_ns));
        SiapScore {
            sums: self.sums,
            pictures: self.pictures,
            object_count: self.objects.len() as u64,
            tracked_object_count,
            numbers_per_object: numbers as f64 / tracked_object_count as f64,
            number_changes,
            number_change_rate_hz: if tracked_s > 0.0 {
                number_changes as f64 / tracked_s
            } else {
                f64::NAN
            },
            longest_segment: seconds(|it| it.longest_ns) / present_s,
        }
    }
}

fn sums_of(objects: &Side, tracks: &Side, object_of_track: &[Option<u32>]) -> SiapSums {
    let mut is_tracked = vec![false; objects.numbers.len()];
    let mut sums = SiapSums {
        objects: objects.numbers.len() as u64,
        tracks: tracks.numbers.len() as u64,
        ..SiapSums::default()
    };
    for (track, object) in object_of_track.iter().enumerate() {
        let Some(object) = object.map(|object| object as usize) else { continue };
        is_tracked[object] = true;
        sums.assigned_tracks += 1;
        sums.position_error +=
            distance(objects.positions.point(object), tracks.positions.point(track));
        if let (Some(true_ones), Some(found)) = (&objects.velocities, &tracks.velocities) {
            sums.velocity_error += distance(true_ones.point(object), found.point(track));
            sums.assigned_velocities += 1;
        }
    }
    sums.tracked_objects = is_tracked.iter().filter(|&&is_tracked| is_tracked).count() as u64;
    sums
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

fn check_side(side: &Side) -> Result<()> {
    let count = side.positions.len();
    let name = side.positions.name();
    if side.numbers.len() != count {
        let limit = format!("{count}, as many as {name} has points");
        let value = format!("{} numbers", side.numbers.len());
        return Err(refuse(&format!("numbers of {name}"), value, limit, "give a number for each"));
    }
    if let Some(velocities) = side.velocities.filter(|velocities| velocities.len() != count) {
        let limit = format!("{count}, as many as {name} has points");
        let value = format!("{} points", velocities.len());
        return Err(refuse(velocities.name(), value, limit, "give a velocity for each, or none"));
    }
    let mut sorted = side.numbers.to_vec();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]);
    twice.map_or(Ok(()), |pair| {
        let value = format!("{} twice", pair[0]);
        let remedy = "give each its own number";
        Err(refuse(&format!("numbers of {name}"), value, "different numbers".into(), remedy))
    })
}

fn refuse(setting: &str, value: String, limit: String, remedy: &str) -> Error {
    Error::Setting { setting: setting.into(), value, limit, remedy: remedy.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side<'a>(numbers: &'a [u64], positions: &'a [f64]) -> Side<'a> {
        let positions = PointSet::new("positions_m", positions, 1).expect("finite");
        Side { numbers, positions, velocities: None }
    }

    fn run() -> Siap {
        Siap::new(Cutoff::new(10.0, 2.0).expect("within limits"))
    }

    #[test]
    fn a_second_track_on_an_object_is_ambiguous_not_spurious() {
        let (objects, tracks) =
            (side(&[1, 2], &[0.0, 100.0]), side(&[5, 6, 7], &[2.0, -3.0, 50.0]));
        let found = run().add(0, &objects, &tracks).expect("a picture");
        assert_eq!((found.objects, found.tracked_objects), (2, 1));
        assert_eq!((found.tracks, found.assigned_tracks), (3, 2));
        assert_eq!((found.completeness(), found.ambiguity()), (0.5, 2.0));
        assert_eq!((found.spuriousness(), found.position_accuracy()), (1.0 / 3.0, 2.5));
        assert!(found.velocity_accuracy().is_nan());
    }

    #[test]
    fn close_objects_keep_a_track_each_though_one_is_nearer_to_both() {
        let (objects, tracks) = (side(&[1, 2], &[0.0, 4.0]), side(&[5, 6], &[3.0, 4.5]));
        let found = run().add(0, &objects, &tracks).expect("a picture");
        assert_eq!((found.tracked_objects, found.assigned_tracks), (2, 2));
    }

    #[test]
    fn a_refused_picture_changes_nothing() {
        let mut siap = run();
        let objects = side(&[1], &[0.0]);
        siap.add(5, &objects, &side(&[5], &[0.0])).expect("a picture");
        let before = siap.score();
        let three = side(&[5, 6, 5], &[0.0, 1.0, 2.0]);
        let one = side(&[5], &[0.0, 1.0]);
        let mut slow = side(&[5], &[0.0]);
        slow.velocities = Some(PointSet::new("velocities_m_s", &[], 1).expect("none"));
        for (time_ns, tracks) in [(6, three), (6, one), (6, slow), (5, side(&[5], &[0.0]))] {
            siap.add(time_ns, &objects, &tracks).expect_err("a wrong picture");
        }
        assert_eq!(siap.score().pictures, before.pictures);
        assert_eq!(siap.score().sums, before.sums);
    }

    #[test]
    fn a_change_of_number_is_counted_over_the_tracked_time() {
        let mut siap = run();
        for second in 0..10_u64 {
            let number = if second < 5 { 5 } else { 6 };
            let numbers = [number];
            let tracks = side(&numbers, &[1.0]);
            siap.add(second as i64 * 1_000_000_000, &side(&[1], &[0.0]), &tracks).expect("fine");
        }
        let found = siap.score();
        assert_eq!((found.number_changes, found.numbers_per_object), (1, 2.0));
        assert!((found.number_change_rate_hz - 1.0 / 8.0).abs() < 1e-15);
        assert!((found.longest_segment - 4.0 / 9.0).abs() < 1e-15);
    }
}
