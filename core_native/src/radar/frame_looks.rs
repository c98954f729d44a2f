//! What one frame of a radar looks at, and the plots that it gathers there.

use crate::error::Result;
use crate::frame::{Coverage, FrameHeader};
use crate::radar::beam_list::BeamList;
use crate::radar::clutter::ClutterKernel;
use crate::radar::collect_candidates::CollectCandidates;
use crate::radar::draw_candidates::DrawCandidates;
use crate::radar::echo_report::{EchoReport, EchoScene};
use crate::radar::false_alarm_rate::FalseAlarmRate;
use crate::radar::false_alarms::FalseAlarmKernel;
use crate::radar::look::{BeamGlance, BeamPattern, Glance, Look};
use crate::radar::plain_echoes::PlainEchoKernel;
use crate::radar::plot_record::Plots;
use crate::radar::scan::{Rotation, Scan, Staring, Sweep};
use crate::radar::simulator::Radar;
use crate::radar::sweep_look::SweepLook;
use crate::radar::transponder::heard::Heard;
use crate::radar::transponder::surveillance::Asking;
use crate::random::poisson::poisson;
use crate::random::uniform;
use crate::simd::{LANES, dispatch};

impl Radar {
    /// What frame `number` looks at, in world bearings.
    pub(super) fn coverage_of(&self, number: u64, time_ns: i64) -> Coverage {
        let sensor = self.sensor();
        let turned = |coverage| self.carrier().turned(coverage, self.scenario_time_s(time_ns));
        match &sensor.scan {
            Scan::Staring(_) => turned(&sensor.coverage),
            Scan::Rotating(rotation) => {
                self.sweep_of(rotation, number, time_ns).coverage(&turned(&sensor.coverage))
            }
            Scan::Steered(list) => turned(&list.frame(number).1.coverage),
        }
    }

    /// Gather the plots of the frame with this header.
    pub(super) fn gather(&self, header: &FrameHeader, plots: &mut Plots) -> Result<()> {
        match &self.sensor().scan {
            Scan::Staring(staring) if staring.looks == 1 => {
                let glance = self.glance(header.time_ns, &header.coverage);
                self.echoes(header.number, &glance, plots);
                self.clutter_of_look(header.number, &glance, glance.time_s, plots)?;
                self.false_alarms_of_look(header.number, &header.coverage, plots);
                self.false_alarms_of_frame(header, plots);
                Ok(())
            }
            Scan::Staring(staring) => self.stare(*staring, header, plots),
            Scan::Rotating(rotation) => self.turn(rotation, header, plots),
            Scan::Steered(list) => self.steer(list, header, plots),
        }
    }

    /// Several looks in one frame, the last of them at the frame's time.
    fn stare(&self, staring: Staring, header: &FrameHeader, plots: &mut Plots) -> Result<()> {
        let looks = i64::from(staring.looks);
        let time_ns = |look: i64| header.time_ns - (looks - 1 - look) * staring.look_ns;
        for look in 0..looks {
            let number = header.number.wrapping_mul(looks as u64) + look as u64;
            self.echoes(number, &self.glance(time_ns(look), &header.coverage), plots);
            self.false_alarms_of_look(number, &header.coverage, plots);
            plots.stamp_all(time_ns(look));
        }
        plots.keep_strongest(self.targets().len());
        // Of all looks together, as an extractor would make it: seen at the frame's time.
        let glance = self.glance(header.time_ns, &header.coverage);
        self.clutter_of_look(header.number, &glance, glance.time_s, plots)?;
        plots.stamp_all(header.time_ns);
        self.false_alarms_of_frame(header, plots);
        let mut index = 0..;
        plots.stamp_plots(|_| {
            time_ns(
                chosen(self.false_alarm_share(header.number, index.next()), looks as usize) as i64
            )
        });
        plots
            .stamp_replies(|reply| time_ns(chosen(self.fruit_share(reply), looks as usize) as i64));
        Ok(())
    }

