//! What the tracker says of its tracks after a frame: records at the frame's time.

use crate::detection::range_band;
use crate::frame::FrameHeader;
use crate::geometry::{range_rate, to_polar};
use crate::simd::{Kernel, LANES};
use crate::tracking::config::TrackerConfig;
use crate::tracking::lanes::{StateLanes, spread};
use crate::tracking::lifecycle::quality;
use crate::tracking::record::{TrackRecord, present, status};
use crate::tracking::track::Track;

/// Write one record for each slot.
pub struct WriteRecords<'a> {
    /// Slots to report, in the order of the output.
    pub slots: &'a [u32],
    /// Slots of the tracker.
    pub tracks: &'a [Track],
    /// Settings.
    pub config: &'a TrackerConfig,
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
    /// Time and place to report for.
    pub seen_from: Viewpoint,
    /// Where the records go.
    pub records: &'a mut Vec<TrackRecord>,
}

/// The time of a report and the sensor that its polar values are seen from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewpoint {
    /// Time \[ns\].
    pub time_ns: i64,
    /// Position of the sensor \[m\].
    pub position_m: [f64; 3],
    /// Velocity of the sensor \[m/s\].
    pub velocity_m_s: [f64; 3],
}

impl Viewpoint {
    /// The sensor at rest in the origin.
    pub const fn origin(time_ns: i64) -> Self {
        Self { time_ns, position_m: [0.0; 3], velocity_m_s: [0.0; 3] }
    }
}

impl From<&FrameHeader> for Viewpoint {
    fn from(header: &FrameHeader) -> Self {
        Self {
            time_ns: header.time_ns,
            position_m: header.sensor_position_m,
            velocity_m_s: header.sensor_velocity_m_s,
        }
    }
}

/// How the sensor sees the states of eight tracks, field by field.
#[derive(Default)]
struct Seen {
    range_m: [f64; LANES],
    bearing_deg: [f64; LANES],
    elevation_deg: [f64; LANES],
    range_rate_m_s: [f64; LANES],
}

impl Kernel for WriteRecords<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.records.reserve(self.slots.len());
        let from = &self.seen_from;
        let (mut states, mut predicted) = (StateLanes::EMPTY, StateLanes::EMPTY);
        let mut seen = Seen::default();
        for chunk in self.slots.chunks(LANES) {
            let tracks = spread(chunk).map(|slot| &self.tracks[slot as usize]);
            states.load(tracks, [from.time_ns; LANES]);
            for lane in 0..LANES {
                let state = states.predicted(lane, self.noise_m2_s3);
                let (m, p, v) = (&state.mean, &from.position_m, &from.velocity_m_s);
                let position = [m[0] - p[0], m[1] - p[1], m[2] - p[2]];
                let polar = to_polar(position);
                seen.range_m[lane] = polar.range_m;
                seen.bearing_deg[lane] = polar.bearing_deg;
                seen.elevation_deg[lane] = polar.elevation_deg;
                seen.range_rate_m_s[lane] =
                    range_rate(position, [m[3] - v[0], m[4] - v[1], m[5] - v[2]]);
                predicted.store(lane, &state);
            }
            self.records.extend(tracks.iter().take(chunk.len()).enumerate().map(
                |(lane, track)| record(track, lane, &predicted, &seen, from.time_ns, self.config),
            ));
        }
    }
}

/// The record of the track in one lane.
#[inline(always)]
fn record(
    track: &Track,
    lane: usize,
    states: &StateLanes,
    seen: &Seen,
    time_ns: i64,
    config: &TrackerConfig,
) -> TrackRecord {
    let identity = &track.identity;
    let mut known = identity.present;
    if !track.snr_db.is_nan() {
        known |= present::SNR;
    }
    if !track.rcs_dbsm.is_nan() {
        known |= present::RCS;
    }
    let named = known & present::IDENTITY != 0 || identity.transponder_mode != 0;
    // The long range never carries an identity, so a track that keeps one reports no band there.
    let band = if track.range_band == range_band::LONG && named {
        range_band::UNSPECIFIED
    } else {
        track.range_band
    };
    let m = |i: usize| states.mean(i, lane);
    let block = |offset: usize| {
        let p = |i: usize, j: usize| states.covariance(offset + i, offset + j, lane);
        [p(0, 0), p(0, 1), p(0, 2), p(1, 1), p(1, 2), p(2, 2)]
    };
    TrackRecord {
        track_id: track.track_id,
        number: track.number,
        time_ns,
        update_time_ns: track.time_ns,
        position_m: [m(0), m(1), m(2)],
        velocity_m_s: [m(3), m(4), m(5)],
        position_covariance_m2: block(0),
        velocity_covariance_m2_s2: block(3),
        range_m: seen.range_m[lane],
        bearing_deg: seen.bearing_deg[lane],
        elevation_deg: seen.elevation_deg[lane],
        range_rate_m_s: seen.range_rate_m_s[lane],
        age_s: (time_ns - track.birth_ns) as f64 * 1e-9,
        quality: if track.status == status::LOST { 0.0 } else { quality(track, config) },
        snr_db: track.snr_db,
        rcs_dbsm: track.rcs_dbsm,
        hit_count: track.hit_count,
        miss_count: track.miss_count,
        present: known,
        address: identity.address,
        detection_index: track.detection_index,
        mode_3a: identity.mode_3a,
        status: track.status,
        event: track.event,
        range_band: band,
        transponder_mode: identity.transponder_mode,
        object_type: 0,
        friend_foe: identity.friend_foe,
        reserved: [0; 20],
        transponder_id: identity.transponder_id,
    }
}
