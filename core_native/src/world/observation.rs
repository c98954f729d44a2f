//! What an agent observes, as a vector of numbers from -1 to 1.
//!
//! It is a function of the vehicle's state and of the newest record of each track alone, so that a
//! policy sees the same numbers in process and behind the services.
//!
//! A vector v with the scale s is given as v / (|v| + s): of the same direction, near 0 as v / s, and
//! shorter than 1 however long v is. A number that cannot be negative goes likewise.

use crate::geometry::dot;
use crate::object_type::ObjectType;
use crate::tracking::record::{TrackRecord, friend_foe, present, status};
use crate::vehicle::docking::mechanism::DockingPhase;
use crate::vehicle::quaternion::Quaternion;
use crate::world::own_state::OwnState;

/// Tracks that are told of at most: the nearest.
pub const TRACKS: usize = 10;
/// Numbers of an observation.
pub const LENGTH: usize = OWN_LENGTH + TRACKS * TRACK_LENGTH;
const OWN_LENGTH: usize = length(&OWN_FIELDS);
const TRACK_LENGTH: usize = length(&TRACK_FIELDS);

/// Some numbers of an observation that belong together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// How many numbers it has.
    pub count: usize,
    /// Unit of the scale; empty for what has none.
    pub unit: &'static str,
    /// The scale s of v / (|v| + s); 0 for what is told as it is.
    pub scale: f64,
    /// What it is.
    pub about: &'static str,
}

const fn field(
    name: &'static str,
    count: usize,
    (scale, unit): (f64, &'static str),
    about: &'static str,
) -> Field {
    Field { name, count, unit, scale, about }
}

const PLAIN: (f64, &str) = (0.0, "");
const VELOCITY_SCALE_M_S: f64 = 10.0;
const RATE_SCALE_RAD_S: f64 = 0.1;
const STATION_SCALE_M: f64 = 100.0;
const STATION_SCALE_M_S: f64 = 1.0;
const PORT_SCALE_M: f64 = 1.0;
const PORT_SCALE_M_S: f64 = 0.1;
const TRACK_SCALE_M: f64 = 1000.0;

/// What stands first.
pub const OWN_FIELDS: [Field; 16] = [
    field("own_velocity", 3, (VELOCITY_SCALE_M_S, "m/s"), "own velocity in the body frame"),
    field("attitude", 4, PLAIN, "quaternion [w, x, y, z] from the body to the world frame, w ≥ 0"),
    field("own_rate", 3, (RATE_SCALE_RAD_S, "rad/s"), "own angular velocity in the body frame"),
    field("propellant", 1, PLAIN, "part of a full tank that is left"),
    field("charge", 1, PLAIN, "state of charge of the battery"),
    field("station_present", 1, PLAIN, "1 where a track is the station's"),
    field("station_place", 3, (STATION_SCALE_M, "m"), "from the vehicle to the station"),
    field("station_velocity", 3, (STATION_SCALE_M_S, "m/s"), "of the station less the own"),
    field("port_engaged", 1, PLAIN, "1 while a port is engaged"),
    field("phase_approach", 1, PLAIN, "1 while the engaged port is in the approach cone"),
    field("phase_captured", 1, PLAIN, "1 while springs and dampers hold it"),
    field("phase_latched", 1, PLAIN, "1 while it is latched"),
    field("port_present", 1, PLAIN, "1 where the docking camera sees the station's port"),
    field("port_offset", 3, (PORT_SCALE_M, "m"), "from the own port to the station's"),
    field("port_velocity", 3, (PORT_SCALE_M_S, "m/s"), "of the own port past the station's"),
    field("port_turn", 3, PLAIN, "turn that is left to the docked attitude, over 180 deg"),
];

/// What follows for each track, the nearest first; zeros where there are fewer.
pub const TRACK_FIELDS: [Field; 8] = [
    field("track_present", 1, PLAIN, "1 where there is one"),
    field("track_place", 3, (TRACK_SCALE_M, "m"), "from the vehicle to it"),
    field("track_velocity", 3, (VELOCITY_SCALE_M_S, "m/s"), "its velocity less the own"),
    field("track_quality", 1, PLAIN, "its quality"),
    field("track_friend", 1, PLAIN, "1 for a friend"),
    field("track_foe", 1, PLAIN, "1 for a foe"),
    field("track_unknown", 1, PLAIN, "1 where neither is known"),
    field("track_alarm", 1, PLAIN, "1 while its identity is refuted or contested"),
];

const fn length(fields: &[Field]) -> usize {
    let (mut sum, mut index) = (0, 0);
    while index < fields.len() {
        sum += fields[index].count;
        index += 1;
    }
    sum
}

/// A track as the vehicle sees it, in the world frame.
#[derive(Clone, Copy)]
struct Seen<'a> {
    track: &'a TrackRecord,
    place_m: [f64; 3],
    distance_m2: f64,
}

