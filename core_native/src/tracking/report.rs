//! What the tracker says of its tracks after a frame: records at the frame's time.
//!
//! Block by block of states as they lie; each record goes to its place in the order.

use crate::detection::range_band;
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::geometry::{range_rate, to_polar};
use crate::simd::{Kernel, LANES};
use crate::tracking::config::TrackerConfig;
use crate::tracking::gaussian::predict;
use crate::tracking::lanes::StateLanes;
use crate::tracking::lifecycle::{Life, qualities};
use crate::tracking::record::{TrackRecord, present};
use crate::tracking::state_table::StateBlock;
use crate::tracking::step_input::{INSIDE, is_inside};
use crate::tracking::track::Track;
use crate::tracking::track_table::TrackTable;

/// Place of a slot that has no record.
pub const UNTOLD: u32 = u32::MAX;

/// Write one record for each slot that has a place.
pub struct WriteRecords<'a> {
    /// Place of each slot's record, or [`UNTOLD`].
    pub places: &'a [u32],
    /// The tracks.
    pub table: &'a TrackTable,
    /// Settings.
    pub config: &'a TrackerConfig,
    /// Process noise per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
    /// Time and place to report for.
    pub seen_from: Viewpoint,
    /// Where the records go.
    pub records: &'a mut [TrackRecord],
}

/// The time of a report and the sensor, if any, that its polar values are seen from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewpoint {
    /// Time \[ns\].
    pub time_ns: i64,
    /// Where the sensor is; without, the polar values are absent (NaN).
    pub sensor: Option<SensorState>,
}

/// Where a sensor is and how it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SensorState {
    /// Position \[m\].
    pub position_m: [f64; 3],
    /// Velocity \[m/s\].
    pub velocity_m_s: [f64; 3],
}

impl Viewpoint {
    /// From a sensor at rest, or without one.
    ///
    /// # Errors
    /// [`Error::Frame`] for a position that is not finite or as far out as none is measured.
    pub fn at_rest(time_ns: i64, sensor_position_m: Option<[f64; 3]>) -> Result<Self> {
        let Some(position_m) = sensor_position_m else {
            return Ok(Self { time_ns, sensor: None });
        };
        if !is_inside(&position_m) {
            return Err(Error::Frame {
                field: "sensor_position_m".into(),
                value: format!("{position_m:?}"),
                limit: INSIDE.into(),
            });
        }
        Ok(Self { time_ns, sensor: Some(SensorState { position_m, velocity_m_s: [0.0; 3] }) })
    }
}

impl From<&FrameHeader> for Viewpoint {
    fn from(header: &FrameHeader) -> Self {
        let sensor = SensorState {
            position_m: header.sensor_position_m,
            velocity_m_s: header.sensor_velocity_m_s,
        };
        Self { time_ns: header.time_ns, sensor: Some(sensor) }
    }
}

/// The states of eight tracks at the time of the report, and how the sensor sees them.
struct SeenBlock {
    states: StateLanes,
    known_ns: [i64; LANES],
    quality: [f64; LANES],
    range_m: [f64; LANES],
    bearing_deg: [f64; LANES],
    elevation_deg: [f64; LANES],
    range_rate_m_s: [f64; LANES],
}

impl SeenBlock {
    const EMPTY: Self = Self {
        states: StateLanes::EMPTY,
        known_ns: [0; LANES],
        quality: [0.0; LANES],
        range_m: [f64::NAN; LANES],
        bearing_deg: [f64::NAN; LANES],
        elevation_deg: [f64::NAN; LANES],
        range_rate_m_s: [f64::NAN; LANES],
    };

    /// Predict a block.
    #[inline(always)]
    fn predict(&mut self, block: &StateBlock, time_ns: i64, noise_m2_s3: [f64; 3]) {
        self.known_ns = block.times_ns;
        let until_s = block.until_s([time_ns; LANES]);
        for lane in 0..LANES {
            let state = predict(&block.states.state(lane), until_s[lane], noise_m2_s3);
            self.states.store(lane, &state);
        }
    }

