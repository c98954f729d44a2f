//! What kind of body a track follows, by Bayes' rule over the table of the settings.
//!
//! Joint tracking and classification (Challa and Pulford 2001, "Joint target tracking and classification
//! using radar and ESM sensors", IEEE Trans. Aerospace and Electronic Systems 37(3); Ristic, Gordon and
//! Bessell 2004, "On target classification using kinematic data", Information Fusion 5(1)), the speed by
//! the state that one filter for all types has now. Bodies of no type of the table have what is left of
//! the priors and a broad distribution of everything, so that what fits no type is of none and not of the
//! least bad.

use crate::detection::transponder_mode;
use crate::numeric::{exp, max};
use crate::tracking::config::TrackerConfig;
use crate::tracking::identity_belief::{LeadWeights, lead_weights};
use crate::tracking::identity_lists::padded;
use crate::tracking::object_type_config::{MOST_TYPES, ObjectTypeConfig};
use crate::tracking::object_type_evidence::ObjectTypeEvidence;
use crate::tracking::record::TrackRecord;
use crate::tracking::track::{Description, Identity};

/// Probability that a body answers once with a transponder that does not, or the reverse: another's
/// reply, a look that stays without.
const REPLY_WRONG: f64 = 0.1;
/// Bodies of no type: the scale of the Cauchy distribution of their radar cross section about 0 dBsm
/// \[dB\], whose tails leave none impossible; the density of their speed \[s/m\], as if any up to 1000
/// m/s; whether they answer.
const OTHERS_RCS_SCALE_DB: f64 = 20.0;
const OTHERS_PER_M_S: f64 = 1e-3;
const OTHERS_TRANSPONDER: f64 = 0.5;
/// Standard deviation of the ends of an interval of speeds, as a share of its width.
const SOFT_ENDS: f64 = 0.05;

/// One row of the table, as it is asked.
struct Class {
    object_type: u8,
    prior: f64,
    rcs_dbsm: f64,
    rcs_variance_db2: f64,
    speed_m_s: [f64; 2],
    /// One over the width of the interval \[s/m\].
    per_m_s: f64,
    end_variance_m2_s2: f64,
    transponder: f64,
    ids: Vec<[u8; 32]>,
}

/// A horizontal speed and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Speed \[m/s\].
    pub m_s: f64,
    /// Its variance \[m²/s²\].
    pub variance_m2_s2: f64,
}

impl Speed {
    /// Of a velocity and the upper triangle of its covariance; the variance is that along the course.
    pub fn of(velocity_m_s: &[f64; 3], covariance_m2_s2: &[f64; 6]) -> Self {
        let [east, north, _] = *velocity_m_s;
        let [xx, xy, _, yy, ..] = *covariance_m2_s2;
        let m_s = (east * east + north * north).sqrt();
        if m_s == 0.0 {
            return Self { m_s, variance_m2_s2: max(xx, yy) };
        }
        let [x, y] = [east / m_s, north / m_s];
        Self { m_s, variance_m2_s2: max(x * x * xx + 2.0 * x * y * xy + y * y * yy, 0.0) }
    }
}

/// The classifier.
pub struct ObjectTypeRules {
    classes: Vec<Class>,
    others_prior: f64,
    /// Variance of one look about the mean of its body \[dB²\].
    fluctuation_db2: f64,
    correlation_s: f64,
    confirm: f64,
    /// Weights of the leads of replies, and of claimed identities.
    reply_weights: LeadWeights,
    identity_weights: LeadWeights,
}

impl ObjectTypeRules {
    /// Those of `config`, which is checked; none without a table.
    pub fn new(config: &TrackerConfig, identity_weights: LeadWeights) -> Option<Self> {
        let classes: Vec<_> = config.object_types.iter().map(Class::new).collect();
        let told: f64 = classes.iter().map(|class| class.prior).sum();
        (!classes.is_empty()).then_some(Self {
            classes,
            others_prior: 1.0 - told,
            fluctuation_db2: config.rcs_fluctuation_db * config.rcs_fluctuation_db,
            correlation_s: config.rcs_correlation_s,
            confirm: config.confirm_object_type,
            reply_weights: lead_weights(REPLY_WRONG),
            identity_weights,
        })
    }

