//! Many episodes side by side, stepped one after the other in one thread.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::world::episode::{ACTION_LENGTH, Episode, EpisodeSettings, check_action};
use crate::world::judge::{Judgement, Outcome};
use crate::world::observation::LENGTH;

/// Most episodes of a batch.
pub const MAX_EPISODES: usize = 65_536;

/// Episodes of the same settings.
///
/// One that is over begins anew in the next step, whose action it does not heed: what Gymnasium calls
/// `NEXT_STEP`.
pub struct EpisodeBatch {
    episodes: Vec<Episode>,
}

/// Where a step writes, one entry for each episode.
pub struct StepOutput<'a> {
    /// Observations.
    pub observations: &'a mut [[f32; LENGTH]],
    /// Rewards.
    pub rewards: &'a mut [f64],
    /// Whether the goal is reached or missed.
    pub terminated: &'a mut [bool],
    /// Whether the time is over, or the vehicle has left the world.
    pub truncated: &'a mut [bool],
    /// Numbers of [`Outcome`].
    pub outcomes: &'a mut [u8],
    /// Distances to the station and to the nearest body \[m\].
    pub distances_m: &'a mut [[f64; 2]],
}

impl EpisodeBatch {
    /// The first episodes of these seeds.
    ///
    /// # Errors
    /// [`Error::Setting`] for none or too many, and those of [`Episode::new`].
    pub fn new(settings: &Arc<EpisodeSettings>, seeds: &[u64]) -> Result<Self> {
        if !(1..=MAX_EPISODES).contains(&seeds.len()) {
            return Err(Error::Setting {
                setting: "number of environments".into(),
                value: seeds.len().to_string(),
                limit: format!("1 to {MAX_EPISODES}"),
                remedy: "take several batches, each in a process of its own".into(),
            });
        }
        let episodes = seeds.iter().map(|&seed| Episode::new(settings, seed));
        Ok(Self { episodes: episodes.collect::<Result<_>>()? })
    }

    /// The episodes.
    pub fn episodes(&self) -> &[Episode] {
        &self.episodes
    }

    /// Begin the next episode of each that `mask` names, the first of a seed where one is given.
    ///
    /// # Errors
    /// Those of [`Episode::reset`].
    pub fn reset(&mut self, seeds: &[Option<u64>], mask: &[bool]) -> Result<()> {
        for ((episode, &seed), &is_reset) in self.episodes.iter_mut().zip(seeds).zip(mask) {
            if is_reset {
                episode.reset(seed)?;
            }
        }
        Ok(())
    }

    /// Write what each observes now.
    pub fn observe(&self, observations: &mut [[f32; LENGTH]]) {
        for (episode, out) in self.episodes.iter().zip(observations) {
            episode.observe(out);
        }
    }

    /// Step each by its action, or begin it anew where it was over; `resets` says whether it may.
    ///
    /// # Errors
    /// Those of [`check_action`], before any has made a step; those of [`Episode::step`], after which the
    /// episodes before it have.
    pub fn step(
        &mut self,
        actions: &[[f32; ACTION_LENGTH]],
        resets: bool,
        output: &mut StepOutput<'_>,
    ) -> Result<()> {
        actions.iter().try_for_each(check_action)?;
        for (index, (episode, action)) in self.episodes.iter_mut().zip(actions).enumerate() {
            if resets && episode.is_over() {
                episode.reset(None)?;
            } else {
                episode.step(action)?;
            }
            episode.observe(&mut output.observations[index]);
            let Judgement { reward, outcome, station_m, nearest_m } = *episode.judgement();
            output.rewards[index] = reward;
            output.terminated[index] = matches!(outcome, Outcome::Success | Outcome::Collision);
            output.truncated[index] = matches!(outcome, Outcome::TimeLimit | Outcome::LeftWorld);
            output.outcomes[index] = outcome as u8;
            output.distances_m[index] = [station_m, nearest_m];
        }
        Ok(())
    }
}
