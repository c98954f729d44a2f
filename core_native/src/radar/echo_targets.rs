//! The targets of a scenario as the echoes' kernels read them.

use crate::radar::equation::from_db;
use crate::radar::fluctuation::Fluctuation;
use crate::radar::plot_record::NO_TARGET;
use crate::radar::radar_models::RadarModels;
use crate::radar::rcs_table::RcsTable;
use crate::radar::sensor::Sensor;
use crate::scene::motion_lanes::PathLanes;
use crate::scene::scenario::Target;
use crate::simd::LANES;
use crate::user_model::UserModel;

/// The targets as the kernels read them, in columns padded to whole blocks of lanes. Their order is
/// not the scenario's: plain ones first, by how they fluctuate, by the kind of their path, by entity
/// number. The targets of a block fluctuate in the same way, so that no lane takes another branch
/// than its neighbours.
#[derive(Clone, Debug)]
pub struct EchoTargets {
    /// Their entity numbers.
    pub(super) entity: Vec<u64>,
    /// Loop gain times mean radar cross section \[m⁴\]; that of 1 m² where it comes from a table or
    /// a model.
    pub(super) signal: Vec<f64>,
    /// When each appears \[s\].
    pub(super) present_from_s: Vec<f64>,
    /// When each disappears \[s\].
    pub(super) present_until_s: Vec<f64>,
    /// One entry per block of lanes.
    pub(super) paths: Vec<PathLanes>,
    /// One entry per block of lanes.
    pub(super) fluctuation: Vec<Fluctuation>,
    /// One entry per block of lanes: the lanes whose cross section depends on the aspect.
    pub(super) rcs_tables: Vec<Vec<(usize, RcsTable)>>,
    /// One entry per block of lanes: the lanes whose cross section a user's model gives.
    pub(super) rcs_models: Vec<Vec<(usize, UserModel)>>,
    /// The user's model of all these targets that gives the probability of detection.
    pub(super) detection_probability_model: Option<UserModel>,
    /// Index in the scenario.
    pub(super) index: Vec<i32>,
    /// Whether the transponder replies.
    pub(super) replies: Vec<bool>,
    /// The first blocks, of targets whose echoes need the fewest draws.
    pub(super) plain_blocks: usize,
}

impl EchoTargets {
    /// Columns of `targets` for `sensor`, without the one of index `own`: the radar's own vehicle.
    /// With `sees_all` nothing hides one of them.
    pub fn new(
        targets: &[Target],
        sensor: &Sensor,
        models: &RadarModels,
        own: Option<usize>,
        sees_all: bool,
    ) -> Self {
        let is_plain = |target: &Target| sees_all && is_plain(target, sensor);
        let mut ordered: Vec<(i32, &Target)> = (0..).zip(targets).collect();
        if let Some(own) = own {
            ordered.remove(own);
        }
        // Those whose motion costs alike side by side.
        let kind = |target: &Target| (!is_plain(target), target.fluctuation);
        let order = |target: &Target| (kind(target), target.path.kind(), target.entity);
        ordered.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id)));
        let alike = ordered.chunk_by(|(_, a), (_, b)| kind(a) == kind(b));
        let blocks: Vec<_> = alike.flat_map(|targets| targets.chunks(LANES)).collect();
        let column =
            |read: &dyn Fn(&Target) -> f64, rest| padded(&blocks, |pair| read(pair.1), rest);
        Self {
            entity: padded(&blocks, |pair| pair.1.entity, 0),
            signal: column(&|target| sensor.loop_gain * constant_rcs_m2(target), 0.0),
            // The padding never appears.
            present_from_s: column(&|target| target.present_from_s, f64::INFINITY),
            present_until_s: column(&|target| target.present_until_s, f64::INFINITY),
            paths: blocks.iter().map(|block| path_lanes(block)).collect(),
            fluctuation: blocks.iter().map(|block| block[0].1.fluctuation).collect(),
            rcs_tables: blocks.iter().map(|block| rcs_tables(block)).collect(),
            rcs_models: blocks.iter().map(|block| rcs_models(block, models)).collect(),
            detection_probability_model: models.detection_probability().cloned(),
            index: padded(&blocks, |pair| pair.0, NO_TARGET),
            replies: padded(&blocks, |pair| pair.1.transponder.replies(), false),
            plain_blocks: blocks.partition_point(|block| is_plain(block[0].1)),
        }
    }

    /// Whether the cross section of a target of a block depends on the aspect.
    #[inline(always)]
    pub(super) fn depends_on_aspect(&self, block: usize) -> bool {
        !self.rcs_tables[block].is_empty() || !self.rcs_models[block].is_empty()
    }

    /// Fetch a path that is needed soon after that of `block`: each lies elsewhere in memory.
    #[inline(always)]
    pub(super) fn prefetch_after(&self, block: usize) {
        if let Some(later) = self.paths.get(block + BLOCKS_AHEAD) {
            later.prefetch();
        }
    }
}

/// Blocks of paths that are on their way while one is worked on.
const BLOCKS_AHEAD: usize = 3;

/// Whether one exponential number gives the power of the target's echo, its RCS is a constant, and the
/// radar has neither pulses that have a say in it nor a bias.
fn is_plain(target: &Target, sensor: &Sensor) -> bool {
    let is_exponential = sensor.detector().is_exponential(target.fluctuation);
    let has_plain_sensor = sensor.waveform.is_none() && !sensor.is_biased();
    let has_model = target.rcs_model.is_some() || sensor.detection_probability_model.is_some();
    is_exponential && has_plain_sensor && target.rcs_by_aspect.is_none() && !has_model
}

/// Mean radar cross section that does not depend on the aspect \[m²\].
fn constant_rcs_m2(target: &Target) -> f64 {
    let is_constant = target.rcs_by_aspect.is_none() && target.rcs_model.is_none();
    if is_constant { from_db(target.rcs_dbsm) } else { 1.0 }
}

fn rcs_tables(targets: &[(i32, &Target)]) -> Vec<(usize, RcsTable)> {
    let tables = targets.iter().map(|(_, target)| target.rcs_by_aspect.clone());
    tables.enumerate().filter_map(|(lane, table)| Some((lane, table?))).collect()
}

fn rcs_models(targets: &[(i32, &Target)], models: &RadarModels) -> Vec<(usize, UserModel)> {
    let models = targets.iter().map(|(_, target)| models.rcs(target).cloned());
    models.enumerate().filter_map(|(lane, model)| Some((lane, model?))).collect()
}

fn path_lanes(targets: &[(i32, &Target)]) -> PathLanes {
    PathLanes::new(targets.iter().map(|(_, target)| &target.path))
}

fn padded<T: Clone>(
    blocks: &[&[(i32, &Target)]],
    read: impl Fn(&(i32, &Target)) -> T,
    rest: T,
) -> Vec<T> {
    let mut column = Vec::with_capacity(blocks.len() * LANES);
    for block in blocks {
        column.extend(block.iter().map(&read));
        column.resize(column.len().next_multiple_of(LANES), rest.clone());
    }
    column
}

/// The lanes of the block that starts at `start`.
#[inline(always)]
pub(super) fn lanes_of<T: Copy>(column: &[T], start: usize) -> [T; LANES] {
    std::array::from_fn(|lane| column[start + lane])
}
