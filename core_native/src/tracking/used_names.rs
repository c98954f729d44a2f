//! The names of frames that a tracker has used: so that none counts twice, and one from the future
//! is known as such.
//!
//! Kept are all names of the newest time and the last one of each sensor, within a limit.

use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::snapshot_bytes::{Reader, Writer, refuse};

/// Names at most. Frames of one time beyond it are refused; of the others the oldest is forgotten.
pub const MAX_NAMES: usize = 1024;
/// Bytes of a name in a snapshot.
const SIZE: usize = 40;

/// The name and the time of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
struct UsedName {
    sensor_id: [u8; 16],
    epoch: u64,
    number: u64,
    time_ns: i64,
}

impl UsedName {
    const fn of(header: &FrameHeader) -> Self {
        let &FrameHeader { sensor_id, epoch, number, time_ns, .. } = header;
        Self { sensor_id, epoch, number, time_ns }
    }
}

/// Names of frames that were used, as they came.
#[derive(Debug, Default)]
pub struct UsedNames(Vec<UsedName>);

impl UsedNames {
    /// Become equal to `other`, in the memory that there is.
    pub fn copy_from(&mut self, other: &Self) {
        self.0.clone_from(&other.0);
    }

    /// Refuse a frame that was used, and one more of a time than there is room for.
    ///
    /// # Errors
    /// [`Error::Frame`] and [`Error::Capacity`].
    pub fn check_new(&self, header: &FrameHeader) -> Result<()> {
        let frame = UsedName::of(header);
        if self.0.contains(&frame) {
            return Err(used_twice(header, frame.time_ns));
        }
        let of_this_time = self.0.iter().filter(|used| used.time_ns == frame.time_ns).count();
        if of_this_time < MAX_NAMES {
            return Ok(());
        }
        let (wanted, remedy) = (of_this_time + 1, "give frames times of their own");
        Err(Error::Capacity { table: "frames of one time", limit: MAX_NAMES, wanted, remedy })
    }

    /// Refuse a frame from the future: one that is more than `most_s` behind both the newest frame,
    /// of `newest_ns`, and, for each of its numbers since, the last one of its own run. The first of
    /// a run is believed: sources begin anew at times that nobody else knows.
    ///
    /// # Errors
    /// [`Error::Ahead`].
    pub fn check_not_ahead(&self, header: &FrameHeader, newest_ns: i64, most_s: f64) -> Result<()> {
        let is_within =
            |since_ns: i64, most_s: f64| (header.time_ns - since_ns) as f64 <= most_s * 1e9;
        if is_within(newest_ns, most_s) {
            return Ok(());
        }
        let of_its_run =
            |used: &&UsedName| (used.sensor_id, used.epoch) == (header.sensor_id, header.epoch);
        let Some(last) = self.0.iter().rfind(of_its_run) else { return Ok(()) };
        let numbers = header.number.saturating_sub(last.number).max(1);
        if is_within(last.time_ns, most_s * numbers as f64) {
            return Ok(());
        }
        let (last_number, last_ns, time_ns) = (last.number, last.time_ns, header.time_ns);
        Err(Error::Ahead { time_ns, newest_ns, last_number, last_ns, numbers, most_s })
    }

    /// Remember a frame that was used.
    pub fn note(&mut self, header: &FrameHeader) {
        let frame = UsedName::of(header);
        let of_another = |used: &UsedName| used.sensor_id != frame.sensor_id;
        self.0.retain(|used| of_another(used) || used.time_ns == frame.time_ns);
        let oldest = self.0.iter().enumerate().min_by_key(|(_, used)| used.time_ns);
        if let Some((oldest, _)) = oldest.filter(|_| self.0.len() >= MAX_NAMES) {
            self.0.remove(oldest);
        }
        self.0.push(frame);
    }

    /// Append them to a snapshot.
    pub(super) fn write(&self, out: &mut Writer) {
        out.count(self.0.len());
        for used in &self.0 {
            out.put(used.sensor_id);
            out.put(used.epoch.to_le_bytes());
            out.put(used.number.to_le_bytes());
            out.put(used.time_ns.to_le_bytes());
        }
    }

    /// Read them from a snapshot whose newest frame is of `newest_ns`.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for more than there can be, and for a later time.
    pub(super) fn read(input: &mut Reader<'_>, newest_ns: Option<i64>) -> Result<Self> {
        let count = input.count(SIZE)?;
        if count > MAX_NAMES {
            return Err(refuse(format!("{count} names of frames, must be at most {MAX_NAMES}")));
        }
        let name = |_| {
            let (sensor_id, epoch, number) = (input.array()?, input.u64()?, input.u64()?);
            Ok(UsedName { sensor_id, epoch, number, time_ns: input.time("time of a frame used")? })
        };
        let names = (0..count).map(name).collect::<Result<Vec<_>>>()?;
        match names.iter().find(|used| Some(used.time_ns) > newest_ns) {
            Some(used) => {
                let time_ns = used.time_ns;
                Err(refuse(format!("a frame at {time_ns} ns was used after the newest")))
            }
            None => Ok(Self(names)),
        }
    }
}