    /// Time constant of the correlation of looks \[s\].
    pub const fn correlation_s(&self) -> f64 {
        self.correlation_s
    }

    /// Write into a track's record, whose velocity is written, what kind of body it is.
    pub fn tell(&self, description: &Description, record: &mut TrackRecord) {
        let speed = Speed::of(&record.velocity_m_s, &record.velocity_covariance_m2_s2);
        let probabilities = self.probabilities(&description.type_evidence, speed);
        let probabilities = self.with_identity(probabilities, &description.identity);
        for (class, probability) in self.classes.iter().zip(probabilities) {
            if probability >= self.confirm {
                record.object_type = class.object_type;
                record.object_type_probability = probability as f32;
            }
        }
    }

    /// Probability of each type in the order of the table, then of none of them, by all but a known
    /// identity.
    pub fn probabilities(
        &self,
        evidence: &ObjectTypeEvidence,
        speed: Speed,
    ) -> [f64; MOST_TYPES + 1] {
        let lead = self.reply_weights[usize::from(evidence.reply_lead.unsigned_abs())];
        let reply = if evidence.reply_lead < 0 { 1.0 / lead } else { lead };
        let answers = |transponder: f64| transponder * reply + (1.0 - transponder);
        let mut weights = [0.0; MOST_TYPES + 1];
        for (weight, class) in weights.iter_mut().zip(&self.classes) {
            let rcs = class.rcs_likelihood(evidence, self.fluctuation_db2);
            *weight = class.prior * rcs * class.speed_density(speed) * answers(class.transponder);
        }
        let others = others_rcs_likelihood(evidence) * OTHERS_PER_M_S * answers(OTHERS_TRANSPONDER);
        weights[self.classes.len()] = self.others_prior * others;
        let sum: f64 = weights.iter().sum();
        weights.map(|weight| weight / sum)
    }

    /// The probabilities given also that the identity is known to be of a type, as far as it is
    /// believed (law of total probability).
    fn with_identity(
        &self,
        mut probabilities: [f64; MOST_TYPES + 1],
        identity: &Identity,
    ) -> [f64; MOST_TYPES + 1] {
        let Some(text) = identity.belief.transponder_id.best() else { return probabilities };
        let known = self.classes.iter().position(|class| class.ids.contains(&text));
        let Some(known) = known else { return probabilities };
        if identity.transponder_mode == transponder_mode::SPOOF {
            return probabilities;
        }
        let [claimed, _] =
            identity.belief.transponder_id.probabilities(text, &self.identity_weights);
        let own = claimed * (1.0 - f64::from(identity.refuted_probability));
        probabilities.iter_mut().for_each(|probability| *probability *= 1.0 - own);
        probabilities[known] += own;
        probabilities
    }
}

impl Class {
    fn new(row: &ObjectTypeConfig) -> Self {
        let [low, high] = row.speed_m_s;
        let end_m_s = SOFT_ENDS * (high - low);
        Self {
            object_type: row.object_type as u8,
            prior: row.prior_probability,
            rcs_dbsm: row.rcs_dbsm,
            rcs_variance_db2: row.rcs_std_db * row.rcs_std_db,
            speed_m_s: row.speed_m_s,
            per_m_s: 1.0 / (high - low),
            end_variance_m2_s2: end_m_s * end_m_s,
            transponder: row.transponder_probability,
            ids: row.ids.iter().map(|id| padded(id)).collect(),
        }
    }

    /// Likelihood of all looks, but for a factor that all types share: the mean of the body is normal
    /// within the type, the estimate of it by the looks is normal about that.
    fn rcs_likelihood(&self, evidence: &ObjectTypeEvidence, fluctuation_db2: f64) -> f64 {
        if evidence.looks == 0.0 {
            return 1.0;
        }
        let variance = self.rcs_variance_db2 + fluctuation_db2 / evidence.looks;
        let away = evidence.rcs_sum_dbsm / evidence.looks - self.rcs_dbsm;
        exp(-0.5 * away * away / variance) / (std::f64::consts::TAU * variance).sqrt()
    }

