//! One frame message in, one tracks message out.
//!
//! Every payload gets exactly one answer. One that cannot be used gets an answer with the verdict
//! and the reason and leaves the tracker as it was, so nothing is dropped in silence and the same
//! payloads always give the same answers. The one exception: a frame that was used, but whose tracks
//! the message cannot hold, is answered as refused with that reason; the tracker has moved on. How
//! much it can hold is [`MAX_ANSWER_BYTES`], whatever the broker of the day would take: the answers
//! to the same frames must be the same bytes on any broker.
//!
//! A frame that is late by no more than `late_window_s` is used as if it had come in order
//! ([`crate::late_frames`]); its answer says what that changed. Former answers stand.
//!
//! With a registration ([`crate::online_registration`]), the answers to the frames of a sensor that is
//! aligned say what is known of its biases, which may be taken out of its next frames.
//!
//! With guard rules ([`crate::guard`]), the answers have the alerts of their tracks.

use sha2::{Digest, Sha256};

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::{FrameHeader, format_uuid};
use crate::guard::alert::GuardReport;
use crate::guard::guards::Guards;
use crate::guard::rules::GuardRules;
use crate::late_frames::ordered_tracker::OrderedTracker;
use crate::online_registration::estimators::{OnlineRegistration, RegistrationEstimate};
use crate::online_registration::settings::OnlineSettings;
use crate::simd::SimdLevel;
use crate::tracking::record::TrackRecord;
use crate::tracking::tracker::{Tracker, TrackerName};
use crate::wire::tracks_message::{InputName, TracksHeader, Verdict};
use crate::wire::{checksum, frame_columns, guard_message, json, track_columns};

/// Changes whenever the same frames might give other answers from the same tracks.
pub const VERSION: u32 = 3;
/// Longest answer \[bytes\], about 8000 tracks: with 64 KiB of headers, the most that a stream takes,
/// it makes 2 MiB, which every broker of ours must take (`broker.max_payload_bytes`).
pub const MAX_ANSWER_BYTES: usize = (2 << 20) - (64 << 10);

/// A tracker that speaks frame and tracks messages; its memory is kept from frame to frame.
pub struct FrameTracker {
    tracker: OrderedTracker,
    registration: Option<OnlineRegistration>,
    guards: Option<Guards>,
    detections: Vec<Detection>,
    records: Vec<TrackRecord>,
    payload: Vec<u8>,
}

/// The answer to one frame message.
pub struct Answer<'a> {
    /// The tracks message, `RadarTrackColumns`.
    pub payload: &'a [u8],
    /// CRC-32C of the payload.
    pub crc32c: u32,
    /// What the message says besides the tracks.
    pub header: TracksHeader,
    /// The frame's header, where the payload could be read.
    pub frame: Option<FrameHeader>,
    /// Detections in the frame.
    pub detection_count: usize,
    /// Tracks in the message.
    pub track_count: usize,
    /// Confirmed tracks that live after the frame, whether or not the message tells of them.
    pub confirmed_count: usize,
}

impl FrameTracker {
    /// Answer frames with `tracker`.
    pub fn new(tracker: Tracker) -> Self {
        Self {
            tracker: OrderedTracker::new(tracker),
            registration: None,
            guards: None,
            detections: Vec::new(),
            records: Vec::new(),
            payload: Vec::new(),
        }
    }

