//! The echoes of one frame: every target in the coverage, eight at a time.

use crate::radar::echo_power::{EchoDraws, EchoLanes};
use crate::radar::equation::{from_db, snr_at};
use crate::radar::fluctuation::Fluctuation;
use crate::radar::look::Look;
use crate::radar::plot_lanes::{NoiseLanes, PlotLanes};
use crate::radar::plot_record::{NO_TARGET, Plots, Source};
use crate::radar::rcs_table::RcsTable;
use crate::radar::sensor::Sensor;
use crate::random::{Stream, exponential, uniform, uniform_fine};
use crate::scene::motion_lanes::PathLanes;
use crate::scene::scenario::Target;
use crate::simd::{Kernel, LANES};

/// The targets as the kernel reads them: in the order of their entity numbers, whatever the order
/// of the scenario, in columns padded to whole blocks of lanes. The targets of a block fluctuate in
/// the same way, so that no lane takes another branch than its neighbours.
#[derive(Clone, Debug)]
pub struct EchoTargets {
    entity: Vec<u64>,
    /// Loop gain times mean radar cross section \[m⁴\]; that of 1 m² where it comes from a table.
    signal: Vec<f64>,
    present_from_s: Vec<f64>,
    present_until_s: Vec<f64>,
    /// One entry per block of lanes.
    paths: Vec<PathLanes>,
    /// One entry per block of lanes.
    fluctuation: Vec<Fluctuation>,
    /// One entry per block of lanes: the lanes whose cross section depends on the aspect.
    rcs_tables: Vec<Vec<(usize, RcsTable)>>,
    /// Index in the scenario.
    index: Vec<i32>,
    /// The first blocks, of targets whose echoes need the fewest draws.
    plain_blocks: usize,
}

impl EchoTargets {
    /// Columns of `targets` for `sensor`, without the one of index `own`: the radar's own vehicle.
    pub fn new(targets: &[Target], sensor: &Sensor, own: Option<usize>) -> Self {
        let mut ordered: Vec<(i32, &Target)> = (0..).zip(targets).collect();
        if let Some(own) = own {
            ordered.remove(own);
        }
        // Those whose motion costs alike side by side.
        let kind = |target: &Target| (!is_plain(target, sensor), target.fluctuation);
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
            index: padded(&blocks, |pair| pair.0, NO_TARGET),
            plain_blocks: blocks.partition_point(|block| is_plain(block[0].1, sensor)),
        }
    }
}

/// Whether one exponential number gives the power of the target's echo, and no table its RCS.
fn is_plain(target: &Target, sensor: &Sensor) -> bool {
    let is_exponential = sensor.detector().is_exponential(target.fluctuation);
    is_exponential && target.rcs_by_aspect.is_none()
}

/// Mean radar cross section that does not depend on the aspect \[m²\].
fn constant_rcs_m2(target: &Target) -> f64 {
    if target.rcs_by_aspect.is_some() { 1.0 } else { from_db(target.rcs_dbsm) }
}

fn rcs_tables(targets: &[(i32, &Target)]) -> Vec<(usize, RcsTable)> {
    let tables = targets.iter().map(|(_, target)| target.rcs_by_aspect.clone());
    tables.enumerate().filter_map(|(lane, table)| Some((lane, table?))).collect()
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

/// One look's echoes of the plain targets or of the others; run it with [`crate::simd::dispatch`].
///
/// Two kernels, so that the code of the plain targets is as small and as fast as if there were no
/// others.
#[derive(Debug)]
pub struct EchoKernel<'a, L: Look, const PLAIN: bool> {
    /// The radar.
    pub sensor: &'a Sensor,
    /// Whom it may see.
    pub targets: &'a EchoTargets,
    /// Where and when it looks.
    pub look: &'a L,
    /// Number of the look.
    pub frame: u64,
    /// Draws of the echoes' power.
    pub power_draws: &'a EchoDraws,
    /// Draws of the measurement noise.
    pub noise_draws: &'a Stream,
    /// Where the plots go.
    pub plots: &'a mut Plots,
}

impl<L: Look, const PLAIN: bool> Kernel for EchoKernel<'_, L, PLAIN> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (plain, all) = (self.targets.plain_blocks, self.targets.paths.len());
        for block in if PLAIN { 0..plain } else { plain..all } {
            self.block(block);
        }
    }
}

