//! Clutter as one look of a radar sees it. `scene/clutter.rs` has the model.
//!
//! Each look draws clutter of its own, also where it only sees a part: candidate k of a source in
//! look n has the same draws whatever else is in the scene.

use std::sync::Arc;

use crate::error::Result;
use crate::numeric::sin_cos_deg;
use crate::radar::line_of_sight::{LineOfSight, Sight};
use crate::radar::look::Look;
use crate::radar::plot_lanes::{NoiseLanes, PlotLanes, PolarLanes};
use crate::radar::plot_record::{NO_TARGET, Plots, Source};
use crate::radar::radar_models::RadarModels;
use crate::radar::sensor::Sensor;
use crate::random::poisson::poisson;
use crate::random::{Purpose, Stream, exponential, normal_pair, uniform, uniform_fine};
use crate::scene::clutter::ClutterSource;
use crate::scene::motion_lanes::PathLanes;
use crate::simd::{Kernel, LANES};
use crate::user_model::ModelFault;

/// A source of clutter and one radar's draws of it.
#[derive(Clone, Debug)]
pub struct SeenClutter {
    source: Arc<ClutterSource>,
    /// How far its plots exceed the threshold, in the mean, over the noise power of one pulse.
    excess_power: f64,
    count_draws: Stream,
    place_draws: Stream,
    echo_draws: Stream,
    noise_draws: Stream,
}

impl SeenClutter {
    /// The `sources` as `sensor` sees them, in an order that is not the scenario's.
    pub fn of_sources(
        sources: &[Arc<ClutterSource>],
        sensor: &Sensor,
        models: &RadarModels,
        seed: u64,
    ) -> Result<Vec<Self>> {
        let seen_as = |source: &Arc<ClutterSource>| {
            let modelled = match models.clutter_density(source) {
                Some(model) => Arc::new(source.with_model(model)?),
                None => Arc::clone(source),
            };
            Ok(Self::new(&modelled, sensor, seed))
        };
        let mut seen: Vec<Self> = sources.iter().map(seen_as).collect::<Result<_>>()?;
        let order = |clutter: &Self| clutter.source.entity;
        seen.sort_by(|a, b| {
            order(a).cmp(&order(b)).then_with(|| a.source.name.cmp(&b.source.name))
        });
        Ok(seen)
    }

    fn new(source: &Arc<ClutterSource>, sensor: &Sensor, seed: u64) -> Self {
        let stream = |purpose| Stream::of_part(seed, &sensor.id, purpose, source.entity);
        Self {
            source: Arc::clone(source),
            excess_power: source.mean_snr - (sensor.threshold - f64::from(sensor.pulses)),
            count_draws: stream(Purpose::ClutterCount),
            place_draws: stream(Purpose::ClutterPlace),
            echo_draws: stream(Purpose::ClutterEcho),
            noise_draws: stream(Purpose::ClutterNoise),
        }
    }

    /// How many candidates look number `look` has.
    pub fn candidates(&self, look: u64) -> usize {
        poisson(&self.count_draws, look, self.source.candidates()) as usize
    }
}

/// One look's plots of one source; run it with [`crate::simd::dispatch`].
#[derive(Debug)]
pub struct ClutterKernel<'a, L: Look> {
    /// The radar.
    pub sensor: &'a Sensor,
    /// What there is to see.
    pub clutter: &'a SeenClutter,
    /// What hides it.
    pub line_of_sight: &'a LineOfSight,
    /// Where and when the radar looks.
    pub look: &'a L,
    /// Number of the look.
    pub number: u64,
    /// Time for densities that change, in the scenario \[s\].
    pub time_s: f64,
    /// How many candidates there are.
    pub count: usize,
    /// Where the plots go.
    pub plots: &'a mut Plots,
}

impl<L: Look> Kernel for ClutterKernel<'_, L> {
    type Output = std::result::Result<(), ModelFault>;

    #[inline(always)]
    fn run(mut self) -> Self::Output {
        let mut bodies = PathLanes::at_rest();
        for start in (0..self.count).step_by(LANES) {
            self.block(start, &mut bodies)?;
        }
        Ok(())
    }
}