/// The error about a frame whose name was used, by one of `used_ns`.
pub fn used_twice(header: &FrameHeader, used_ns: i64) -> Error {
    Error::Frame {
        field: "number".into(),
        value: header.number.to_string(),
        limit: format!(
            "new in its epoch: the frame of this name at {used_ns} ns was used; send each frame once"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Coverage;
    use crate::snapshot_bytes::TEST_KIND;

    const SECOND_NS: i64 = 1_000_000_000;

    fn frame(sensor: u8, epoch: u64, number: u64, second: i64) -> FrameHeader {
        FrameHeader {
            sensor_id: [sensor; 16],
            epoch,
            number,
            time_ns: second * SECOND_NS,
            range_band: 0,
            coverage: Coverage::EMPTY,
            sensor_position_m: [0.0; 3],
            sensor_velocity_m_s: [0.0; 3],
        }
    }

    fn used(frames: &[FrameHeader]) -> UsedNames {
        let mut names = UsedNames::default();
        frames.iter().for_each(|header| names.note(header));
        names
    }

    #[test]
    fn a_frame_is_new_once() {
        let frames = [frame(1, 0, 4, 9), frame(1, 0, 5, 9), frame(2, 0, 4, 9), frame(1, 1, 4, 9)];
        let names = used(&frames);
        for header in &frames {
            let error = names.check_new(header).expect_err("used").to_string();
            assert!(error.contains("send each frame once"), "{error}");
        }
        for other in [frame(1, 0, 6, 9), frame(3, 0, 4, 9), frame(1, 2, 4, 9), frame(1, 0, 4, 10)] {
            assert_eq!(names.check_new(&other), Ok(()));
        }
    }

    #[test]
    fn memory_is_bounded_and_nothing_of_the_newest_time_is_forgotten() {
        let mut names = used(&[frame(1, 0, 0, 0)]);
        for number in 0..MAX_NAMES as u64 {
            let header = frame(2, 0, number, 1);
            assert_eq!(names.check_new(&header), Ok(()));
            names.note(&header);
        }
        assert!(names.0.iter().all(|used| used.time_ns == SECOND_NS));
        let error = names.check_new(&frame(2, 0, 9999, 1)).expect_err("full").to_string();
        assert!(error.contains("holds 1024 entries, 1025 wanted"), "{error}");
        // The sensor's next time makes room; other sensors come and go.
        names.note(&frame(2, 0, 9999, 2));
        assert_eq!(names.0.len(), 1);
        for sensor in 0..5 * MAX_NAMES as u64 {
            let mut header = frame(0, 0, 0, 3 + sensor as i64);
            header.sensor_id[..8].copy_from_slice(&sensor.to_le_bytes());
            names.note(&header);
        }
        assert_eq!(names.0.len(), MAX_NAMES);
    }

    #[test]
    fn only_numbers_of_the_same_run_or_a_new_run_lead_far_ahead() {
        let names = used(&[frame(1, 7, 3, 0), frame(2, 8, 40, 10)]);
        let ahead = |header: FrameHeader| {
            names.check_not_ahead(&header, 10 * SECOND_NS, 60.0).is_err_and(|error| {
                let told = error.to_string();
                assert!(told.contains("time_ns is") && told.contains("new epoch"), "{told}");
                true
            })
        };
        assert!(!ahead(frame(1, 7, 4, 70)));
        assert!(ahead(frame(1, 7, 4, 71)));
        assert!(ahead(frame(2, 8, 41, 71)));
        assert!(ahead(frame(2, 8, 2, 71))); // a number that jumped back is one frame on
        assert!(!ahead(frame(1, 7, 13, 600))); // ten numbers on
        assert!(ahead(frame(1, 7, 13, 601)));
        assert!(ahead(frame(1, 7, 4, i64::MAX / 4 / SECOND_NS)));
        assert!(!ahead(frame(1, 8, 0, 1_000_000))); // a new run of a sensor, and a new sensor
        assert!(!ahead(frame(3, 7, 0, 1_000_000)));
    }

    #[test]
    fn they_go_through_a_snapshot_and_are_checked() {
        let through = |names: &UsedNames, newest_ns| {
            let mut out = Writer::new(&TEST_KIND, 0);
            names.write(&mut out);
            let bytes = out.finish();
            let mut input = Reader::new(&TEST_KIND, &bytes).expect("whole");
            UsedNames::read(&mut input, newest_ns).map(|read| read.0)
        };
        let names = used(&[frame(1, 0, 4, 9), frame(2, 3, 5, 9)]);
        assert_eq!(through(&names, Some(9 * SECOND_NS)), Ok(names.0.clone()));
        for newest_ns in [None, Some(9 * SECOND_NS - 1)] {
            let error = through(&names, newest_ns).expect_err("later than the newest").to_string();
            assert!(error.contains("after the newest"), "{error}");
        }
        let many = UsedNames(vec![UsedName::of(&frame(1, 0, 0, 0)); MAX_NAMES + 1]);
        let error = through(&many, Some(0)).expect_err("too many").to_string();
        assert!(error.contains("must be at most 1024"), "{error}");
    }
}
