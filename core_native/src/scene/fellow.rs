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

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(own_ship: &str) -> Scenario {
        let json = format!(
            r#"{{"scenario_version": 1, "name": "t", "seed": 1, "own_ship": {own_ship},
                "identities": {{"hostile": ["FOE"]}},
                "targets": [{{"id": "a", "rcs_dbsm": 3,
                    "motion": {{"constant_velocity": {{"position_m": [900, 0, 0]}}}}}}],
                "sensors": [{{"name": "main", "scan": {{"staring": {{"period_s": 0.1}}}},
                    "coverage": {{"max_range_m": 9000, "elevation_deg": [-30, 60]}},
                    "detection": {{"reference_range_m": 9000, "reference_rcs_dbsm": 0,
                        "detection_probability": 0.9, "false_alarm_probability": 1e-6}},
                    "range": {{"resolution_m": 15, "floor_m": 1}},
                    "bearing": {{"beamwidth_deg": 1, "floor_deg": 0.1}},
                    "elevation": {{"beamwidth_deg": 1, "floor_deg": 0.1}},
                    "range_rate": {{"resolution_m_s": 3, "floor_m_s": 0.1, "limit_m_s": 100}}}}]}}"#
        );
        Scenario::from_json(&json).unwrap()
    }

    #[test]
    fn one_of_which_nothing_is_said_is_a_ship_that_replies_as_a_friend() {
        let scene = scene("{}");
        let more = scene.with_fellow("bot-2", "BOT-2").unwrap();
        let fellow = &more.targets[1];
        assert_eq!((scene.targets.len(), more.targets.len()), (1, 2));
        assert_eq!((&*fellow.id, fellow.entity), ("bot-2", entity_of("bot-2")));
        assert_eq!((fellow.object_type, fellow.rcs_dbsm), (ObjectType::Ship as u8, 10.0));
        assert_eq!(fellow.transponder.id, padded("BOT-2"));
        assert_eq!(fellow.transponder.mode, transponder_mode::ON);
        assert_eq!(more.friendly, ["BOT-2"]);
        assert_eq!(more.with_fellow("bot-3", "BOT-2").unwrap().friendly, ["BOT-2"]);
    }

    #[test]
    fn one_is_seen_as_the_own_ship_but_has_no_code_or_address_of_it() {
        let seen = r#"{"visible_as": {"object_type": "drone", "rcs_dbsm": 25, "transponder":
            {"mode": "on", "id": "OWN", "mode_3a": "1234", "address": "4CA123"}},
            "motion": {"constant_velocity": {"position_m": [7, 0, 0], "velocity_m_s": [0, 5, 0]}}}"#;
        let more = scene(seen).with_fellow("bot-2", "BOT-2").unwrap();
        let (own, fellow) = (&more.targets[1], &more.targets[2]);
        assert_eq!((fellow.object_type, fellow.rcs_dbsm), (own.object_type, 25.0));
        assert_eq!(fellow.path, own.path);
        assert_eq!((fellow.transponder.mode_3a, fellow.transponder.address), (None, None));
    }

    #[test]
    fn one_that_cannot_be_is_refused() {
        let scene = scene("{}");
        let refused = |name, id| scene.with_fellow(name, id).unwrap_err().to_string();
        assert!(refused("a", "BOT-2").starts_with("name is \"a\", must be no target's"));
        for id in ["", "FOE", &"x".repeat(33)] {
            assert!(refused("bot-2", id).contains("must be 1 to 32 bytes, and none of"), "{id}");
        }
        assert!(scene.with_fellow("bot-2", &"x".repeat(32)).is_ok());
    }
}