impl<L: Look> ClutterKernel<'_, L> {
    #[inline(always)]
    fn block(
        &mut self,
        start: usize,
        bodies: &mut PathLanes,
    ) -> std::result::Result<(), ModelFault> {
        let numbers = std::array::from_fn(|lane| (start + lane) as u64);
        let Some((places_m, is_kept)) = self.places(start, &numbers)? else {
            return Ok(());
        };
        bodies.put_at_rest(places_m);
        let Some(mut seen) = self.look.see(bodies) else {
            return Ok(());
        };
        let words = self.clutter.echo_draws.words_of_lanes(&numbers, self.number);
        self.add_doppler(self.look.truth_mut(&mut seen), &words);
        let is_hidden = self.are_hidden(&places_m, &seen);
        let mut is_seen = [false; LANES];
        for lane in 0..LANES {
            let passes = self.sensor.passes(self.look.truth(&seen).range_rate_m_s[lane]);
            let is_searched = passes & self.look.searches(&seen, lane);
            is_seen[lane] = is_kept[lane] & is_searched & !is_hidden[lane];
        }
        if !is_seen.contains(&true) {
            return Ok(());
        }
        let power = self.powers(&words);
        let noise = NoiseLanes::draw(&self.clutter.noise_draws, &numbers, self.number);
        let mut plots = PlotLanes::measure(self.sensor, self.look.truth(&seen), &power, &noise);
        if let Some(waveform) = self.sensor.folding() {
            let range_rate_m_s = &mut plots.measured.range_rate_m_s;
            *range_rate_m_s = waveform.folded_lanes(range_rate_m_s);
        }
        for lane in 0..LANES {
            if is_seen[lane] {
                self.plots.push(&plots, lane, Source::NOBODY);
                if L::HAS_OWN_TIMES {
                    self.plots.push_time(self.look.time_ns(&seen, lane));
                }
            }
        }
        Ok(())
    }

    /// Where candidates are \[m\], and which of them the thinning keeps; none where it keeps none.
    #[inline(always)]
    #[expect(clippy::type_complexity, reason = "two columns of lanes")]
    fn places(
        &self,
        start: usize,
        numbers: &[u64; LANES],
    ) -> std::result::Result<Option<([[f64; LANES]; 3], [bool; LANES])>, ModelFault> {
        let source = &*self.clutter.source;
        let words = self.clutter.place_draws.words_of_lanes(numbers, self.number);
        let ends_m = [source.bounds.east_m, source.bounds.north_m, source.height_m];
        let mut places_m = [[0.0; LANES]; 3];
        for axis in 0..3 {
            let [low_m, high_m] = ends_m[axis];
            for lane in 0..LANES {
                places_m[axis][lane] = low_m + (high_m - low_m) * uniform(words[axis][lane]);
            }
        }
        // Lanes without a candidate ask for the last one's place again: a model is asked nowhere else.
        let last = LANES.min(self.count - start) - 1;
        let asked = |axis: usize| std::array::from_fn(|lane| places_m[axis][lane.min(last)]);
        let density = source.density.at(&asked(0), &asked(1), self.time_s)?;
        let mut is_kept = [false; LANES];
        for lane in 0..LANES {
            let is_dense = uniform(words[3][lane]) * source.largest_per_km2 < density[lane];
            is_kept[lane] = is_dense & (start + lane < self.count);
        }
        Ok(is_kept.contains(&true).then_some((places_m, is_kept)))
    }

    /// Which places the ground or a body hides.
    #[inline(always)]
    fn are_hidden(&self, places_m: &[[f64; LANES]; 3], seen: &L::Seen) -> [bool; LANES] {
        if self.line_of_sight.is_free() {
            return [false; LANES];
        }
        self.line_of_sight.is_hidden(&Sight {
            own_m: &self.look.own_position_m(seen),
            target_m: places_m,
            index: &[NO_TARGET; LANES],
            time_s: &std::array::from_fn(|lane| self.look.time_s(seen, lane)),
        })
    }

    /// Add what the scatterers' own motion makes of the range rate: the drift along the line of
    /// sight, and a normal number.
    #[inline(always)]
    fn add_doppler(&self, truth: &mut PolarLanes, words: &[[u64; LANES]; 4]) {
        let [east_m_s, north_m_s, up_m_s] = self.clutter.source.drift_velocity_m_s;
        let std_m_s = self.clutter.source.range_rate_std_m_s;
        for lane in 0..LANES {
            let (sin_bearing, cos_bearing) = sin_cos_deg(truth.bearing_deg[lane]);
            let (sin_elevation, cos_elevation) = sin_cos_deg(truth.elevation_deg[lane]);
            let along_ground_m_s = east_m_s * sin_bearing + north_m_s * cos_bearing;
            let drift_m_s = along_ground_m_s * cos_elevation + up_m_s * sin_elevation;
            let [normal, _] = normal_pair(uniform(words[2][lane]), uniform(words[3][lane]));
            truth.range_rate_m_s[lane] += drift_m_s + std_m_s * normal;
        }
    }

    /// Power of echoes that passed: exponential above the threshold, since an exponential number
    /// has no memory.
    #[inline(always)]
    fn powers(&self, words: &[[u64; LANES]; 4]) -> [f64; LANES] {
        let mut power = [0.0; LANES];
        for lane in 0..LANES {
            let excess = exponential(uniform_fine(words[0][lane], words[1][lane]));
            power[lane] = self.sensor.threshold + self.clutter.excess_power * excess;
        }
        power
    }
}
