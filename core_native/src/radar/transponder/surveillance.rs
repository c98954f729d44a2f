//! The secondary surveillance of a radar: from its interrogations to what its plots say of who the
//! targets are.

use crate::detection::{Detection, present, range_band};
use crate::frame::FrameHeader;
use crate::radar::line_of_sight::LineOfSight;
use crate::radar::look::Look;
use crate::radar::mount::Carrier;
use crate::radar::plot_record::{NO_TARGET, Source};
use crate::radar::sensor::Sensor;
use crate::radar::transponder::fruit::{self, FruitDraws};
use crate::radar::transponder::garble::{garble, misread};
use crate::radar::transponder::heard::Heard;
use crate::radar::transponder::identity_swap::swap_nearest;
use crate::radar::transponder::interrogation::Interrogation;
use crate::radar::transponder::interrogator::Interrogator;
use crate::radar::transponder::reply::{Reply, set_codes, set_height, set_reply};
use crate::radar::transponder::responders::Responders;
use crate::random::{Purpose, Stream, uniform};
use crate::scene::scenario::Target;

/// What a radar needs to ask transponders.
#[derive(Clone, Debug)]
pub struct Surveillance {
    interrogator: Interrogator,
    responders: Responders,
    reply_draws: Stream,
    pulse_draws: Stream,
    fruit_draws: FruitDraws,
    swap_draws: Stream,
}

/// One look, and what the interrogation takes from its radar.
#[derive(Debug)]
pub struct Asking<'a, L: Look> {
    /// The radar.
    pub sensor: &'a Sensor,
    /// The radar on its vehicle.
    pub carrier: &'a Carrier,
    /// What hides transponders.
    pub line_of_sight: &'a LineOfSight,
    /// Where and when it looks.
    pub look: &'a L,
    /// Number of the look.
    pub number: u64,
    /// Draws of the echoes.
    pub echo_draws: &'a Stream,
}

impl Surveillance {
    /// That of `sensor`. None where all that can be replied is a text, which is heard every time:
    /// a plot then has its target's without any of this.
    pub fn new(targets: &[Target], sensor: &Sensor, seed: u64, own: Option<usize>) -> Option<Self> {
        let is_plain = |target: &Target| {
            !target.transponder.replies() || target.transponder.replies_with_text_only()
        };
        if sensor.interrogator.is_none() && targets.iter().all(is_plain) {
            return None;
        }
        let stream = |purpose| Stream::new(seed, &sensor.id, purpose);
        Some(Self {
            interrogator: sensor.interrogator.unwrap_or(Interrogator::IDEAL),
            responders: Responders::new(targets, own),
            reply_draws: stream(Purpose::Reply),
            pulse_draws: stream(Purpose::ReplyPulses),
            fruit_draws: FruitDraws {
                count: stream(Purpose::FruitCount),
                each: stream(Purpose::Fruit),
            },
            swap_draws: stream(Purpose::IdentitySwap),
        })
    }

    /// How it asks.
    pub const fn interrogator(&self) -> &Interrogator {
        &self.interrogator
    }

    /// Ask in one look.
    pub fn ask<L: Look>(&self, asking: &Asking<'_, L>, heard: &mut Vec<Heard>) {
        let bias = asking.sensor.registration_bias;
        let interrogation = Interrogation {
            interrogator: &self.interrogator,
            responders: &self.responders,
            line_of_sight: asking.line_of_sight,
            look: asking.look,
            frame: asking.number,
            carrier: asking.carrier,
            height_bias_m: bias.map_or(0.0, |bias| bias.position_m[2]),
            recognition_probability: asking.sensor.spoof_recognition_probability,
            echo_draws: asking.echo_draws,
            reply_draws: &self.reply_draws,
            heard,
        };
        interrogation.run();
    }

    /// Hear what others have asked for, in a frame that looks at the header's coverage.
    pub fn hear_fruit(&self, header: &FrameHeader, sensor: &Sensor, heard: &mut Vec<Heard>) {
        let place = (&header.coverage, sensor.sr_threshold_m);
        let mean = self.interrogator.fruit_per_frame;
        fruit::hear(&self.fruit_draws, header.number, mean, place, heard);
    }

    /// Which share of a frame's looks lies before the one that FRUIT belongs to.
    pub fn fruit_share(&self, fruit: &Heard) -> f64 {
        fruit::look_share(&self.fruit_draws, fruit.key)
    }

