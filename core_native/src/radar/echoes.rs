//! The echoes of one frame: every target in the coverage, eight at a time.

use crate::radar::equation::{from_db, snr_at};
use crate::radar::look::Look;
use crate::radar::plot_lanes::{NoiseLanes, PlotLanes};
use crate::radar::plot_record::{NO_TARGET, Plots, Source};
use crate::radar::sensor::Sensor;
use crate::random::{Stream, exponential, uniform, uniform_fine};
use crate::scene::motion_lanes::PathLanes;
use crate::scene::scenario::Target;
use crate::simd::{Kernel, LANES};

/// The targets as the kernel reads them: in the order of their entity numbers, whatever the order
/// of the scenario, in columns padded to whole blocks of lanes.
#[derive(Clone, Debug)]
pub struct EchoTargets {
    entity: Vec<u64>,
    /// Loop gain times mean radar cross section \[m⁴\].
    signal: Vec<f64>,
    present_from_s: Vec<f64>,
    present_until_s: Vec<f64>,
    /// One entry per block of lanes.
    paths: Vec<PathLanes>,
    /// Index in the scenario.
    index: Vec<i32>,
}

impl EchoTargets {
    /// Columns of `targets` for `sensor`, without the one of index `own`: the radar's own vehicle.
    pub fn new(targets: &[Target], sensor: &Sensor, own: Option<usize>) -> Self {
        let mut ordered: Vec<(i32, &Target)> = (0..).zip(targets).collect();
        if let Some(own) = own {
            ordered.remove(own);
        }
        // Those whose motion costs alike side by side.
        let order = |target: &Target| (target.path.kind(), target.entity);
        ordered.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)).then_with(|| a.id.cmp(&b.id)));
        let column =
            |read: &dyn Fn(&Target) -> f64, rest| padded(&ordered, |pair| read(pair.1), rest);
        Self {
            entity: padded(&ordered, |pair| pair.1.entity, 0),
            signal: column(&|target| sensor.loop_gain * from_db(target.rcs_dbsm), 0.0),
            // The padding never appears.
            present_from_s: column(&|target| target.present_from_s, f64::INFINITY),
            present_until_s: column(&|target| target.present_until_s, f64::INFINITY),
            paths: ordered.chunks(LANES).map(path_lanes).collect(),
            index: padded(&ordered, |pair| pair.0, NO_TARGET),
        }
    }
}

fn path_lanes(targets: &[(i32, &Target)]) -> PathLanes {
    PathLanes::new(targets.iter().map(|(_, target)| &target.path))
}

fn padded<T: Clone>(
    ordered: &[(i32, &Target)],
    read: impl Fn(&(i32, &Target)) -> T,
    rest: T,
) -> Vec<T> {
    let mut column: Vec<T> = ordered.iter().map(read).collect();
    column.resize(ordered.len().next_multiple_of(LANES), rest);
    column
}

/// One frame's echoes; run it with [`crate::simd::dispatch`].
#[derive(Debug)]
pub struct EchoKernel<'a, L: Look> {
    /// The radar.
    pub sensor: &'a Sensor,
    /// Whom it may see.
    pub targets: &'a EchoTargets,
    /// Where and when it looks.
    pub look: &'a L,
    /// Number of the look.
    pub frame: u64,
    /// Draws of the echoes' power.
    pub power_draws: &'a Stream,
    /// Draws of the measurement noise.
    pub noise_draws: &'a Stream,
    /// Where the plots go.
    pub plots: &'a mut Plots,
}

impl<L: Look> Kernel for EchoKernel<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        for block in 0..self.targets.paths.len() {
            self.block(block);
        }
    }
}

impl<L: Look> EchoKernel<'_, L> {
    #[inline(always)]
    fn block(&mut self, block: usize) {
        let (targets, start) = (self.targets, block * LANES);
        let Some(seen) = self.look.see(&targets.paths[block]) else {
            return;
        };
        let entities = lanes_of(&targets.entity, start);
        let words = self.power_draws.words_of_lanes(&entities, self.frame);
        let power = self.echo_power(start, &seen, &words);
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

    /// Power of each echo (signal and noise) over the mean noise power; zero for a target that
    /// is not there or not covered.
    #[inline(always)]
    fn echo_power(&self, start: usize, seen: &L::Seen, words: &[[u64; LANES]; 4]) -> [f64; LANES] {
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
}

#[inline(always)]
fn lanes_of<T: Copy>(column: &[T], start: usize) -> [T; LANES] {
    std::array::from_fn(|lane| column[start + lane])
}