    /// Look at the predicted states.
    #[inline(always)]
    fn look(&mut self, from: &SensorState) {
        let (m, p, v) = (&self.states.mean, &from.position_m, &from.velocity_m_s);
        for lane in 0..LANES {
            let position = [m[0][lane] - p[0], m[1][lane] - p[1], m[2][lane] - p[2]];
            let velocity = [m[3][lane] - v[0], m[4][lane] - v[1], m[5][lane] - v[2]];
            let polar = to_polar(position);
            self.range_m[lane] = polar.range_m;
            self.bearing_deg[lane] = polar.bearing_deg;
            self.elevation_deg[lane] = polar.elevation_deg;
            self.range_rate_m_s[lane] = range_rate(position, velocity);
        }
    }
}

impl Kernel for WriteRecords<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { places, table, config, seen_from, records, .. } = self;
        let mut seen = SeenBlock::EMPTY;
        for (number, chunk) in places.chunks(LANES).enumerate() {
            if chunk.iter().all(|&place| place == UNTOLD) {
                continue;
            }
            let block = &table.states.blocks[number];
            seen.predict(block, seen_from.time_ns, self.noise_m2_s3);
            if let Some(sensor) = &seen_from.sensor {
                seen.look(sensor);
            }
            let mut lives = [Life::ENDED; LANES];
            for (life, own) in lives.iter_mut().zip(&table.lives[number * LANES..]) {
                *life = *own;
            }
            seen.quality = qualities(lives, config);
            for (lane, &place) in chunk.iter().enumerate() {
                if place != UNTOLD {
                    let slot = number * LANES + lane;
                    let record = &mut records[place as usize];
                    write(record, table, slot, &seen, lane, seen_from.time_ns);
                }
            }
        }
    }
}

/// Write the record of the track in a slot.
#[inline(always)]
fn write(
    record: &mut TrackRecord,
    table: &TrackTable,
    slot: usize,
    seen: &SeenBlock,
    lane: usize,
    time_ns: i64,
) {
    let (track, life) = (&table.tracks[slot], &table.lives[slot]);
    let states = &seen.states;
    let identity = &track.identity;
    let m = |i: usize| states.mean[i][lane];
    let block = |offset: usize| {
        let p = |i: usize, j: usize| states.covariance(offset + i, offset + j, lane);
        [p(0, 0), p(0, 1), p(0, 2), p(1, 1), p(1, 2), p(2, 2)]
    };
    *record = TrackRecord {
        track_id: track.track_id,
        number: track.number,
        time_ns,
        update_time_ns: seen.known_ns[lane],
        position_m: [m(0), m(1), m(2)],
        velocity_m_s: [m(3), m(4), m(5)],
        position_covariance_m2: block(0),
        velocity_covariance_m2_s2: block(3),
        range_m: seen.range_m[lane],
        bearing_deg: seen.bearing_deg[lane],
        elevation_deg: seen.elevation_deg[lane],
        range_rate_m_s: seen.range_rate_m_s[lane],
        age_s: (time_ns - track.birth_ns) as f64 * 1e-9,
        quality: seen.quality[lane],
        snr_db: track.snr_db,
        rcs_dbsm: track.rcs_dbsm,
        hit_count: life.hit_count,
        miss_count: life.miss_count,
        present: present_of(track),
        address: identity.address,
        detection_index: life.detection_index,
        mode_3a: identity.mode_3a,
        status: life.status,
        event: life.event,
        range_band: band_of(track),
        transponder_mode: identity.transponder_mode,
        object_type: 0,
        friend_foe: identity.friend_foe,
        reserved: [0; 20],
        transponder_id: identity.transponder_id,
    };
}

/// Bits of what is known of a track.
#[inline(always)]
const fn present_of(track: &Track) -> u32 {
    let snr = if track.snr_db.is_nan() { 0 } else { present::SNR };
    let rcs = if track.rcs_dbsm.is_nan() { 0 } else { present::RCS };
    track.identity.present | snr | rcs
}

/// The band that a track reports. The long range never carries an identity, so a track that keeps
/// one reports none there.
#[inline(always)]
const fn band_of(track: &Track) -> u8 {
    let identity = &track.identity;
    let named = identity.present & present::IDENTITY != 0 || identity.transponder_mode != 0;
    if track.range_band == range_band::LONG && named {
        range_band::UNSPECIFIED
    } else {
        track.range_band
    }
}
