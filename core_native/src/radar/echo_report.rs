//! From the power of echoes to plots: which pass the threshold, and what is measured of them.

use crate::radar::echo_targets::{EchoTargets, lanes_of};
use crate::radar::plot_lanes::{NoiseLanes, PlotLanes, PolarLanes};
use crate::radar::plot_record::{Plots, Source};
use crate::radar::sensor::Sensor;
use crate::radar::simulator::Draws;
use crate::random::uniform;
use crate::simd::LANES;

/// What one look's echoes are made of, whatever the look.
#[derive(Clone, Copy, Debug)]
pub struct EchoScene<'a> {
    /// The radar.
    pub sensor: &'a Sensor,
    /// Whom it may see.
    pub targets: &'a EchoTargets,
    /// Its draws.
    pub(super) draws: &'a Draws,
    /// Number of the look, which keys them.
    pub number: u64,
}

impl EchoScene<'_> {
    /// Entity numbers of a block.
    #[inline(always)]
    pub fn entities(&self, block: usize) -> [u64; LANES] {
        lanes_of(&self.targets.entity, block * LANES)
    }

    /// Words of the echoes of a block.
    #[inline(always)]
    pub fn words(&self, block: usize) -> [[u64; LANES]; 4] {
        self.draws.echo.echo.words_of_lanes(&self.entities(block), self.number)
    }
}

/// Measures one look's echoes and gathers their plots.
#[derive(Debug)]
pub struct EchoReport<'a> {
    /// What the echoes are made of.
    pub scene: EchoScene<'a>,
    /// Where the plots go.
    pub plots: &'a mut Plots,
}

impl EchoReport<'_> {
    /// Measure the echoes of a block that pass the threshold, where they are; `time_ns` says when
    /// each was met, where looks meet targets at times of their own. `PLAIN` says that no target of
    /// the block is anything but plain.
    #[inline(always)]
    pub fn add<const PLAIN: bool>(
        &mut self,
        block: usize,
        place: &PolarLanes,
        power: &[f64; LANES],
        words: &[[u64; LANES]; 4],
        time_ns: impl Fn(usize) -> Option<i64>,
    ) {
        let EchoScene { sensor, targets, draws, number } = self.scene;
        let entities = self.scene.entities(block);
        let mut noise = NoiseLanes::draw(&draws.noise, &entities, number);
        if !PLAIN && sensor.is_biased() {
            // The same words in every frame.
            let bias = NoiseLanes::draw(&draws.bias, &entities, 0);
            noise = noise.with_bias(sensor, power, &bias);
        }
        let mut plots = PlotLanes::measure(sensor, place, power, &noise);
        if !PLAIN && let Some(waveform) = sensor.folding() {
            let range_rate_m_s = &mut plots.measured.range_rate_m_s;
            *range_rate_m_s = waveform.folded_lanes(range_rate_m_s);
        }
        for lane in (0..LANES).filter(|&lane| power[lane] > sensor.threshold) {
            let at = block * LANES + lane;
            self.plots.push(
                &plots,
                lane,
                Source {
                    truth: targets.index[at],
                    replies: targets.replies[at],
                    recognised: uniform(words[2][lane]) < sensor.spoof_recognition_probability,
                },
            );
            if let Some(time_ns) = time_ns(lane) {
                self.plots.push_time(time_ns);
            }
        }
    }
}