impl<L: Look, const PLAIN: bool> EchoKernel<'_, L, PLAIN> {
    #[inline(always)]
    fn block(&mut self, block: usize) {
        let (targets, start) = (self.targets, block * LANES);
        let Some(seen) = self.look.see(&targets.paths[block]) else {
            return;
        };
        let entities = lanes_of(&targets.entity, start);
        let words = self.power_draws.echo.words_of_lanes(&entities, self.frame);
        let power = if PLAIN {
            self.plain_power(start, &seen, &words)
        } else {
            self.power(block, &seen, &entities, &words)
        };
        let noise = NoiseLanes::draw(self.noise_draws, &entities, self.frame);
        let plots = PlotLanes::measure(self.sensor, self.look.truth(&seen), &power, &noise);
        for lane in 0..LANES {
            if power[lane] > self.sensor.threshold {
                let chance = self.sensor.spoof_recognition_probability;
                let recognised = uniform(words[2][lane]) < chance;
                let source = Source { truth: targets.index[start + lane], recognised };
                self.plots.push(&plots, lane, source);
                if L::HAS_OWN_TIMES {
                    self.plots.push_time(self.look.time_ns(&seen, lane));
                }
            }
        }
    }

    /// Power of each echo (signal and noise) over the mean noise power; zero for a target that is
    /// not there or not covered.
    #[inline(always)]
    fn plain_power(&self, start: usize, seen: &L::Seen, words: &[[u64; LANES]; 4]) -> [f64; LANES] {
        let signal = lanes_of(&self.targets.signal, start);
        let from_s = lanes_of(&self.targets.present_from_s, start);
        let until_s = lanes_of(&self.targets.present_until_s, start);
        let (look, truth) = (self.look, self.look.truth(seen));
        let mut power = [0.0; LANES];
        for lane in 0..LANES {
            let snr = snr_at(signal[lane] * look.gain(seen, lane), truth.range_m[lane]);
            let echo = (1.0 + snr) * exponential(uniform_fine(words[0][lane], words[1][lane]));
            let time_s = look.time_s(seen, lane);
            let present = (from_s[lane] <= time_s) & (time_s < until_s[lane]);
            power[lane] = if present & look.searches(seen, lane) { echo } else { 0.0 };
        }
        power
    }

    /// Loop gain times mean radar cross section \[m⁴\], seen from where the radar is.
    #[inline(always)]
    fn signal(&self, block: usize, seen: &L::Seen) -> [f64; LANES] {
        let mut signal = lanes_of(&self.targets.signal, block * LANES);
        let tables = &self.targets.rcs_tables[block];
        if tables.is_empty() {
            return signal;
        }
        let time_s = std::array::from_fn(|lane| self.look.time_s(seen, lane));
        let (truth, bodies) =
            (self.look.truth(seen), self.targets.paths[block].states_at_each(&time_s));
        for (lane, table) in tables {
            let velocity_m_s = bodies.state(*lane).velocity_m_s;
            let (bearing_deg, elevation_deg) =
                (truth.bearing_deg[*lane], truth.elevation_deg[*lane]);
            signal[*lane] *= from_db(table.seen_by(bearing_deg, elevation_deg, velocity_m_s));
        }
        signal
    }

    /// As [`Self::plain_power`] for every other kind of target: signal and noise of all pulses.
    #[inline(always)]
    fn power(
        &self,
        block: usize,
        seen: &L::Seen,
        entities: &[u64; LANES],
        words: &[[u64; LANES]; 4],
    ) -> [f64; LANES] {
        let start = block * LANES;
        let signal = self.signal(block, seen);
        let from_s = lanes_of(&self.targets.present_from_s, start);
        let until_s = lanes_of(&self.targets.present_until_s, start);
        let (look, truth) = (self.look, self.look.truth(seen));
        let mut snr = [0.0; LANES];
        for lane in 0..LANES {
            snr[lane] = snr_at(signal[lane] * look.gain(seen, lane), truth.range_m[lane]);
        }
        let lanes = EchoLanes { entities, frame: self.frame, words, snr: &snr };
        let fluctuation = self.targets.fluctuation[block];
        let mut power = self.sensor.pulse_sum.draw(fluctuation, self.power_draws, &lanes);
        for lane in 0..LANES {
            let time_s = look.time_s(seen, lane);
            let present = (from_s[lane] <= time_s) & (time_s < until_s[lane]);
            power[lane] = if present & look.searches(seen, lane) { power[lane] } else { 0.0 };
        }
        power
    }
}

#[inline(always)]
fn lanes_of<T: Copy>(column: &[T], start: usize) -> [T; LANES] {
    std::array::from_fn(|lane| column[start + lane])
}
