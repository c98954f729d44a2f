//! What the tracker says of its tracks after a frame: records at the frame's time.
//!
//! Block by block of states as they lie; each record goes to its place in the order.

use crate::detection::range_band;
use crate::error::{Error, Result};
use crate::frame::FrameHeader;
use crate::geometry::{range_rate, to_polar};
use crate::simd::{Kernel, LANES, each_number};
use crate::tracking::gaussian::{Gaussian, at, predict};
use crate::tracking::independent_axes::Axis;
use crate::tracking::record::{TrackRecord, present};
use crate::tracking::state_table::StateBlock;
use crate::tracking::step_input::{INSIDE, is_inside};
use crate::tracking::track::Description;
use crate::tracking::track_table::TrackTable;

/// Place of a slot that has no record.
pub const UNTOLD: u32 = u32::MAX;

/// Rows and columns of a symmetric 3 x 3 matrix's upper triangle: xx, xy, xz, yy, yz, zz.
const UPPER: [(usize, usize); 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
/// Places of xx, yy and zz among them.
const VARIANCES: [usize; 3] = [0, 3, 5];

/// Write one record for each slot that has a place.
pub struct WriteRecords<'a> {
    /// Place of each slot's record, or [`UNTOLD`].
    pub places: &'a [u32],
    /// The tracks.
    pub table: &'a TrackTable,
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

/// Eight tracks at the time of the report and as the sensor sees them: what records hold of them,
/// field by field.
struct SeenBlock {
    position_m: [[f64; LANES]; 3],
    velocity_m_s: [[f64; LANES]; 3],
    position_covariance_m2: [[f64; LANES]; 6],
    velocity_covariance_m2_s2: [[f64; LANES]; 6],
    range_m: [f64; LANES],
    bearing_deg: [f64; LANES],
    elevation_deg: [f64; LANES],
    range_rate_m_s: [f64; LANES],
}

impl SeenBlock {
    const EMPTY: Self = Self {
        position_m: [[0.0; LANES]; 3],
        velocity_m_s: [[0.0; LANES]; 3],
        position_covariance_m2: [[0.0; LANES]; 6],
        velocity_covariance_m2_s2: [[0.0; LANES]; 6],
        range_m: [f64::NAN; LANES],
        bearing_deg: [f64::NAN; LANES],
        elevation_deg: [f64::NAN; LANES],
        range_rate_m_s: [f64::NAN; LANES],
    };

    /// Predict a block of which no state couples its axes; what would couple them stays zero.
    #[inline(always)]
    fn predict_axes(&mut self, block: &StateBlock, time_ns: i64, noise_m2_s3: [f64; 3]) {
        let until_s = block.until_s([time_ns; LANES]);
        each_number!(axis below 3 => {
            for lane in 0..LANES {
                let along =
                    Axis::of(&block.states, axis, lane).predict(until_s[lane], noise_m2_s3[axis]);
                self.position_m[axis][lane] = along.position;
                self.velocity_m_s[axis][lane] = along.velocity;
                self.position_covariance_m2[VARIANCES[axis]][lane] = along.position_variance;
                self.velocity_covariance_m2_s2[VARIANCES[axis]][lane] = along.velocity_variance;
            }
        });
    }

    /// Predict a block.
    #[inline(always)]
    fn predict(&mut self, block: &StateBlock, time_ns: i64, noise_m2_s3: [f64; 3]) {
        let until_s = block.until_s([time_ns; LANES]);
        for lane in 0..LANES {
            self.hold(lane, &predict(&block.states.state(lane), until_s[lane], noise_m2_s3));
        }
    }

    /// Hold a predicted state.
    #[inline(always)]
    fn hold(&mut self, lane: usize, state: &Gaussian) {
        for axis in 0..3 {
            self.position_m[axis][lane] = state.mean[axis];
            self.velocity_m_s[axis][lane] = state.mean[axis + 3];
        }
        for (k, (i, j)) in UPPER.into_iter().enumerate() {
            self.position_covariance_m2[k][lane] = state.covariance[at(i, j)];
            self.velocity_covariance_m2_s2[k][lane] = state.covariance[at(i + 3, j + 3)];
        }
    }

    /// Look at the predicted states.
    #[inline(always)]
    fn look(&mut self, from: &SensorState) {
        for lane in 0..LANES {
            let (mut position, mut velocity) = ([0.0; 3], [0.0; 3]);
            for axis in 0..3 {
                position[axis] = self.position_m[axis][lane] - from.position_m[axis];
                velocity[axis] = self.velocity_m_s[axis][lane] - from.velocity_m_s[axis];
            }
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
        let Self { places, table, seen_from, records, .. } = self;
        let mut seen = SeenBlock::EMPTY;
        let mut ahead = table.states.bank.is_used().then(|| table.states.bank.room());
        for (number, chunk) in places.chunks(LANES).enumerate() {
            if chunk.iter().all(|&place| place == UNTOLD) {
                continue;
            }
            let block = &table.states.blocks[number];
            if let Some(ahead) = &mut ahead {
                let until_s = block.until_s([seen_from.time_ns; LANES]);
                let states = table.states.bank.matched_after(number, &until_s, ahead);
                (0..LANES).for_each(|lane| seen.hold(lane, &states.state(lane)));
            } else if table.states.axes_coupled {
                seen.predict(block, seen_from.time_ns, self.noise_m2_s3);
            } else {
                seen.predict_axes(block, seen_from.time_ns, self.noise_m2_s3);
            }
            if let Some(sensor) = &seen_from.sensor {
                seen.look(sensor);
            }
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
    record.track_id = track.track_id;
    record.number = track.number;
    record.time_ns = time_ns;
    record.update_time_ns = life.detected_ns;
    take(&mut record.position_m, &seen.position_m, lane);
    take(&mut record.velocity_m_s, &seen.velocity_m_s, lane);
    take(&mut record.position_covariance_m2, &seen.position_covariance_m2, lane);
    take(&mut record.velocity_covariance_m2_s2, &seen.velocity_covariance_m2_s2, lane);
    record.range_m = seen.range_m[lane];
    record.bearing_deg = seen.bearing_deg[lane];
    record.elevation_deg = seen.elevation_deg[lane];
    record.range_rate_m_s = seen.range_rate_m_s[lane];
    record.age_s = (time_ns - track.birth_ns) as f64 * 1e-9;
    record.quality = life.quality();
    record.hit_count = life.hit_count;
    record.miss_count = life.miss_count;
    record.detection_index = life.detection_index;
    record.status = life.status;
    record.event = life.event;
    match table.told(slot) {
        Some(description) => tell(record, description),
        // Constants, of which the compiler writes many at once.
        None => tell(record, &Description::UNKNOWN),
    }
}

/// Write what detections told of a track.
#[inline(always)]
fn tell(record: &mut TrackRecord, description: &Description) {
    let identity = &description.identity;
    record.snr_db = description.snr_db;
    record.rcs_dbsm = description.rcs_dbsm;
    record.present = present_of(description);
    record.address = identity.address;
    record.mode_3a = identity.mode_3a;
    record.range_band = band_of(description);
    record.transponder_mode = identity.transponder_mode;
    record.object_type = 0;
    record.friend_foe = identity.friend_foe;
    record.friend_foe_probability = identity.friend_foe_probability;
    record.refuted_probability = identity.refuted_probability;
    record.object_type_probability = 0.0;
    record.alarms = identity.alarms;
    record.reserved = [0; 7];
    record.transponder_id = identity.transponder_id;
}

/// Take over one lane of several fields.
#[inline(always)]
fn take<const N: usize>(values: &mut [f64; N], fields: &[[f64; LANES]; N], lane: usize) {
    for k in 0..N {
        values[k] = fields[k][lane];
    }
}

/// Bits of what is known of a track.
#[inline(always)]
const fn present_of(description: &Description) -> u32 {
    let snr = if description.snr_db.is_nan() { 0 } else { present::SNR };
    let rcs = if description.rcs_dbsm.is_nan() { 0 } else { present::RCS };
    description.identity.present | snr | rcs
}

/// The band that a track reports. The long range never carries an identity, so a track that keeps
/// one reports none there.
#[inline(always)]
const fn band_of(description: &Description) -> u8 {
    let identity = &description.identity;
    let named = identity.present & present::IDENTITY != 0 || identity.transponder_mode != 0;
    if description.range_band == range_band::LONG && named {
        range_band::UNSPECIFIED
    } else {
        description.range_band
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{SimdLevel, dispatch};
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::gaussian::Gaussian;
    use crate::tracking::lifecycle::Life;
    use crate::tracking::track::Track;

    /// The records of three tracks, written over others of which every number is `junk`.
    fn written_over(junk: u8, sensor: Option<SensorState>) -> Vec<TrackRecord> {
        let (config, mut table) = (TrackerConfig::default(), TrackTable::new());
        for number in 1..=3 {
            let mut state = Gaussian::ZERO;
            state.mean = [number as f64 * 1e3; 6];
            let track = Track { number, track_id: [number as u8; 16], birth_ns: 0 };
            table.add(track, Life::born(number as u32, 0, 0.1, &config), &state);
        }
        let (number, word) = (f64::from(junk), u32::from(junk));
        let old = TrackRecord {
            track_id: [junk; 16],
            number: u64::from(junk),
            time_ns: i64::from(junk),
            update_time_ns: i64::from(junk),
            position_m: [number; 3],
            velocity_m_s: [number; 3],
            position_covariance_m2: [number; 6],
            velocity_covariance_m2_s2: [number; 6],
            range_m: number,
            bearing_deg: number,
            elevation_deg: number,
            range_rate_m_s: number,
            age_s: number,
            quality: number,
            snr_db: f32::from(junk),
            rcs_dbsm: f32::from(junk),
            hit_count: word,
            miss_count: word,
            present: word,
            address: word,
            detection_index: word,
            mode_3a: u16::from(junk),
            status: junk,
            event: junk,
            range_band: junk,
            transponder_mode: junk,
            object_type: junk,
            friend_foe: junk,
            friend_foe_probability: f32::from(junk),
            refuted_probability: f32::from(junk),
            object_type_probability: f32::from(junk),
            alarms: junk,
            reserved: [junk; 7],
            transponder_id: [junk; 32],
        };
        let mut records = [old; 3];
        let work = WriteRecords {
            places: &[2, 0, 1],
            table: &table,
            noise_m2_s3: [1.0; 3],
            seen_from: Viewpoint { time_ns: 2_000_000_000, sensor },
            records: &mut records,
        };
        dispatch(SimdLevel::Baseline, work);
        records.to_vec()
    }

    #[test]
    fn a_record_holds_nothing_of_the_one_before() {
        let sensor = SensorState { position_m: [5.0, 6.0, 7.0], velocity_m_s: [1.0; 3] };
        for sensor in [None, Some(sensor)] {
            let text = |junk| format!("{:?}", written_over(junk, sensor)); // NaN is NaN here
            assert_eq!(text(1), text(0xEE));
        }
    }

    #[test]
    fn each_record_goes_to_its_place_with_the_state_at_the_time_asked_for() {
        let records = written_over(9, None);
        assert!(records.iter().map(|record| record.number).eq([2, 3, 1]));
        let first = &records[2];
        assert_eq!((first.position_m, first.velocity_m_s), ([3e3; 3], [1e3; 3]));
        assert_eq!((first.time_ns, first.update_time_ns, first.age_s), (2_000_000_000, 0, 2.0));
        assert!(first.range_m.is_nan() && first.bearing_deg.is_nan());
    }
}