    /// The same, and find what sensors report too much.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn with_registration(
        tracker: Tracker,
        settings: OnlineSettings,
        level: SimdLevel,
    ) -> Result<Self> {
        let registration =
            OnlineRegistration::new(settings, tracker.config(), tracker.name(), level)?;
        Ok(Self { registration: Some(registration), ..Self::new(tracker) })
    }

    /// Alert of the tracks that meet these rules, too.
    #[must_use]
    pub fn with_guards(self, rules: GuardRules) -> Self {
        Self { guards: Some(Guards::new(rules)), ..self }
    }

    /// The tracker: its state is that of all used frames in order of time, under its own numbers.
    pub const fn tracker(&self) -> &Tracker {
        self.tracker.tracker()
    }

    /// Become empty, under another epoch.
    ///
    /// # Errors
    /// None for a tracker that could be made before.
    pub fn begin(&mut self, epoch: u64, level: SimdLevel) -> Result<()> {
        let name = TrackerName { epoch, ..self.tracker().name() };
        let config = self.tracker().config();
        let tracker = Tracker::new(config.clone(), name, level)?;
        if let Some(own) = &self.registration {
            let settings = own.settings().clone();
            self.registration = Some(OnlineRegistration::new(settings, config, name, level)?);
        }
        self.tracker = OrderedTracker::new(tracker);
        self.guards.iter_mut().for_each(Guards::forget);
        Ok(())
    }

    /// The whole state as bytes.
    ///
    /// # Errors
    /// None for settings that were accepted and frames that were used.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        let state = self.tracker.snapshot()?;
        let state = match &self.registration {
            Some(registration) => registration.snapshot(&state)?,
            None => state,
        };
        match &self.guards {
            Some(guards) => guards.snapshot(&state),
            None => Ok(state),
        }
    }

    /// Become what gave `snapshot`, which must be this tracker's under the same settings.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for bytes that are damaged, of another version, of another tracker or
    /// made with other settings; the tracker is then as it was.
    pub fn restore(&mut self, snapshot: &[u8], level: SimdLevel) -> Result<()> {
        let own = self.tracker();
        let (state, guards) = match &self.guards {
            Some(guards) => {
                let (state, restored) = guards.restored(snapshot)?;
                (state, Some(restored))
            }
            None => (snapshot, None),
        };
        let (state, registration) = match &self.registration {
            Some(found) => {
                let (state, restored) = found.restored(state, own.config(), level)?;
                (state, Some(restored))
            }
            None => (state, None),
        };
        let restored = OrderedTracker::restore(state, level, own.config())?;
        let (found, expected) = (restored.tracker().name().tracker_id, own.name().tracker_id);
        if found != expected {
            return Err(Error::Snapshot {
                reason: format!(
                    "it is of tracker {}, must be of {}",
                    format_uuid(&found),
                    format_uuid(&expected)
                ),
                remedy: "use a snapshot of this tracker",
            });
        }
        (self.tracker, self.registration, self.guards) = (restored, registration, guards);
        Ok(())
    }

    /// SHA-256 of all that the answers depend on besides the frames and the core itself: the settings,
    /// and of each motion model that a user wrote what it answers of fixed states.
    ///
    /// # Errors
    /// None for settings that were accepted.
    pub fn settings_sha256(&self) -> Result<[u8; 32]> {
        let mut digest = Sha256::new_with_prefix(self.tracker().config().to_json()?);
        if let Some(registration) = &self.registration {
            digest.update(registration.settings().to_json()?);
        }
        if let Some(guards) = &self.guards {
            digest.update(guards.rules().to_json()?);
        }
        Ok(digest.finalize().into())
    }

    /// What the newest frame that was answered or taken told of the tracks.
    pub fn records(&self) -> &[TrackRecord] {
        &self.records
    }

    /// Use a frame that is at hand as [`Self::answer`] uses that of a payload, without an answer; its
    /// alerts, if it has some.
    ///
    /// # Errors
    /// Those for which the answer would refuse the frame; it then told of no track.
    pub fn take(
        &mut self,
        header: &FrameHeader,
        detections: &[Detection],
    ) -> Result<Option<GuardReport>> {
        self.detections.clear();
        self.detections.extend_from_slice(detections);
        self.records.clear();
        let used = self.use_frame(header);
        let guard = self.judge(Some(header).filter(|_| used.is_ok()));
        used.map(|()| guard)
    }

    /// Answer one frame message. `crc32c` is the checksum that came with it.
    ///
    /// # Errors
    /// None for any payload: what cannot be used is answered. An error means that the answer itself
    /// could not be made.
    pub fn answer(&mut self, payload: &[u8], crc32c: Option<u32>) -> Result<Answer<'_>> {
        self.detections.clear();
        let read = checksum::check(frame_columns::FORMAT, payload, crc32c)
            .and_then(|()| frame_columns::decode_into(payload, &mut self.detections));
        self.answer_read(payload, read)
    }

    /// As [`Self::answer`], for a frame message in JSON with the headers that stand beside it.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn answer_json(
        &mut self,
        payload: &[u8],
        crc32c: Option<u32>,
        scan: &str,
        absent: &str,
    ) -> Result<Answer<'_>> {
        self.detections.clear();
        let read = checksum::check(json::frame::FORMAT, payload, crc32c)
            .and_then(|()| json::frame::decode_into(payload, scan, absent, &mut self.detections));
        self.answer_read(payload, read)
    }

    /// Answer a payload of which the detections are at hand, if it could be read.
    fn answer_read(&mut self, payload: &[u8], read: Result<FrameHeader>) -> Result<Answer<'_>> {
        self.records.clear();
        let frame = read.as_ref().ok().copied();
        let detection_count = self.detections.len();
        let used = read.and_then(|header| self.use_frame(&header));
        let guard = self.judge(frame.as_ref().filter(|_| used.is_ok()));
        let (verdict, reason) = match used {
            Ok(()) => (Verdict::Accepted, String::new()),
            Err(error @ Error::Late { .. }) => (Verdict::Late, error.to_string()),
            Err(error) => (Verdict::Refused, error.to_string()),
        };
        let mut header = TracksHeader {
            tracker_id: self.tracker().name().tracker_id,
            tracker_epoch: self.tracker().name().epoch,
            time_ns: frame.map_or(0, |header| header.time_ns),
            input: input_name(frame.as_ref(), payload),
            verdict,
            reason,
            registration: self.estimate(frame.as_ref()),
            guard,
        };
        if let Err(error) = self.encode(&header) {
            // The frame was used, but its tracks cannot be said: one answer all the same, or this
            // frame would stop every worker that meets it. Nothing stays in it that could not be said;
            // alerts can, and are never told again.
            self.records.clear();
            header.registration = None;
            header.guard = header.guard.filter(|told| guard_message::check(told).is_ok());
            header.verdict = Verdict::Refused;
            header.reason = error.to_string();
            self.encode(&header)?;
        }
        Ok(Answer {
            crc32c: checksum::crc32c(&self.payload),
            payload: &self.payload,
            header,
            frame,
            detection_count,
            track_count: self.records.len(),
            confirmed_count: self.tracker().confirmed_count(),
        })
    }

    /// Make the payload of the tracks at hand.
    fn encode(&mut self, header: &TracksHeader) -> Result<()> {
        self.payload.clear();
        track_columns::encode(header, &self.records, &mut self.payload)?;
        let (size, tracks) = (self.payload.len(), self.records.len());
        if size <= MAX_ANSWER_BYTES {
            return Ok(());
        }
        Err(Error::Tracks {
            field: "len(payload)".into(),
            value: format!("{size} bytes with {tracks} tracks"),
            limit: format!("at most {MAX_ANSWER_BYTES} bytes: send the frame in smaller sectors"),
        })
    }

    fn use_frame(&mut self, header: &FrameHeader) -> Result<()> {
        let Self { tracker, registration, detections, records, .. } = self;
        let Some(registration) = registration else {
            return tracker.use_frame(header, None, detections, records);
        };
        registration.note(header, detections);
        let found = registration.applied_bias(&header.sensor_id);
        tracker.use_frame(header, found, detections, records)?;
        registration.use_noted();
        Ok(())
    }

    /// The alerts of a frame that was used, from what it told of the tracks.
    fn judge(&mut self, used: Option<&FrameHeader>) -> Option<GuardReport> {
        let Self { tracker, guards, records, .. } = self;
        let guards = guards.as_mut()?;
        guards.begin();
        guards.judge(used?, records, |record| tracker.state_of(record));
        guards.report()
    }

    /// What is known of the biases of a frame's sensor, where they are sought.
    fn estimate(&self, frame: Option<&FrameHeader>) -> Option<RegistrationEstimate> {
        self.registration.as_ref()?.estimate(&frame?.sensor_id)
    }
}

/// The name of the frame answered; only its hash where the payload could not be read.
fn input_name(frame: Option<&FrameHeader>, payload: &[u8]) -> InputName {
    let payload_sha256 = Sha256::digest(payload).into();
    match frame {
        Some(frame) => InputName {
            sensor_id: frame.sensor_id,
            epoch: frame.epoch,
            number: frame.number,
            payload_sha256,
        },
        None => InputName { payload_sha256, ..InputName::default() },
    }
}
