//! Vehicles that carry radars: how they move and where their bows point.

use crate::error::Result;
use crate::numeric::wrap_360;
use crate::scene::checked_path::checked_path;
use crate::scene::document::{MotionDocument, ScenarioDocument, TargetDocument};
use crate::scene::motion::Path;
use crate::scene::place::Place;
use crate::scene::platform_document::{AttitudeDocument, PlatformDocument, VisibleAsDocument};
use crate::scene::scenario::{MAX_IDENTITY_BYTES, MAX_TURN_RATE_DEG_S};
use crate::scene::told_way::{ToldHeadings, ToldState, told_way};

/// Name of the platform that carries the radars which name no other.
pub const OWN_SHIP: &str = "own_ship";
/// Its place among the platforms.
pub const OWN_SHIP_INDEX: usize = 0;
/// Most platforms besides the own ship.
pub const MAX_PLATFORMS: usize = 64;

/// A vehicle that carries radars.
#[derive(Clone, Debug, PartialEq)]
pub struct Platform {
    /// Its name in the scenario.
    pub name: String,
    /// How it moves.
    pub path: Path,
    /// Where its bow points.
    pub attitude: Attitude,
    /// Index of the target that other vehicles' radars see of it; none where they see nothing.
    pub target: Option<usize>,
}

/// Where the bow of a vehicle points; it stays level.
#[derive(Clone, Debug, PartialEq)]
pub enum Attitude {
    /// Along the course over ground.
    FollowsVelocity,
    /// As told.
    Given {
        /// Heading at time 0 \[deg\].
        heading_deg: f64,
        /// Rate of turn \[deg/s\], positive clockwise seen from above.
        turn_rate_deg_s: f64,
    },
    /// As a vehicle that is simulated elsewhere was told of from time to time.
    Told(ToldHeadings),
}

impl Platform {
    /// The same vehicle on a way that was told.
    ///
    /// # Errors
    /// Those of [`told_way`].
    pub fn on_told_way(&self, states: &[ToldState]) -> Result<Self> {
        let (path, headings) = told_way(states)?;
        Ok(Self { path, attitude: Attitude::Told(headings), ..self.clone() })
    }

    /// Heading at `time_s` \[deg\], clockwise from north, and its rate \[deg/s\].
    pub fn heading_at(&self, time_s: f64) -> [f64; 2] {
        match &self.attitude {
            Attitude::FollowsVelocity => self.path.course_at(time_s),
            Attitude::Given { heading_deg, turn_rate_deg_s } => {
                [wrap_360(heading_deg + turn_rate_deg_s * time_s), *turn_rate_deg_s]
            }
            Attitude::Told(headings) => headings.heading_at(time_s),
        }
    }
}

/// The platforms of a scenario, the own ship first; their targets follow those of the document.
pub fn platforms(root: &Place<'_>, document: &ScenarioDocument) -> Vec<Platform> {
    let place = root.key("platforms");
    place.length(document.platforms.len(), 0, MAX_PLATFORMS);
    let mut platforms: Vec<Platform> = Vec::new();
    let mut next_target = document.targets.len();
    for (place, entry) in entries(document, root, &place) {
        let name = place.key("name");
        let is_name = name.text(entry.name, MAX_IDENTITY_BYTES);
        if is_name && platforms.iter().take(MAX_PLATFORMS).any(|other| other.name == entry.name) {
            name.problem(format!("is {:?}, already a platform's name", entry.name));
        }
        platforms.push(Platform {
            name: entry.name.into(),
            path: checked_path(&place.key("motion"), entry.motion),
            attitude: attitude(&place.key("attitude"), entry.attitude),
            target: entry.visible_as.is_some().then_some(next_target),
        });
        next_target += usize::from(entry.visible_as.is_some());
    }
    platforms
}

/// What other radars see of the platforms, as targets that stand still, with their places in the
/// document; they move as the platforms.
pub fn visible_platforms<'a>(
    document: &'a ScenarioDocument,
    root: &'a Place<'a>,
    list: &'a Place<'a>,
) -> impl Iterator<Item = (Place<'a>, TargetDocument)> {
    entries(document, root, list).filter_map(|(place, entry)| {
        let VisibleAsDocument {
            object_type,
            rcs_dbsm,
            fluctuation,
            occluding_radius_m,
            transponder,
        } = entry.visible_as?;
        let target = TargetDocument {
            id: entry.name.into(),
            object_type: *object_type,
            rcs_dbsm: Some(*rcs_dbsm),
            rcs_by_aspect: None,
            rcs_model: None,
            fluctuation: *fluctuation,
            occluding_radius_m: *occluding_radius_m,
            transponder: transponder.clone(),
            present_from_s: None,
            present_until_s: None,
            motion: MotionDocument::default(),
        };
        Some((place, target))
    })
}

/// What the own ship and the other platforms have in common.
struct Entry<'a> {
    name: &'a str,
    motion: &'a MotionDocument,
    attitude: AttitudeDocument,
    visible_as: Option<&'a VisibleAsDocument>,
}

fn entries<'a>(
    document: &'a ScenarioDocument,
    root: &'a Place<'a>,
    list: &'a Place<'a>,
) -> impl Iterator<Item = (Place<'a>, Entry<'a>)> {
    let own = &document.own_ship;
    let own_ship = Entry {
        name: OWN_SHIP,
        motion: &own.motion,
        attitude: own.attitude,
        visible_as: own.visible_as.as_ref(),
    };
    let others = document.platforms.iter().enumerate().map(|(index, entry)| {
        let PlatformDocument { name, motion, attitude, visible_as } = entry;
        let (attitude, visible_as) = (*attitude, visible_as.as_ref());
        (list.index(index), Entry { name, motion, attitude, visible_as })
    });
    std::iter::once((root.key(OWN_SHIP), own_ship)).chain(others)
}

fn attitude(place: &Place<'_>, document: AttitudeDocument) -> Attitude {
    let AttitudeDocument::Given { heading_deg, turn_rate_deg_s } = document else {
        return Attitude::FollowsVelocity;
    };
    let (place, limit) = (place.key("given"), MAX_TURN_RATE_DEG_S);
    place.key("heading_deg").number(heading_deg, -360.0, 360.0);
    place.key("turn_rate_deg_s").number(turn_rate_deg_s, -limit, limit);
    Attitude::Given { heading_deg, turn_rate_deg_s }
}
