//! A tracker whose state is that of the frames in order of time, in whatever order they come.

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::late_frames::public_numbers::PublicNumbers;
use crate::late_frames::rewind::Rewind;
use crate::late_frames::window::LateWindow;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::record::TrackRecord;
use crate::tracking::report::Viewpoint;
use crate::tracking::sensor_bias::SensorBias;
use crate::tracking::tracker::Tracker;

/// A tracker that also uses frames that are late by no more than `late_window_s`.
pub struct OrderedTracker {
    pub(super) tracker: Tracker,
    pub(super) window: LateWindow,
    pub(super) numbers: PublicNumbers,
    pub(super) rewind: Rewind,
}

impl OrderedTracker {
    /// Go on from `tracker`'s state; frames before it are not used.
    pub fn new(tracker: Tracker) -> Self {
        Self {
            window: LateWindow::new(tracker.config().late_window_s, &tracker),
            tracker,
            numbers: PublicNumbers::OWN,
            rewind: Rewind::default(),
        }
    }

    /// The tracker, as it would be had all frames come in order: its track numbers are its own.
    pub const fn tracker(&self) -> &Tracker {
        &self.tracker
    }

    /// The state of the living track that a record tells of, at the record's time.
    pub fn state_of(&self, record: &TrackRecord) -> Option<Gaussian> {
        self.tracker.state_at(self.numbers.own(record.number)?, record.time_ns)
    }

    /// Use a frame and write what it did to the tracks, in place of what `records` holds.
    /// `detections` then holds memory for the next ones.
    ///
    /// A late frame tells of every track whose record it changed, at the newest frame's time: that
    /// of a track that never was has ended, with the state that it had.
    ///
    /// `found` is taken out of the frame in place of the bias that the settings have for its sensor.
    ///
    /// # Errors
    /// As [`Tracker::step`], of the frame and of those since that must be stepped through again;
    /// [`Error::Late`] for a frame older than the window, [`Error::Frame`] for one that is in it
    /// already. All is then as it was, but `detections` may be without their sensor's bias.
    pub fn use_frame(
        &mut self,
        header: &FrameHeader,
        found: Option<SensorBias>,
        detections: &mut Vec<Detection>,
        records: &mut Vec<TrackRecord>,
    ) -> Result<()> {
        let header = self.tracker.correct(header, detections, found)?;
        self.tracker.check_not_ahead(&header)?;
        self.use_corrected(&header, detections, records)
    }

    /// Use a frame that is without its sensor's bias and not from the future.
    pub(super) fn use_corrected(
        &mut self,
        header: &FrameHeader,
        detections: &mut Vec<Detection>,
        records: &mut Vec<TrackRecord>,
    ) -> Result<()> {
        if self.window.is_on() {
            self.window.check_is_new(header)?;
        }
        match self.tracker.newest_ns() {
            Some(newest_ns) if header.time_ns < newest_ns && self.window.is_on() => {
                self.check_not_too_late(header, newest_ns)?;
                self.use_late_frame(header, newest_ns, detections, records)
            }
            _ => self.use_newest_frame(header, detections, records),
        }
    }

    fn check_not_too_late(&self, header: &FrameHeader, newest_ns: i64) -> Result<()> {
        let (number, time_ns) = (header.number, header.time_ns);
        let oldest_ns = self.window.oldest_ns(newest_ns);
        if time_ns >= oldest_ns {
            return Ok(());
        }
        Err(Error::Late { number, time_ns, newest_ns, oldest_ns })
    }

    fn use_newest_frame(
        &mut self,
        header: &FrameHeader,
        detections: &mut Vec<Detection>,
        records: &mut Vec<TrackRecord>,
    ) -> Result<()> {
        let first_number = self.tracker.next_number();
        self.tracker.step_corrected(header, detections)?;
        self.tracker.report_touched(Viewpoint::from(header), records);
        self.numbers.name(records, &self.tracker);
        if self.window.is_on() {
            self.window.keep(header, detections, &self.tracker, first_number);
        }
        Ok(())
    }
}
