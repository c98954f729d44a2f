//! Bodies of the own ship's kind that a scenario is given afterwards: the other bots of a fleet.

use crate::detection::transponder_mode;
use crate::error::{Error, Result};
use crate::object_type::ObjectType;
use crate::quote::quoted;
use crate::radar::fluctuation::Fluctuation;
use crate::random::entity_of;
use crate::scene::motion::Path;
use crate::scene::platform::OWN_SHIP_INDEX;
use crate::scene::scenario::{MAX_IDENTITY_BYTES, MAX_TARGETS, Scenario, Target};
use crate::scene::transponder::{Transponder, padded};

/// Mean radar cross section of one where the scenario does not say what is seen of the own ship
/// \[dBsm\]: 10 m², of a spacecraft of some hundred kilograms with its panels.
pub const FELLOW_RCS_DBSM: f64 = 10.0;

impl Scenario {
    /// The same scenario with one target more, the last: a body of the own ship's kind, which goes
    /// the own ship's way until it is told another, and replies with `transponder_id`, a friend's.
    ///
    /// It is seen as the own ship is by others; where the scenario does not say how, as a ship of
    /// [`FELLOW_RCS_DBSM`].
    ///
    /// # Errors
    /// [`Error::Setting`] for a name that a target has already, an identity that is empty, too long
    /// or a foe's, and more targets than a scenario may have.
    pub fn with_fellow(&self, name: &str, transponder_id: &str) -> Result<Self> {
        self.check_fellow(name, transponder_id)?;
        let own = &self.platforms[OWN_SHIP_INDEX];
        let seen = own.target.map(|index| self.targets[index].clone());
        let seen = seen.unwrap_or_else(|| plain(own.path.clone()));
        let mut scenario = self.clone();
        scenario.targets.push(Target {
            id: name.into(),
            entity: entity_of(name),
            transponder: Transponder {
                mode: transponder_mode::ON,
                id: padded(transponder_id),
                ..Transponder::default()
            },
            ..seen
        });
        if !self.friendly.iter().any(|friend| friend == transponder_id) {
            scenario.friendly.push(transponder_id.into());
        }
        Ok(scenario)
    }

    fn check_fellow(&self, name: &str, transponder_id: &str) -> Result<()> {
        let refused = |setting: &str, value: String, limit: String| Error::Setting {
            setting: setting.into(),
            value,
            limit,
            remedy: "rename, or remove, the target of the scenario".into(),
        };
        if self.targets.len() >= MAX_TARGETS {
            let limit = format!("at most {MAX_TARGETS}");
            return Err(refused("number of targets", (MAX_TARGETS + 1).to_string(), limit));
        }
        if self.targets.iter().any(|target| target.id == name) {
            return Err(refused("name", quoted(name), "no target's of the scenario".into()));
        }
        let is_foe = self.hostile.iter().any(|foe| foe == transponder_id);
        if transponder_id.is_empty() || transponder_id.len() > MAX_IDENTITY_BYTES || is_foe {
            let limit = format!("1 to {MAX_IDENTITY_BYTES} bytes, and none of identities.hostile");
            return Err(refused("transponder_id", quoted(transponder_id), limit));
        }
        Ok(())
    }
}

/// What is seen of a body of which nothing is said but its way; it has no name yet.
fn plain(path: Path) -> Target {
    Target {
        id: String::new(),
        entity: 0,
        object_type: ObjectType::Ship as u8,
        rcs_dbsm: FELLOW_RCS_DBSM,
        rcs_by_aspect: None,
        rcs_model: None,
        fluctuation: Fluctuation::default(),
        occluding_radius_m: None,
        transponder: Transponder::default(),
        present_from_s: f64::NEG_INFINITY,
        present_until_s: f64::INFINITY,
        path,
    }
}
