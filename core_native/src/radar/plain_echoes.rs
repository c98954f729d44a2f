//! The echoes of plain targets in one look, eight at a time.
//!
//! A kernel of their own, in one go and as small as can be: most targets of most scenes are plain.

use crate::radar::echo_report::EchoReport;
use crate::radar::echo_targets::lanes_of;
use crate::radar::equation::snr_at;
use crate::radar::look::Look;
use crate::random::{exponential, uniform_fine};
use crate::simd::{Kernel, LANES};

/// One look's echoes of the plain targets; run it with [`crate::simd::dispatch`].
#[derive(Debug)]
pub struct PlainEchoKernel<'a, L: Look> {
    /// Where and when it looks.
    pub look: &'a L,
    /// Whom it may see, and where the plots go.
    pub report: EchoReport<'a>,
}

impl<L: Look> Kernel for PlainEchoKernel<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let targets = self.report.scene.targets;
        for block in 0..targets.plain_blocks {
            targets.prefetch_after(block);
            self.block(block);
        }
    }
}

impl<L: Look> PlainEchoKernel<'_, L> {
    #[inline(always)]
    fn block(&mut self, block: usize) {
        let scene = self.report.scene;
        let Some(seen) = self.look.see(&scene.targets.paths[block]) else {
            return;
        };
        let words = scene.words(block);
        let power = self.power(block * LANES, &seen, &words);
        let look = self.look;
        self.report.add::<true>(block, look.truth(&seen), &power, &words, |lane| {
            L::HAS_OWN_TIMES.then(|| look.time_ns(&seen, lane))
        });
    }

    /// Power of each echo (signal and noise) over the mean noise power; zero for a target that is
    /// not there or not covered.
    #[inline(always)]
    fn power(&self, start: usize, seen: &L::Seen, words: &[[u64; LANES]; 4]) -> [f64; LANES] {
        let targets = self.report.scene.targets;
        let signal = lanes_of(&targets.signal, start);
        let from_s = lanes_of(&targets.present_from_s, start);
        let until_s = lanes_of(&targets.present_until_s, start);
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
