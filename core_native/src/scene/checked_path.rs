//! From the motion in a document to a path, with its limits checked.

use crate::scene::document::{AtEndDocument, MotionDocument, WaypointDocument};
use crate::scene::motion::{AtEnd, Leg, Path, Waypoint, unit};
use crate::scene::place::Place;
use crate::scene::scenario::{MAX_POSITION_M, MAX_SPEED_M_S, MAX_TIME_S, MAX_TURN_RATE_DEG_S};

/// Most waypoints of a path.
pub const MAX_WAYPOINTS: usize = 10_000;

/// The path that `document` describes, checked.
pub fn checked_path(place: &Place<'_>, document: &MotionDocument) -> Path {
    match document {
        MotionDocument::ConstantVelocity { position_m, velocity_m_s } => {
            let place = place.key("constant_velocity");
            steady(&place, *position_m, *velocity_m_s, 0.0)
        }
        MotionDocument::CoordinatedTurn { position_m, velocity_m_s, turn_rate_deg_s } => {
            let place = place.key("coordinated_turn");
            let limit = MAX_TURN_RATE_DEG_S;
            place.key("turn_rate_deg_s").number(*turn_rate_deg_s, -limit, limit);
            steady(&place, *position_m, *velocity_m_s, *turn_rate_deg_s)
        }
        MotionDocument::Waypoints { start_s, points, at_end } => {
            let place = place.key("waypoints");
            place.key("start_s").number(*start_s, -MAX_TIME_S, MAX_TIME_S);
            if !place.holds(|| check_waypoints(&place.key("points"), points, *at_end)) {
                // A path through points that are refused has no end.
                return Path::of_leg(Leg::steady(0.0, [0.0; 3], [0.0; 3], 0.0));
            }
            let points: Vec<Waypoint> = points.iter().map(waypoint).collect();
            Path::through(&points, at_end_of(*at_end), *start_s)
        }
    }
}

fn steady(
    place: &Place<'_>,
    position_m: [f64; 3],
    velocity_m_s: [f64; 3],
    turn_rate_deg_s: f64,
) -> Path {
    place.key("position_m").vector(position_m, MAX_POSITION_M);
    place.key("velocity_m_s").vector(velocity_m_s, MAX_SPEED_M_S);
    Path::of_leg(Leg::steady(0.0, position_m, velocity_m_s, turn_rate_deg_s))
}

fn check_waypoints(place: &Place<'_>, points: &[WaypointDocument], at_end: AtEndDocument) {
    if !place.length(points.len(), 2, MAX_WAYPOINTS) {
        return;
    }
    for (index, point) in points.iter().enumerate() {
        let place = place.index(index);
        place.key("position_m").vector(point.position_m, MAX_POSITION_M);
        place.key("speed_m_s").number(point.speed_m_s, 0.0, MAX_SPEED_M_S);
        let is_first = index == 0;
        if is_first && !matches!(at_end, AtEndDocument::Repeat) {
            continue;
        }
        let before = &points[if is_first { points.len() - 1 } else { index - 1 }];
        check_way(&place, before, point);
    }
}

/// Two neighbours must lie apart, and a body at rest at both would never arrive.
fn check_way(place: &Place<'_>, from: &WaypointDocument, to: &WaypointDocument) {
    let apart = |axis: usize| to.position_m[axis] - from.position_m[axis];
    if unit([apart(0), apart(1), apart(2)]).1 < 1e-6 {
        place.key("position_m").problem("is the point before it: leave one of them out");
    }
    if (0.0..1e-6).contains(&(from.speed_m_s + to.speed_m_s)) {
        let reason =
            format!("is {}, as at the point before: give one of them a speed", to.speed_m_s);
        place.key("speed_m_s").problem(reason);
    }
}

const fn waypoint(document: &WaypointDocument) -> Waypoint {
    Waypoint { position_m: document.position_m, speed_m_s: document.speed_m_s }
}

const fn at_end_of(document: AtEndDocument) -> AtEnd {
    match document {
        AtEndDocument::Continue => AtEnd::Continue,
        AtEndDocument::Hold => AtEnd::Hold,
        AtEndDocument::Repeat => AtEnd::Repeat,
    }
}
