//! Many bodies drawn at random: the same for the same seed, each from its own draws.

use crate::numeric::sin_cos_deg;
use crate::random::{Purpose, Stream, entity_of, uniform};
use crate::scene::document::GroupDocument;
use crate::scene::motion::{Leg, Path};
use crate::scene::place::Place;
use crate::scene::scenario::{
    MAX_NAME_BYTES, MAX_POSITION_M, MAX_RCS_DBSM, MAX_SPEED_M_S, MAX_TARGETS, MAX_TURN_RATE_DEG_S,
    Target,
};
use crate::scene::transponder::{Transponder, padded};
use crate::scene::transponder_document::HeightReportDocument;

/// Longest prefix \[bytes\]: with a hyphen and six digits the id still fits a transponder reply.
pub const MAX_PREFIX_BYTES: usize = 25;
/// Codes with a meaning of their own, ascending.
const RESERVED_CODES: [u16; 3] = [0o7500, 0o7600, 0o7700];
/// Largest 24-bit address.
const MAX_ADDRESS: u32 = 0xff_ffff;

/// The targets of a group; none of one that is refused.
pub fn members(place: &Place<'_>, group: &GroupDocument, seed: u64) -> Vec<Target> {
    if !place.holds(|| check(place, group)) {
        return Vec::new();
    }
    let draws = [Purpose::Group, Purpose::GroupTransponder]
        .map(|purpose| Stream::new(seed, &[0; 16], purpose));
    (0..group.count).map(|number| member(group, &draws, number)).collect()
}

fn check(place: &Place<'_>, group: &GroupDocument) {
    let turn_limit = MAX_TURN_RATE_DEG_S;
    place.key("id_prefix").text(&group.id_prefix, MAX_PREFIX_BYTES);
    place.key("count").number(group.count as f64, 1.0, MAX_TARGETS as f64);
    check_cross_section(place, group);
    place.key("ground_range_m").interval(group.ground_range_m, 0.0, MAX_POSITION_M);
    place.key("height_m").interval(group.height_m, -MAX_POSITION_M, MAX_POSITION_M);
    place.key("speed_m_s").interval(group.speed_m_s, 0.0, MAX_SPEED_M_S);
    place.key("turn_rate_deg_s").interval(group.turn_rate_deg_s, -turn_limit, turn_limit);
    if group.reports_height == HeightReportDocument::In25Ft && !group.transponder_codes {
        place.key("transponder_codes").problem(
            "is missing: a height in steps of 25 ft is one of Mode S, which needs an address",
        );
    }
}

/// Ends of a draw or a model, whichever is given.
fn check_cross_section(place: &Place<'_>, group: &GroupDocument) {
    match (group.rcs_dbsm, &group.rcs_model) {
        (Some(ends_dbsm), None) => {
            place.key("rcs_dbsm").interval(ends_dbsm, -MAX_RCS_DBSM, MAX_RCS_DBSM);
        }
        (None, Some(model)) => _ = place.key("rcs_model").text(model, MAX_NAME_BYTES),
        _ => _ = place.problem("must have rcs_dbsm or rcs_model: give exactly one of them"),
    }
}

fn member(
    group: &GroupDocument,
    [stream, transponder_draws]: &[Stream; 2],
    number: usize,
) -> Target {
    let id = format!("{}-{number:04}", group.id_prefix);
    let entity = entity_of(&id);
    let draws = |block| stream.words(entity, block).map(|word| uniform(u64::from(word)));
    let [ground, bearing, height, course] = draws(0);
    let [speed, turn, rcs, _] = draws(1);
    let [near_m, far_m] = group.ground_range_m;
    let ground_m = between([near_m * near_m, far_m * far_m], ground).sqrt();
    let (sin_bearing, cos_bearing) = sin_cos_deg(360.0 * bearing);
    let (sin_course, cos_course) = sin_cos_deg(360.0 * course);
    let speed_m_s = between(group.speed_m_s, speed);
    let position_m =
        [ground_m * sin_bearing, ground_m * cos_bearing, between(group.height_m, height)];
    let velocity_m_s = [speed_m_s * sin_course, speed_m_s * cos_course, 0.0];
    let turn_rate_deg_s = between(group.turn_rate_deg_s, turn);
    Target {
        entity,
        object_type: group.object_type as u8,
        rcs_dbsm: group.rcs_dbsm.map_or(f64::NAN, |ends_dbsm| between(ends_dbsm, rcs)),
        rcs_by_aspect: None,
        rcs_model: group.rcs_model.as_deref().map(Into::into),
        occluding_radius_m: None,
        fluctuation: group.fluctuation,
        transponder: transponder(group, transponder_draws, &id, number),
        present_from_s: f64::NEG_INFINITY,
        present_until_s: f64::INFINITY,
        path: Path::of_leg(Leg::steady(0.0, position_m, velocity_m_s, turn_rate_deg_s)),
        id,
    }
}

/// The transponder of a member. Addresses count from one that is drawn for the group, so that no
/// two of it are the same; codes are drawn for each.
fn transponder(group: &GroupDocument, draws: &Stream, id: &str, number: usize) -> Transponder {
    let first = draws.words(entity_of(&group.id_prefix), 0)[0];
    let code = code_of(uniform(u64::from(draws.words(entity_of(id), 1)[0])));
    Transponder {
        mode: group.transponder_mode as u8,
        id: padded(id),
        mode_3a: group.transponder_codes.then_some(code),
        address: group.transponder_codes.then_some(first.wrapping_add(number as u32) & MAX_ADDRESS),
        height_report: group.reports_height,
    }
}

/// A Mode 3/A code from a number between 0 and 1: any but 0000 and the three that tell of unlawful
/// interference, a radio failure and an emergency (ICAO Annex 10, vol. IV, 2.1.4.1).
fn code_of(uniform: f64) -> u16 {
    let count = 0o7777 - RESERVED_CODES.len();
    let code = 1 + (uniform * count as f64) as u16;
    RESERVED_CODES.iter().fold(code, |code, &reserved| code + u16::from(code >= reserved))
}

/// The point at `fraction` of the way from one end to the other.
fn between(ends: [f64; 2], fraction: f64) -> f64 {
    ends[0] + (ends[1] - ends[0]) * fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_every_ordinary_one() {
        let mut codes: Vec<u16> =
            (0..40_920).map(|k| code_of((f64::from(k) + 0.5) / 40_920.0)).collect();
        codes.dedup();
        let ordinary = (1..=0o7777).filter(|code| !RESERVED_CODES.contains(code));
        assert!(codes.into_iter().eq(ordinary));
    }
}
