//! Back to the state before a late frame, through it and the frames since, and what that changed.

use crate::detection::Detection;
use crate::error::Result;
use crate::frame::FrameHeader;
use crate::late_frames::ordered_tracker::OrderedTracker;
use crate::late_frames::window::Birth;
use crate::tracking::checkpoint::{Checkpoint, Touch};
use crate::tracking::record::{NO_DETECTION, TrackRecord, event, present, status};
use crate::tracking::report::{SensorState, Viewpoint};

/// A track that lived before the rewind.
struct Known {
    birth: Birth,
    /// Its record then, under its public number.
    record: TrackRecord,
    /// Whether it lives after the rewind.
    lives: bool,
}

/// Memory of the rewinds.
#[derive(Default)]
pub struct Rewind {
    /// The state before.
    aside: Checkpoint,
    /// The tracks before, by birth.
    known: Vec<Known>,
    /// What the late frame did to the tracks, by number.
    touches: Vec<Touch>,
    /// Numbers of the living tracks: the tracker's and the public one, 0 where there is none yet.
    numbers: Vec<[u64; 2]>,
}

impl OrderedTracker {
    /// Use a frame older than the newest one.
    pub(super) fn use_late_frame(
        &mut self,
        header: &FrameHeader,
        newest_ns: i64,
        detections: &mut Vec<Detection>,
        records: &mut Vec<TrackRecord>,
    ) -> Result<()> {
        let seen_from = at_newest(header, newest_ns);
        let old_end = self.tracker.next_number();
        let (at, from) = self.window.place(header.time_ns);
        self.note_known_tracks(at, seen_from, records);
        records.clear();
        self.tracker.swap_with(&mut self.rewind.aside);
        self.window.insert(at, header, detections);
        if let Err(error) = self.replay(at, from) {
            self.tracker.swap_with(&mut self.rewind.aside);
            self.window.take_out(at, detections);
            self.window.reject();
            return Err(error);
        }
        self.window.accept(from);
        self.tracker.report_living(seen_from, records);
        self.number_tracks(old_end);
        self.window.trim(newest_ns);
        self.keep_changes(records);
        Ok(())
    }

    /// Note the tracks as they are before the frame that will stand at `late`.
    fn note_known_tracks(
        &mut self,
        late: usize,
        seen_from: Viewpoint,
        records: &mut Vec<TrackRecord>,
    ) {
        self.tracker.report_living(seen_from, records);
        self.rewind.known.clear();
        for record in records.iter() {
            let birth = match self.window.birth_of(record.number) {
                Birth::In(at, detection) if at >= late => Birth::In(at + 1, detection),
                birth => birth,
            };
            self.rewind.known.push(Known { birth, record: *record, lives: false });
        }
        self.numbers.name(records, &self.tracker);
        for (known, record) in self.rewind.known.iter_mut().zip(records.iter()) {
            known.record = *record;
        }
    }

    /// Step through the frames behind the mark `from`.
    fn replay(&mut self, late: usize, from: usize) -> Result<()> {
        let Self { tracker, window, rewind, .. } = self;
        let mark = window.mark_at(from);
        let first = mark.frame_count;
        tracker.go_back_to(&mark.state);
        for at in first..window.frames.len() {
            let used = &mut window.frames[at];
            let first_number = tracker.next_number();
            tracker.step_corrected(&used.header, &used.detections)?;
            used.renewed.note(first_number, used.detections.len(), tracker.births());
            if at == late {
                rewind.touches.clear();
                rewind.touches.extend(tracker.touches());
            }
            window.renew(from, at + 1, tracker);
        }
        Ok(())
    }

    /// Give each living track its public number: the one it had if it lived before, else a new one.
    fn number_tracks(&mut self, old_end: u64) {
        let Self { tracker, window, rewind, numbers } = self;
        let mut known = rewind.known.iter_mut().peekable();
        rewind.numbers.clear();
        for own in tracker.living_numbers() {
            let birth = window.birth_of(own);
            while known.next_if(|known| known.birth < birth).is_some() {}
            let same = known.next_if(|known| known.birth == birth);
            let public = same.map_or(0, |known| {
                known.lives = true;
                known.record.number
            });
            rewind.numbers.push([own, public]);
        }
        numbers.change(&mut rewind.numbers, old_end, tracker.next_number());
    }
}

impl OrderedTracker {
    /// Keep the records of the tracks that the late frame changed, under their public numbers, and
    /// add those of the tracks that it took away.
    fn keep_changes(&self, records: &mut Vec<TrackRecord>) {
        let Rewind { known, touches, .. } = &self.rewind;
        let mut living = known.iter().filter(|known| known.lives).peekable();
        records.retain_mut(|record| {
            let touched = touches.binary_search_by_key(&record.number, |touch| touch.number);
            let touched = touched.map(|at| touches[at]);
            record.detection_index = touched.map_or(NO_DETECTION, |touch| touch.detection_index);
            record.event = touched.map_or(event::NONE, |touch| touch.event);
            self.numbers.name(std::slice::from_mut(record), &self.tracker);
            let Some(before) = living.next_if(|known| known.record.number == record.number) else {
                record.event = event::BORN;
                return true;
            };
            !says_the_same(record, &before.record)
        });
        let gone = known.iter().filter(|known| !known.lives);
        records.extend(gone.map(|known| TrackRecord {
            status: status::LOST,
            event: event::ENDED,
            quality: 0.0,
            detection_index: NO_DETECTION,
            ..known.record
        }));
    }
}

/// From the frame's sensor, had it gone on until the newest frame: the states hold for then.
fn at_newest(header: &FrameHeader, newest_ns: i64) -> Viewpoint {
    let until_s = (newest_ns - header.time_ns) as f64 * 1e-9;
    let (from_m, velocity_m_s) = (&header.sensor_position_m, header.sensor_velocity_m_s);
    let position_m = [0, 1, 2].map(|axis| from_m[axis] + velocity_m_s[axis] * until_s);
    Viewpoint { time_ns: newest_ns, sensor: Some(SensorState { position_m, velocity_m_s }) }
}

/// Whether two records of one track differ in no more than what the last frame did to it.
fn says_the_same(after: &TrackRecord, before: &TrackRecord) -> bool {
    // Absent is absent, though NaN is no equal of NaN.
    let known = |bit: u32, value: f32| if after.present & bit == 0 { 0.0 } else { value };
    let comparable = |record: &TrackRecord| TrackRecord {
        event: event::NONE,
        detection_index: NO_DETECTION,
        snr_db: known(present::SNR, record.snr_db),
        rcs_dbsm: known(present::RCS, record.rcs_dbsm),
        ..*record
    };
    comparable(after) == comparable(before)
}

#[cfg(test)]
mod tests;
