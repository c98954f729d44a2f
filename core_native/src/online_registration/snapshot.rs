//! The registrations with their tracker as bytes and back.
//!
//! Layout, little-endian: magic, version, length and bytes of the tracker's own snapshot, of the settings
//! and of the tracker that follows the targets; of each sensor the pairs, the unused frames, length and
//! bytes of its registration; the newest frame's time, the frames that wait, each with its length as `RadarFrameColumns`, CRC-32C
//! of all before.

use crate::error::Result;
use crate::online_registration::estimators::OnlineRegistration;
use crate::online_registration::frame_queue::FrameQueue;
use crate::simd::SimdLevel;
use crate::snapshot_bytes::{Reader, SnapshotKind, Writer, refuse};
use crate::tracking::config::TrackerConfig;
use crate::tracking::registration::estimator::Registration;
use crate::tracking::tracker::Tracker;
use crate::wire::frame_columns;

const KIND: SnapshotKind = SnapshotKind { magic: *b"QIKIRGT\0", version: 7 };

impl OnlineRegistration {
    /// The whole state as bytes, beside `tracker`, the snapshot of the tracker itself.
    ///
    /// # Errors
    /// None for settings that were accepted and frames that were used.
    pub fn snapshot(&self, tracker: &[u8]) -> Result<Vec<u8>> {
        let mut out = Writer::new(&KIND, tracker.len() + 4096);
        out.block(tracker);
        out.block(self.settings.to_json()?.as_bytes());
        out.block(&self.follower.snapshot()?);
        for sensor in &self.sensors {
            out.put(sensor.pair_count.to_le_bytes());
            out.put(sensor.unused_frames.to_le_bytes());
            out.block(&sensor.registration.snapshot()?);
        }
        out.put(self.queue.newest_ns().to_le_bytes());
        out.count(self.queue.iter().len());
        let mut payload = Vec::new();
        for frame in self.queue.iter() {
            payload.clear();
            frame_columns::encode(&frame.header, &frame.detections, &mut payload)?;
            out.block(&payload);
        }
        Ok(out.finish())
    }

    /// From the bytes of [`OnlineRegistration::snapshot`] the tracker's own, and the registrations of a
    /// tracker with the settings `tracker`, which must be as this one's.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for bytes that are not a whole snapshot of this version and these
    /// settings.
    pub fn restored<'a>(
        &self,
        bytes: &'a [u8],
        tracker: &TrackerConfig,
        level: SimdLevel,
    ) -> Result<(&'a [u8], Self)> {
        let mut input = Reader::new(&KIND, bytes)?;
        let own = input.block()?;
        let (found, expected) = (input.block()?, self.settings.to_json()?);
        if found != expected.as_bytes() {
            let found = String::from_utf8_lossy(found);
            let reason = format!("its registration is {found}, the tracker's is {expected}");
            return Err(refuse(reason));
        }
        let name = self.follower.name();
        let mut restored = Self::new(self.settings.clone(), tracker, name, level)?;
        let config = self.follower.config();
        restored.follower = Tracker::restore_with(input.block()?, level, config)?;
        for sensor in &mut restored.sensors {
            (sensor.pair_count, sensor.unused_frames) = (input.u64()?, input.u64()?);
            let registration = Registration::restore(input.block()?)?;
            if registration.settings() != sensor.registration.settings() {
                let sensor_id = &sensor.registration.settings().sensor_id;
                return Err(refuse(format!("sensor {sensor_id} has other settings")));
            }
            sensor.registration = registration;
        }
        let newest_ns = input.time("newest registered time")?;
        restored.queue = FrameQueue::new(self.queue.wait_ns(), newest_ns);
        restored.restore_queue(&mut input)?;
        input.finish()?;
        Ok((own, restored))
    }

    fn restore_queue(&mut self, input: &mut Reader<'_>) -> Result<()> {
        let mut detections = Vec::new();
        for index in 0..input.count(4)? {
            let header = frame_columns::decode_into(input.block()?, &mut detections)
                .map_err(|error| refuse(format!("its waiting frame {index}: {error}")))?;
            self.note(&header, &detections);
            self.queue.put_noted();
        }
        Ok(())
    }
}
