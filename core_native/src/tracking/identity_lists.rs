//! Identities whose reply makes a track a friend or a foe, as the settings list them.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::tracking::config::{TrackerConfig, require, setting};

/// Entries of one list.
const MOST_IDS: usize = 100_000;
/// Bytes of an entry.
const MOST_BYTES: usize = 32;

/// Both lists, each in order.
pub struct IdentityLists {
    friendly: Vec<[u8; 32]>,
    hostile: Vec<[u8; 32]>,
}

impl IdentityLists {
    /// Those of `config`, which is checked.
    pub fn new(config: &TrackerConfig) -> Self {
        let [friendly, hostile] = [&config.friendly_ids, &config.hostile_ids].map(|ids| {
            let mut padded: Vec<_> = ids.iter().map(|id| self::padded(id)).collect();
            padded.sort_unstable();
            padded
        });
        Self { friendly, hostile }
    }

    /// Whether an identity as records hold it makes a friend.
    pub fn is_friendly(&self, text: &[u8; 32]) -> bool {
        self.friendly.binary_search(text).is_ok()
    }

    /// Whether an identity as records hold it makes a foe.
    pub fn is_hostile(&self, text: &[u8; 32]) -> bool {
        self.hostile.binary_search(text).is_ok()
    }
}

/// Refuse lists that are too long, an entry that no record holds, and one that is on both.
///
/// # Errors
/// [`crate::error::Error::Setting`], which names the entry.
pub(super) fn check_ids(config: &TrackerConfig) -> Result<()> {
    let TrackerConfig { friendly_ids, hostile_ids, .. } = config;
    for (name, ids) in [("friendly_ids", friendly_ids), ("hostile_ids", hostile_ids)] {
        require(name, ids.len(), ids.len() <= MOST_IDS, "at most 100000 entries")?;
        let misfit = |id: &String| id.is_empty() || id.len() > MOST_BYTES;
        if let Some(at) = ids.iter().position(misfit) {
            return Err(setting(&format!("{name}[{at}]"), &ids[at], "1 to 32 bytes"));
        }
    }
    let friendly: BTreeMap<_, _> = friendly_ids.iter().map(|id| padded(id)).zip(0..).collect();
    for (at, id) in hostile_ids.iter().enumerate() {
        if let Some(other) = friendly.get(&padded(id)) {
            let limit = format!("on one list: it is friendly_ids[{other}], too");
            return Err(setting(&format!("hostile_ids[{at}]"), id, &limit));
        }
    }
    Ok(())
}

/// An identity as records hold it.
pub fn padded(id: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(id.bytes()) {
        *to = from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(friendly: &[&str], hostile: &[&str]) -> TrackerConfig {
        let [friendly_ids, hostile_ids] =
            [friendly, hostile].map(|ids| ids.iter().map(ToString::to_string).collect());
        TrackerConfig { friendly_ids, hostile_ids, ..TrackerConfig::default() }
    }

    #[test]
    fn a_list_finds_what_is_on_it_in_whatever_order() {
        let lists = IdentityLists::new(&config(&["C", "A", "B"], &["Z", "", "Y"]));
        for (id, friendly, hostile) in
            [("A", true, false), ("B", true, false), ("Y", false, true), ("D", false, false)]
        {
            let text = padded(id);
            assert_eq!((lists.is_friendly(&text), lists.is_hostile(&text)), (friendly, hostile));
        }
    }

    #[test]
    fn what_cannot_be_a_list_is_named() {
        let long = "x".repeat(33);
        for (friendly, hostile, said) in [
            (vec!["A", ""], vec![], "tracker.friendly_ids[1] is , must be 1 to 32 bytes"),
            (vec![], vec![long.as_str()], "tracker.hostile_ids[0] is xxx"),
            (vec!["A"; 100_001], vec![], "tracker.friendly_ids is 100001, must be at most 100000"),
            (
                vec!["A", "B"],
                vec!["C", "B"],
                "tracker.hostile_ids[1] is B, must be on one list: it is friendly_ids[1], too",
            ),
        ] {
            let message = config(&friendly, &hostile).checked().expect_err("refused").to_string();
            assert!(message.contains(said), "{message}");
        }
        assert!(config(&["A"; 100_000], &["B"]).checked().is_ok());
    }
}