    /// One sector of a turning antenna.
    fn turn(&self, rotation: &Rotation, header: &FrameHeader, plots: &mut Plots) -> Result<()> {
        let sweep = self.sweep_of(rotation, header.number, header.time_ns);
        let begin_ns = header.time_ns - sweep.frame_ns;
        let begin_elapsed_ns = self.elapsed_ns(begin_ns);
        let edges_ns = [begin_elapsed_ns, begin_elapsed_ns + sweep.frame_ns];
        let look = SweepLook {
            carrier: self.carrier_lanes(),
            edges: edges_ns.map(|ns| self.carrier_lanes().states_at(&[ns as f64 * 1e-9; LANES])),
            sweep,
            begin_elapsed_ns,
            begin_ns,
            coverage: &header.coverage,
            range_rate_limit_m_s: self.sensor().true_range_rate_limit_m_s(),
        };
        self.echoes(header.number, &look, plots);
        let time_s = self.scenario_time_s(header.time_ns);
        self.clutter_of_look(header.number, &look, time_s, plots)?;
        self.false_alarms_of_look(header.number, &header.coverage, plots);
        self.false_alarms_of_frame(header, plots);
        let passes_ns = |bearing_deg| begin_ns + sweep.passes_after_ns(bearing_deg);
        plots.stamp_plots(|[bearing_deg, _]| passes_ns(bearing_deg));
        plots.stamp_replies(|reply| passes_ns(reply.bearing_deg));
        Ok(())
    }

    /// The beams of one frame, each looking in the middle of its dwell.
    fn steer(&self, list: &BeamList, header: &FrameHeader, plots: &mut Plots) -> Result<()> {
        let (cycle, frame) = list.frame(header.number);
        let frame_s = self.scenario_time_s(header.time_ns);
        let carrier = self.carrier();
        let (zero_deg, tilt_deg) =
            (carrier.zero_bearing_deg(frame_s), carrier.mount.boresight_elevation_deg);
        let per_cycle = list.beams.len() as u64 * u64::from(list.passes);
        let mut look_number = cycle.wrapping_mul(per_cycle) + frame.beams.start as u64;
        let mut begin_ns = header.time_ns - frame.dwell_ns * i64::from(list.passes);
        // Where and when: for the false alarms of the frame.
        let mut looks: Vec<(Coverage, i64)> = Vec::new();
        for _ in 0..list.passes {
            for beam in &list.beams[frame.beams.clone()] {
                let time_ns = begin_ns + beam.dwell_ns / 2;
                let coverage = carrier.turned(&beam.coverage, frame_s);
                let glance = self.glance(time_ns, &coverage);
                let pattern = BeamPattern::new(beam, zero_deg, tilt_deg);
                let look = BeamGlance { glance, pattern };
                self.echoes(look_number, &look, plots);
                self.clutter_of_look(look_number, &look, look.glance.time_s, plots)?;
                self.false_alarms_of_look(look_number, &coverage, plots);
                plots.stamp_all(time_ns);
                looks.push((coverage, time_ns));
                look_number += 1;
                begin_ns += beam.dwell_ns;
            }
        }
        if looks.len() > 1 {
            plots.keep_strongest(self.targets().len());
        }
        self.false_alarms_of_frame(header, plots);
        let mut index = 0..;
        plots.stamp_plots(|[bearing_deg, elevation_deg]| {
            let sees = |coverage: &Coverage| coverage.spans(bearing_deg, elevation_deg);
            let share = self.false_alarm_share(header.number, index.next());
            time_of_one(&looks, sees, share).unwrap_or(header.time_ns)
        });
        plots.stamp_replies(|reply| {
            // It may come from any elevation.
            let sees =
                |coverage: &Coverage| coverage.spans(reply.bearing_deg, coverage.min_elevation_deg);
            time_of_one(&looks, sees, self.fruit_share(reply)).unwrap_or(header.time_ns)
        });
        Ok(())
    }

    /// Which share of a frame's looks lies before the one that false alarm `index` belongs to.
    fn false_alarm_share(&self, frame: u64, index: Option<u64>) -> f64 {
        let words = self.draws().false_alarm_look.words(index.unwrap_or_default(), frame);
        uniform(u64::from(words[0]))
    }

    /// The same for a reply that nobody has asked for.
    fn fruit_share(&self, reply: &Heard) -> f64 {
        self.surveillance().map_or(0.0, |surveillance| surveillance.fruit_share(reply))
    }

    fn sweep_of(&self, rotation: &Rotation, number: u64, time_ns: i64) -> Sweep {
        let edges_ns = [time_ns - rotation.frame_ns, time_ns];
        let zero_deg =
            edges_ns.map(|edge_ns| self.carrier().zero_bearing_deg(self.scenario_time_s(edge_ns)));
        rotation.sweep(number, zero_deg)
    }