/// Write what an agent observes to `out`. `tracks` are the newest records of the living tracks, of
/// which those of less quality than `min_quality` do not count; `station_id` is what the station
/// replies, where it does: without, its track is known by its type.
pub fn observe(
    own: &OwnState,
    tracks: &[TrackRecord],
    station_id: Option<&[u8; 32]>,
    min_quality: f64,
    out: &mut [f32; LENGTH],
) {
    out.fill(0.0);
    let (own_out, tracks_out) = out.split_at_mut(OWN_LENGTH);
    let mut writer = Writer { out: own_out, to_body: own.attitude };
    writer.own(own);
    let mut nearest = Nearest::default();
    let mut station: Option<Seen<'_>> = None;
    let is_shown = |track: &&TrackRecord| is_confirmed(track) && track.quality >= min_quality;
    for seen in tracks.iter().filter(is_shown).map(|track| seen_from(own, track)) {
        let is_nearer = station.is_none_or(|other| seen.distance_m2 < other.distance_m2);
        if is_nearer && is_station(seen.track, station_id) {
            station = Some(seen);
        }
        nearest.put(seen);
    }
    writer.station(own, station.as_ref());
    writer.docking(own);
    for (seen, out) in nearest.iter().zip(tracks_out.chunks_exact_mut(TRACK_LENGTH)) {
        Writer { out, to_body: own.attitude }.track(own, seen);
    }
}

fn is_confirmed(track: &TrackRecord) -> bool {
    matches!(track.status, status::TRACKED | status::COASTING)
}

/// Whether the track is the station's: what it replies, which nothing speaks against, or its type.
fn is_station(track: &TrackRecord, station_id: Option<&[u8; 32]>) -> bool {
    let Some(id) = station_id else {
        return track.object_type == ObjectType::Station as u8;
    };
    let is_named = track.present & present::TRANSPONDER_ID != 0 && track.transponder_id == *id;
    is_named && track.alarms == 0
}

/// A track where it is at the time of the own state, if it goes on with its velocity.
fn seen_from<'a>(own: &OwnState, track: &'a TrackRecord) -> Seen<'a> {
    let ahead_s = own.time_ns.saturating_sub(track.time_ns) as f64 * 1e-9;
    let place_m = [0, 1, 2].map(|axis| {
        track.position_m[axis] + track.velocity_m_s[axis] * ahead_s - own.position_m[axis]
    });
    Seen { track, place_m, distance_m2: dot(place_m, place_m) }
}

/// The nearest tracks, the nearest first; of two that are as near, the older one.
#[derive(Default)]
struct Nearest<'a> {
    seen: [Option<Seen<'a>>; TRACKS],
    count: usize,
}

impl<'a> Nearest<'a> {
    fn put(&mut self, new: Seen<'a>) {
        let is_before =
            |other: &Option<Seen<'_>>| other.is_some_and(|it| it.distance_m2 <= new.distance_m2);
        let place = self.seen[..self.count].partition_point(is_before);
        if place == TRACKS {
            return;
        }
        self.count = (self.count + 1).min(TRACKS);
        self.seen[place..self.count].rotate_right(1);
        self.seen[place] = Some(new);
    }