    /// Density of a speed: uniform over the interval, its ends soft, no speed below zero.
    fn speed_density(&self, speed: Speed) -> f64 {
        let [low, high] = self.speed_m_s;
        let scale = (2.0 * (speed.variance_m2_s2 + self.end_variance_m2_s2)).sqrt();
        let beyond = |end: f64| libm::erfc((end - speed.m_s) / scale);
        0.5 * self.per_m_s * ((beyond(low) - beyond(high)) + (beyond(-high) - beyond(-low)))
    }
}

fn others_rcs_likelihood(evidence: &ObjectTypeEvidence) -> f64 {
    if evidence.looks == 0.0 {
        return 1.0;
    }
    let away = evidence.rcs_sum_dbsm / evidence.looks / OTHERS_RCS_SCALE_DB;
    1.0 / (std::f64::consts::PI * OTHERS_RCS_SCALE_DB * (1.0 + away * away))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::Detection;
    use crate::detection::present;
    use crate::object_type::ObjectType;

    fn row(object_type: ObjectType, prior_probability: f64, rcs_dbsm: f64) -> ObjectTypeConfig {
        ObjectTypeConfig {
            object_type,
            prior_probability,
            rcs_dbsm,
            rcs_std_db: 5.0,
            speed_m_s: [0.0, 20.0],
            transponder_probability: 0.5,
            ids: vec![format!("{object_type:?}-1")],
        }
    }

    fn rules(rows: Vec<ObjectTypeConfig>) -> ObjectTypeRules {
        let config = TrackerConfig { object_types: rows, ..TrackerConfig::default() };
        let config = config.checked().expect("valid settings");
        ObjectTypeRules::new(&config, lead_weights(0.1)).expect("a table")
    }

    fn ship_and_station() -> ObjectTypeRules {
        let station =
            ObjectTypeConfig { speed_m_s: [0.0, 1.0], ..row(ObjectType::Station, 0.2, 25.0) };
        rules(vec![row(ObjectType::Ship, 0.5, 15.0), station])
    }

    fn looked(rcs_dbsm: f64, reply_lead: i8) -> ObjectTypeEvidence {
        ObjectTypeEvidence {
            looks: 1.0,
            rcs_sum_dbsm: rcs_dbsm,
            reply_lead,
            ..ObjectTypeEvidence::NONE
        }
    }

    /// What a reply says of a track that claims `text`, its velocity unknown.
    fn told(rules: &ObjectTypeRules, text: &str, mode: u8) -> (u8, f32) {
        let mut detection = Detection::absent(0);
        (detection.present, detection.transponder_id) = (present::TRANSPONDER_ID, padded(text));
        let mut description = Description::UNKNOWN;
        (0..3).for_each(|_| description.identity.learn(&detection));
        description.identity.transponder_mode = mode;
        let mut record = TrackRecord { velocity_covariance_m2_s2: [1e4; 6], ..TrackRecord::EMPTY };
        rules.tell(&description, &mut record);
        (record.object_type, record.object_type_probability)
    }

    #[test]
    fn without_a_table_there_is_no_classifier() {
        assert!(ObjectTypeRules::new(&TrackerConfig::default(), lead_weights(0.1)).is_none());
    }

    #[test]
    fn probabilities_sum_to_one_whatever_was_told() {
        let rules = ship_and_station();
        for rcs_dbsm in [-200.0, -30.0, 0.0, 15.0, 200.0] {
            for m_s in [0.0, 1e-200, 3.0, 1e4, 1e12] {
                for variance_m2_s2 in [0.0, 1.0, 1e24] {
                    for reply_lead in [-3, 0, 3] {
                        let speed = Speed { m_s, variance_m2_s2 };
                        let all = rules.probabilities(&looked(rcs_dbsm, reply_lead), speed);
                        let sum: f64 = all.iter().sum();
                        assert!((sum - 1.0).abs() < 1e-14, "{all:?}");
                        assert!(all.iter().all(|known| (0.0..=1.0).contains(known)), "{all:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_fits_no_type_is_of_none() {
        let none = |rcs_dbsm, m_s| {
            let speed = Speed { m_s, variance_m2_s2: 0.1 };
            ship_and_station().probabilities(&looked(rcs_dbsm, 0), speed)[2]
        };
        assert!(none(15.0, 5.0) < 0.01, "a ship");
        assert!(none(-60.0, 5.0) > 0.99, "far too small");
        assert!(none(15.0, 60.0) > 0.99, "far too fast");
    }

    #[test]
    fn the_density_of_a_speed_is_one_of_speeds_above_zero() {
        for speed_m_s in [[0.0, 1.0], [0.0, 300.0], [40.0, 90.0]] {
            let class =
                Class::new(&ObjectTypeConfig { speed_m_s, ..row(ObjectType::Ship, 0.5, 15.0) });
            for variance_m2_s2 in [0.0, 4.0, 900.0] {
                let at = |step: usize| Speed { m_s: (step as f64 + 0.5) * 0.02, variance_m2_s2 };
                let mass: f64 = (0..30_000).map(|step| class.speed_density(at(step)) * 0.02).sum();
                assert!((mass - 1.0).abs() < 1e-6, "{speed_m_s:?} {variance_m2_s2}: {mass}");
            }
        }
    }

    #[test]
    fn the_variance_of_a_speed_is_that_along_the_course() {
        let covariance = [4.0, 1.0, 9.0, 16.0, 9.0, 9.0];
        let of = |velocity| Speed::of(&velocity, &covariance);
        assert_eq!(of([3.0, 0.0, 9.0]), Speed { m_s: 3.0, variance_m2_s2: 4.0 });
        assert_eq!(of([0.0, -2.0, 0.0]), Speed { m_s: 2.0, variance_m2_s2: 16.0 });
        assert_eq!(of([0.0; 3]), Speed { m_s: 0.0, variance_m2_s2: 16.0 });
        let across = of([3.0, 4.0, 0.0]);
        assert!((across.variance_m2_s2 - (0.36 * 4.0 + 0.96 + 0.64 * 16.0)).abs() < 1e-14);
    }

    #[test]
    fn a_known_identity_tells_the_type_as_far_as_it_is_believed() {
        let rules = ship_and_station();
        let (on, spoof) = (transponder_mode::ON, transponder_mode::SPOOF);
        // Three replies, each wrong with probability 0.1: odds 729 to 1.
        let (object_type, probability) = told(&rules, "Station-1", on);
        assert_eq!(object_type, ObjectType::Station as u8);
        assert!(probability > 0.9986 && probability < 0.9999, "{probability}");
        assert_eq!(told(&rules, "Ship-1", on).0, ObjectType::Ship as u8);
        assert_eq!(told(&rules, "Station-1", spoof), (0, 0.0));
        assert_eq!(told(&rules, "Nobody", on), (0, 0.0));
    }

    #[test]
    fn what_cannot_be_a_table_is_named() {
        let refused = |rows: Vec<ObjectTypeConfig>| {
            let config = TrackerConfig { object_types: rows, ..TrackerConfig::default() };
            config.checked().expect_err("no table").to_string()
        };
        let ship = |prior| row(ObjectType::Ship, prior, 15.0);
        let station = || row(ObjectType::Station, 0.6, 25.0);
        for (rows, said) in [
            (
                vec![ship(0.4), station()],
                "object_types[1].prior_probability is 0.6, must be at most 0.599999",
            ),
            (vec![ship(f64::NAN)], "object_types[0].prior_probability is NaN"),
            (
                vec![ship(0.1), ship(0.1)],
                "object_types[1].object_type is ship, must be a type that no",
            ),
            (
                vec![ship(0.1), ObjectTypeConfig { ids: vec!["Ship-1".into()], ..station() }],
                "object_types[1].ids is \"Ship-1\", must be of one type alone",
            ),
            (
                vec![ObjectTypeConfig { speed_m_s: [5.0, 5.0], ..station() }],
                "object_types[0].speed_m_s[1] is 5, must be 5.001 to 1000000",
            ),
            (
                vec![ObjectTypeConfig { rcs_std_db: -1.0, ..station() }],
                "object_types[0].rcs_std_db is -1, must be 0.1 to 100",
            ),
        ] {
            let message = refused(rows);
            assert!(message.contains(said), "{message}");
        }
    }
}
