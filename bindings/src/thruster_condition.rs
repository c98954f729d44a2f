//! The words for what may become of a thruster.

use qiki_core::error::Error;
use qiki_core::vehicle::thruster::ThrusterCondition;

use crate::errors::Result;

const CONDITIONS: [(&str, ThrusterCondition); 3] = [
    ("working", ThrusterCondition::Working),
    ("stuck_closed", ThrusterCondition::StuckClosed),
    ("stuck_open", ThrusterCondition::StuckOpen),
];

/// The condition that a word names.
pub fn condition_of(word: &str) -> Result<ThrusterCondition> {
    let Some((_, condition)) = CONDITIONS.iter().find(|(name, _)| *name == word) else {
        return Err(Error::Setting {
            setting: "condition".into(),
            value: format!("{word:?}"),
            limit: CONDITIONS.map(|(name, _)| name).join(", "),
            remedy: "give one of these words".into(),
        }
        .into());
    };
    Ok(*condition)
}

/// The word for a condition.
pub const fn word_of(condition: ThrusterCondition) -> &'static str {
    CONDITIONS[condition as usize].0
}