    fn glance<'a>(&self, time_ns: i64, coverage: &'a Coverage) -> Glance<'a> {
        let time_s = self.scenario_time_s(time_ns);
        Glance {
            own: self.carrier().state_at(time_s),
            time_s,
            coverage,
            range_rate_limit_m_s: self.sensor().true_range_rate_limit_m_s(),
        }
    }

    /// The echoes of one look; `number` keys its draws.
    fn echoes(&self, number: u64, look: &impl Look, plots: &mut Plots) {
        let scene = EchoScene {
            sensor: self.sensor(),
            targets: self.echo_targets(),
            draws: self.draws(),
            number,
        };
        // Who may be merged with others waits until all have been met.
        let merges = scene.sensor.resolution_cells.is_some();
        let plain_blocks = if merges { 0 } else { scene.targets.plain_blocks };
        if plain_blocks > 0 {
            let report = EchoReport { scene, plots: &mut *plots };
            dispatch(self.level(), PlainEchoKernel { look, report });
        }
        if plain_blocks < scene.targets.paths.len() {
            self.echoes_of_candidates(scene, plain_blocks, look, plots);
        }
        if let Some(surveillance) = self.surveillance() {
            let asking = Asking {
                sensor: self.sensor(),
                carrier: self.carrier(),
                line_of_sight: self.line_of_sight(),
                look,
                number,
                echo_draws: &self.draws().echo.echo,
            };
            surveillance.ask(&asking, &mut plots.heard);
        }
    }

    /// The echoes of the targets from a block on: met, merged where the radar does so, and drawn.
    fn echoes_of_candidates(
        &self,
        scene: EchoScene<'_>,
        first_block: usize,
        look: &impl Look,
        plots: &mut Plots,
    ) {
        let mut candidates = std::mem::take(&mut plots.candidates);
        let cells = scene.sensor.resolution_cells.as_ref();
        let collect = CollectCandidates {
            scene,
            first_block,
            look,
            line_of_sight: self.line_of_sight(),
            cells,
            candidates: &mut candidates,
            plots,
        };
        dispatch(self.level(), collect);
        if cells.is_some() {
            candidates.merge(&scene.targets.entity);
        }
        let report = EchoReport { scene, plots: &mut *plots };
        dispatch(self.level(), DrawCandidates { candidates: &candidates, report });
        plots.candidates = candidates;
    }

    /// The clutter of one look; `number` keys its draws.
    fn clutter_of_look(
        &self,
        number: u64,
        look: &impl Look,
        time_s: f64,
        plots: &mut Plots,
    ) -> Result<()> {
        for clutter in self.clutter() {
            let kernel = ClutterKernel {
                sensor: self.sensor(),
                clutter,
                line_of_sight: self.line_of_sight(),
                look,
                number,
                time_s,
                count: clutter.candidates(number),
                plots: &mut *plots,
            };
            dispatch(self.level(), kernel)?;
        }
        Ok(())
    }

    /// The false alarms of one look, where each look has those of its cells.
    fn false_alarms_of_look(&self, number: u64, coverage: &Coverage, plots: &mut Plots) {
        if let FalseAlarmRate::FromCells(rate) = &self.sensor().false_alarm_rate {
            self.false_alarms(number, coverage, rate.false_alarms(coverage), plots);
        }
    }

    /// Those of a frame, where their number in it is given, and the replies to others.
    fn false_alarms_of_frame(&self, header: &FrameHeader, plots: &mut Plots) {
        if let FalseAlarmRate::PerFrame(mean) = self.sensor().false_alarm_rate {
            self.false_alarms(header.number, &header.coverage, mean, plots);
        }
        if let Some(surveillance) = self.surveillance() {
            surveillance.hear_fruit(header, self.sensor(), &mut plots.heard);
        }
    }

    fn false_alarms(&self, number: u64, coverage: &Coverage, mean: f64, plots: &mut Plots) {
        let (sensor, draws) = (self.sensor(), self.draws());
        let count = poisson(&draws.false_alarm_count, number, mean) as usize;
        let kernel = FalseAlarmKernel {
            sensor,
            coverage,
            count,
            frame: number,
            place_draws: &draws.false_alarm_place,
            power_draws: &draws.false_alarm_power,
            plots,
        };
        dispatch(self.level(), kernel);
    }
}

/// The number below `count` that a share of one stands for, each as likely.
fn chosen(share: f64, count: usize) -> usize {
    (share * count as f64) as usize
}

/// The time of one of the looks whose coverage `sees` it, by a share of one; none where none does.
fn time_of_one(
    looks: &[(Coverage, i64)],
    sees: impl Fn(&Coverage) -> bool,
    share: f64,
) -> Option<i64> {
    let seeing = || looks.iter().filter(|(coverage, _)| sees(coverage));
    seeing().nth(chosen(share, seeing().count())).map(|look| look.1)
}
