//! One look's interrogation: who is asked, and who is heard.

use crate::numeric::{max, wrap_360};
use crate::radar::line_of_sight::{LineOfSight, Sight};
use crate::radar::look::Look;
use crate::radar::mount::Carrier;
use crate::radar::plot_record::{NO_TARGET, Source};
use crate::radar::transponder::heard::{Answer, Heard};
use crate::radar::transponder::interrogator::Interrogator;
use crate::radar::transponder::responders::{Responder, Responders};
use crate::random::{Stream, normal_pair, uniform};
use crate::scene::transponder::FOOT_M;
use crate::simd::LANES;

/// One look's interrogation. It runs at the baseline of the machine: replies are few beside echoes,
/// and need their random numbers one by one.
#[derive(Debug)]
pub struct Interrogation<'a, L: Look> {
    /// How it asks.
    pub interrogator: &'a Interrogator,
    /// Whom it may ask.
    pub responders: &'a Responders,
    /// What hides them.
    pub line_of_sight: &'a LineOfSight,
    /// Where and when it looks.
    pub look: &'a L,
    /// Number of the look.
    pub frame: u64,
    /// The radar on its vehicle.
    pub carrier: &'a Carrier,
    /// What is added to the radar's height when it is reported \[m\].
    pub height_bias_m: f64,
    /// Probability that a false reply is recognised.
    pub recognition_probability: f64,
    /// Draws of the echoes, which say whether a false reply is recognised.
    pub echo_draws: &'a Stream,
    /// Draws of the replies.
    pub reply_draws: &'a Stream,
    /// Where the replies go.
    pub heard: &'a mut Vec<Heard>,
}

impl<L: Look> Interrogation<'_, L> {
    /// Ask all that the look covers and nothing hides.
    pub fn run(mut self) {
        let responders = self.responders;
        for (paths, block) in responders.paths.iter().zip(responders.responders.chunks(LANES)) {
            let Some(seen) = self.look.see(paths) else { continue };
            let time_s = std::array::from_fn(|lane| self.look.time_s(&seen, lane));
            let bodies = paths.states_at_each(&time_s);
            if !(0..block.len()).any(|lane| self.look.covers(&seen, lane)) {
                continue;
            }
            let is_hidden = self.line_of_sight.is_hidden(&Sight {
                own_m: &self.look.own_position_m(&seen),
                target_m: &bodies.position_m,
                index: &std::array::from_fn(|lane| {
                    block.get(lane).map_or(NO_TARGET, |it| it.index)
                }),
                time_s: &time_s,
            });
            for (lane, responder) in block.iter().enumerate() {
                let is_there = responder.present_from_s <= time_s[lane]
                    && time_s[lane] < responder.present_until_s;
                if is_there && !is_hidden[lane] && self.look.covers(&seen, lane) {
                    self.ask(responder, &seen, lane, bodies.position_m[2][lane]);
                }
            }
        }
    }

    /// Ask one that stands at `height_m` on Z.
    fn ask(&mut self, responder: &Responder, seen: &L::Seen, lane: usize, height_m: f64) {
        let words = self.reply_draws.words(responder.entity, self.frame).map(u64::from);
        if uniform(words[0]) >= self.interrogator.reply_probability {
            return;
        }
        let truth = self.look.truth(seen);
        let (range_m, bearing_deg) = (truth.range_m[lane], truth.bearing_deg[lane]);
        let [range_noise, bearing_noise] = normal_pair(uniform(words[1]), uniform(words[2]));
        let measured = [
            max(range_m + self.interrogator.range_std_m * range_noise, 0.0),
            wrap_360(bearing_deg + self.interrogator.bearing_std_deg * bearing_noise),
        ];
        let own = self.carrier.state_at(self.look.time_s(seen, lane));
        // The very draw that the echo's kernel takes.
        let recognition = self.echo_draws.words(responder.entity, self.frame)[2];
        let recognised = uniform(u64::from(recognition)) < self.recognition_probability;
        self.heard.push(Heard {
            source: Source { truth: responder.index, replies: true, recognised },
            range_m,
            bearing_deg,
            measured,
            own_height_m: own.position_m[2] + self.height_bias_m,
            time_ns: L::HAS_OWN_TIMES.then(|| self.look.time_ns(seen, lane)),
            answer: Answer::of(&responder.transponder, height_m / FOOT_M),
            key: [responder.entity, self.frame],
        });
    }
}