    fn iter(&self) -> impl Iterator<Item = &Seen<'a>> {
        self.seen.iter().flatten()
    }
}

/// Writes numbers one behind the other; vectors of the world frame as those of the body frame.
struct Writer<'a> {
    out: &'a mut [f32],
    to_body: Quaternion,
}

impl Writer<'_> {
    fn own(&mut self, own: &OwnState) {
        self.world_vector(own.velocity_m_s, VELOCITY_SCALE_M_S);
        let sign = if own.attitude.0[0] < 0.0 { -1.0 } else { 1.0 };
        own.attitude.0.iter().for_each(|part| self.number(sign * part));
        self.vector(own.rate_rad_s, RATE_SCALE_RAD_S);
        self.number(own.propellant);
        self.number(own.charge_pct / 100.0);
    }

    fn station(&mut self, own: &OwnState, station: Option<&Seen<'_>>) {
        let Some(seen) = station else { return self.skip(7) };
        self.number(1.0);
        self.world_vector(seen.place_m, STATION_SCALE_M);
        self.world_vector(relative(own, seen), STATION_SCALE_M_S);
    }

    fn docking(&mut self, own: &OwnState) {
        self.truth(own.is_engaged);
        for phase in [DockingPhase::Approach, DockingPhase::Captured, DockingPhase::Latched] {
            self.truth(own.phase == phase);
        }
        let Some(sight) = own.sight else { return self.skip(10) };
        self.number(1.0);
        self.vector(sight.offset_m, PORT_SCALE_M);
        self.vector(sight.velocity_m_s, PORT_SCALE_M_S);
        sight.turn_deg.iter().for_each(|part| self.number(part / 180.0));
    }

    fn track(&mut self, own: &OwnState, seen: &Seen<'_>) {
        self.number(1.0);
        self.world_vector(seen.place_m, TRACK_SCALE_M);
        self.world_vector(relative(own, seen), VELOCITY_SCALE_M_S);
        self.number(seen.track.quality);
        let side = seen.track.friend_foe;
        self.truth(side == friend_foe::FRIEND);
        self.truth(side == friend_foe::FOE);
        self.truth(side != friend_foe::FRIEND && side != friend_foe::FOE);
        self.truth(seen.track.alarms != 0);
    }

    fn world_vector(&mut self, vector: [f64; 3], scale: f64) {
        self.vector(self.to_body.to_body(vector), scale);
    }

    fn vector(&mut self, vector: [f64; 3], scale: f64) {
        let factor = 1.0 / (dot(vector, vector).sqrt() + scale);
        vector.iter().for_each(|part| self.number(factor * part));
    }

    fn truth(&mut self, is_so: bool) {
        self.number(f64::from(u8::from(is_so)));
    }

    fn skip(&mut self, count: usize) {
        (0..count).for_each(|_| self.number(0.0));
    }

    fn number(&mut self, value: f64) {
        if let Some((first, rest)) = std::mem::take(&mut self.out).split_first_mut() {
            // Rounding alone could leave the limits.
            *first = value.clamp(-1.0, 1.0) as f32;
            self.out = rest;
        }
    }
}

