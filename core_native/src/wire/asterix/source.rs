//! Which radar a record is from.

use uuid::Uuid;

use super::plot_detail::PlotDetail;
use crate::error::{Error, Result};

/// A radar by its system area code and system identification code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// System area code.
    pub sac: u8,
    /// System identification code.
    pub sic: u8,
}

impl Source {
    /// The radar with these codes.
    pub const fn of(sac: u8, sic: u8) -> Self {
        Self { sac, sic }
    }

    /// The sensor's UUID: v5 of the two codes, the same for every recording of the radar.
    pub fn sensor_id(self) -> Uuid {
        let name = format!("urn:asterix:source:{}:{}", self.sac, self.sic);
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
    }
}

/// The source that `wanted` names, or the only one there is.
pub(super) fn choose_source(details: &[PlotDetail], wanted: Option<Source>) -> Result<Source> {
    let mut counts: Vec<(Source, usize)> = Vec::new();
    for detail in details {
        let source = Source::of(detail.sac, detail.sic);
        match counts.binary_search_by_key(&source, |entry| entry.0) {
            Ok(found) => counts[found].1 += 1,
            Err(place) => counts.insert(place, (source, 1)),
        }
    }
    let listed = || {
        let all = counts.iter().map(|(s, n)| format!("{}/{} ({n} plots)", s.sac, s.sic));
        all.collect::<Vec<_>>().join(", ")
    };
    let refused = |value: String, remedy: &str| Error::Setting {
        setting: "source".into(),
        value,
        limit: format!("one SAC/SIC of the recording: {}", listed()),
        remedy: remedy.into(),
    };
    match (wanted, counts.as_slice()) {
        (_, []) => Err(refused("unknown".into(), "use a recording that holds CAT048 plots")),
        (Some(source), _) if counts.iter().any(|entry| entry.0 == source) => Ok(source),
        (Some(source), _) => {
            Err(refused(format!("{}/{}", source.sac, source.sic), "choose one of these"))
        }
        (None, [(source, _)]) => Ok(*source),
        (None, _) => Err(refused("not given".into(), "choose one of these")),
    }
}