    /// Give the plots of a frame, by bearing and with who is behind each, what was replied, and
    /// add the plots that nothing but a reply tells of.
    ///
    /// Of a target with an echo, the look of its plot says whether a false reply is recognised,
    /// as it does where nothing but texts are replied.
    pub fn identify(
        &self,
        frame: (u64, i64),
        (sensor, targets): (&Sensor, &[Target]),
        heard: &mut Vec<Heard>,
        plots: (Vec<Detection>, Vec<Source>),
    ) -> (Vec<Detection>, Vec<Source>) {
        let (number, time_ns) = frame;
        let (mut detections, mut sources) = plots;
        keep_first_of_each(heard);
        let plot_of = PlotOfTarget::new(&sources);
        heard.retain(|reply| {
            let plot = plot_of.get(reply.source.truth).map(|index| detections[index]);
            let is_near = plot.is_some_and(|plot| plot.range_band == range_band::SHORT);
            is_near || reply.measured[0] <= sensor.sr_threshold_m
        });
        self.meet(heard);
        let plot_count = detections.len();
        for reply in &mut *heard {
            match plot_of.get(reply.source.truth) {
                Some(index) if detections[index].range_band == range_band::SHORT => {
                    reply.source = sources[index];
                    write(&mut detections[index], reply, targets);
                }
                None if self.interrogator.secondary_plots => {
                    detections.push(self.secondary_plot(reply, time_ns, targets));
                    sources.push(reply.source);
                }
                _ => {}
            }
        }
        if detections.len() > plot_count {
            (detections, sources) = by_bearing(detections, sources);
        }
        let chance = uniform(u64::from(self.swap_draws.words(0, number)[0]));
        if chance < self.interrogator.identity_swap_probability {
            swap_nearest(&mut detections, self.interrogator.beamwidth_deg);
        }
        (detections, sources)
    }

    /// What the receiver makes of the replies' pulses.
    fn meet(&self, heard: &mut [Heard]) {
        if self.interrogator.garble {
            garble(heard, self.interrogator.beamwidth_deg);
        }
        let probability = self.interrogator.pulse_error_probability;
        if probability > 0.0 {
            misread(heard, &self.pulse_draws, probability);
        }
    }

    fn secondary_plot(&self, reply: &Heard, time_ns: i64, targets: &[Target]) -> Detection {
        let mut plot = Detection::absent(reply.time_ns.unwrap_or(time_ns));
        plot.present = present::RANGE | present::BEARING;
        [plot.range_m, plot.bearing_deg] = reply.measured;
        plot.range_std_m = self.interrogator.range_std_m as f32;
        plot.bearing_std_deg = self.interrogator.bearing_std_deg as f32;
        plot.range_band = range_band::SHORT;
        write(&mut plot, reply, targets);
        plot
    }
}

/// Write what is read of a reply into a record.
fn write(record: &mut Detection, reply: &Heard, targets: &[Target]) {
    let transponder =
        usize::try_from(reply.source.truth).ok().map(|index| &targets[index].transponder);
    let claimed = transponder
        .map_or(Reply::UNNAMED, |transponder| Reply::of(transponder, reply.source.recognised));
    set_reply(record, claimed);
    let address = transponder.and_then(|transponder| transponder.address);
    set_codes(record, reply.answer.mode_3a(), address);
    if let Some((altitude_ft, step_ft)) = reply.answer.altitude() {
        set_height(record, altitude_ft, step_ft, reply.own_height_m);
    }
}

/// Leave each target the first of its replies that was heard in the frame's looks.
fn keep_first_of_each(heard: &mut Vec<Heard>) {
    let mut targets: Vec<(i32, usize)> =
        heard.iter().zip(0..).map(|(reply, index)| (reply.source.truth, index)).collect();
    targets.sort_unstable();
    let is_again = |pair: &[(i32, usize)]| pair[0].0 == pair[1].0 && pair[0].0 != NO_TARGET;
    let mut again: Vec<usize> =
        targets.windows(2).filter(|pair| is_again(pair)).map(|pair| pair[1].1).collect();
    again.sort_unstable();
    let mut index = 0..;
    heard.retain(|_| index.next().is_none_or(|index| again.binary_search(&index).is_err()));
}

/// Which plot a target has.
struct PlotOfTarget(Vec<(i32, usize)>);

impl PlotOfTarget {
    fn new(sources: &[Source]) -> Self {
        let mut pairs: Vec<(i32, usize)> =
            sources.iter().map(|source| source.truth).zip(0..).collect();
        pairs.retain(|(target, _)| *target != NO_TARGET);
        pairs.sort_unstable();
        Self(pairs)
    }

    fn get(&self, target: i32) -> Option<usize> {
        let place = self.0.binary_search_by_key(&target, |pair| pair.0).ok()?;
        Some(self.0[place].1)
    }
}

fn by_bearing(detections: Vec<Detection>, sources: Vec<Source>) -> (Vec<Detection>, Vec<Source>) {
    let mut pairs: Vec<(Detection, Source)> = detections.into_iter().zip(sources).collect();
    pairs.sort_by(|(a, _), (b, _)| a.bearing_deg.total_cmp(&b.bearing_deg));
    pairs.into_iter().unzip()
}