/// Velocity of a track less the own \[m/s\].
fn relative(own: &OwnState, seen: &Seen<'_>) -> [f64; 3] {
    [0, 1, 2].map(|axis| seen.track.velocity_m_s[axis] - own.velocity_m_s[axis])
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: OwnState = OwnState {
        time_ns: 2_000_000_000,
        position_m: [100.0, 0.0, 0.0],
        velocity_m_s: [0.0, 3.0, 0.0],
        // A quarter turn to the left: the bow points west.
        attitude: Quaternion([
            std::f64::consts::FRAC_1_SQRT_2,
            0.0,
            0.0,
            std::f64::consts::FRAC_1_SQRT_2,
        ]),
        rate_rad_s: [0.0, 0.0, 0.1],
        propellant: 0.25,
        charge_pct: 50.0,
        phase: DockingPhase::Free,
        is_engaged: false,
        sight: None,
    };

    fn track(number: u64, x_m: f64) -> TrackRecord {
        TrackRecord {
            number,
            time_ns: OWN.time_ns,
            position_m: [x_m, 0.0, 0.0],
            quality: 0.5,
            status: status::TRACKED,
            ..TrackRecord::EMPTY
        }
    }

    fn observed(tracks: &[TrackRecord], station_id: Option<&[u8; 32]>) -> [f32; LENGTH] {
        let mut out = [f32::NAN; LENGTH];
        observe(&OWN, tracks, station_id, 0.4, &mut out);
        assert!(out.iter().all(|number| (-1.0..=1.0).contains(number)));
        out
    }

    /// Where a field of the own part begins.
    fn own(name: &str) -> usize {
        let before = OWN_FIELDS.iter().take_while(|field| field.name != name);
        before.map(|field| field.count).sum()
    }

    #[test]
    fn vectors_are_in_the_body_frame_and_near_zero_as_they_are() {
        let out = observed(&[], None);
        // The velocity is to the north, which is to starboard.
        let [x, y, z] = [out[0], out[1], out[2]];
        assert!((x - 3.0 / 13.0).abs() < 1e-6 && y.abs() < 1e-6 && z == 0.0);
        assert!((out[own("own_rate") + 2] - 0.5).abs() < 1e-6);
        assert_eq!([out[own("propellant")], out[own("charge")]], [0.25, 0.5]);
        assert!(out[own("station_present")..].iter().all(|&number| number == 0.0));
    }

    #[test]
    fn the_nearest_confirmed_tracks_come_in_their_order_at_the_own_time() {
        let mut tracks: Vec<_> =
            (0..30).map(|k| track(k, 100.0 + 50.0 * (30 - k) as f64)).collect();
        tracks[29].status = status::NEW;
        tracks.push(TrackRecord { quality: 0.3, ..track(98, 101.0) });
        // It was 900 m away two seconds ago, and comes at 449 m/s: it is 2 m away.
        tracks.push(TrackRecord {
            time_ns: 0,
            position_m: [1000.0, 0.0, 0.0],
            velocity_m_s: [-449.0, 0.0, 0.0],
            status: status::COASTING,
            ..track(99, 0.0)
        });
        let out = observed(&tracks, None);
        let distances_m: Vec<f64> = out[OWN_LENGTH..]
            .chunks(TRACK_LENGTH)
            .map(|row| {
                let place = [1, 2, 3].map(|at| f64::from(row[at]));
                let part = dot(place, place).sqrt();
                assert_eq!([row[0], row[7]], [1.0, 0.5]);
                part * TRACK_SCALE_M / (1.0 - part)
            })
            .collect();
        let expected_m = [2.0, 100.0, 150.0, 200.0, 250.0, 300.0, 350.0, 400.0, 450.0, 500.0];
        for (found_m, expected_m) in distances_m.iter().zip(expected_m) {
            assert!((found_m - expected_m).abs() < 1e-3 * expected_m, "{distances_m:?}");
        }
    }

    #[test]
    fn the_station_is_what_replies_as_it_unless_that_is_in_doubt() {
        let mut id = [0; 32];
        id[..5].copy_from_slice(b"STN-1");
        let named = TrackRecord {
            transponder_id: id,
            present: present::TRANSPONDER_ID,
            object_type: ObjectType::Ship as u8,
            ..track(1, 400.0)
        };
        let typed = TrackRecord { object_type: ObjectType::Station as u8, ..track(2, 300.0) };
        let forged = TrackRecord { alarms: 1, number: 3, position_m: [200.0, 0.0, 0.0], ..named };
        let tracks = [named, typed, forged];
        let distance_m = |station_id: Option<&[u8; 32]>| {
            let out = observed(&tracks, station_id);
            let place = [1, 2, 3].map(|at| f64::from(out[own("station_present") + at]));
            let part = dot(place, place).sqrt();
            (part * STATION_SCALE_M / (1.0 - part)).round()
        };
        assert_eq!([distance_m(Some(&id)), distance_m(None)], [300.0, 200.0]);
        assert_eq!(distance_m(Some(&[7; 32])), 0.0);
    }
}
