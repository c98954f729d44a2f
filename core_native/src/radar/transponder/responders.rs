//! The transponders of a scenario as the interrogation reads them.

use crate::scene::motion_lanes::PathLanes;
use crate::scene::scenario::Target;
use crate::scene::transponder::Transponder;
use crate::simd::LANES;

/// Those that reply, in the order of their entity numbers, whatever the order of the scenario.
#[derive(Clone, Debug)]
pub struct Responders {
    /// One entry per block of lanes.
    pub(super) paths: Vec<PathLanes>,
    /// One entry each; the last block may be short.
    pub(super) responders: Vec<Responder>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Responder {
    /// Its entity number.
    pub(super) entity: u64,
    /// Index in the scenario.
    pub(super) index: i32,
    /// When it appears \[s\].
    pub(super) present_from_s: f64,
    /// When it disappears \[s\].
    pub(super) present_until_s: f64,
    /// What it replies.
    pub(super) transponder: Transponder,
}

impl Responders {
    /// Those of `targets` without the one of index `own`, the radar's own vehicle.
    pub fn new(targets: &[Target], own: Option<usize>) -> Self {
        let mut ordered: Vec<(i32, &Target)> =
            (0..).zip(targets).filter(|(_, target)| target.transponder.replies()).collect();
        ordered.retain(|(index, _)| usize::try_from(*index).ok() != own);
        let order = |target: &Target| (target.path.kind(), target.entity);
        ordered.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id)));
        let lanes =
            |block: &[(i32, &Target)]| PathLanes::new(block.iter().map(|(_, target)| &target.path));
        Self {
            paths: ordered.chunks(LANES).map(lanes).collect(),
            responders: ordered.iter().map(|(index, target)| responder(*index, target)).collect(),
        }
    }
}

fn responder(index: i32, target: &Target) -> Responder {
    Responder {
        entity: target.entity,
        index,
        present_from_s: target.present_from_s,
        present_until_s: target.present_until_s,
        transponder: target.transponder,
    }
}
