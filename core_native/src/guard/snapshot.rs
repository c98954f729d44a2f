//! What a guard knows as bytes and back.
//!
//! Layout, little-endian: magic, version, length and bytes of the tracker's own snapshot and of the rules;
//! of each watch the track's number, the rule's place, whether its alert stands, since when the rule has
//! been met and when its alert was raised, each time behind whether there is one; CRC-32C of all before.

use crate::error::Result;
use crate::guard::guards::Guards;
use crate::guard::watch_table::{MAX_WATCHES, Watch, WatchTable};
use crate::snapshot_bytes::{Reader, SnapshotKind, Writer, refuse, truth};

const KIND: SnapshotKind = SnapshotKind { magic: *b"QIKIGRD\0", version: 1 };
/// Bytes of a watch.
const WATCH_BYTES: usize = 8 + 4 + 1 + 2 * 9;

impl Guards {
    /// The whole state as bytes, beside `tracker`, the snapshot of the tracker itself.
    ///
    /// # Errors
    /// None for rules that were accepted.
    pub fn snapshot(&self, tracker: &[u8]) -> Result<Vec<u8>> {
        let watches = self.watches.all();
        let mut out = Writer::new(&KIND, tracker.len() + 4096 + watches.len() * WATCH_BYTES);
        out.block(tracker);
        out.block(self.rules.to_json()?.as_bytes());
        out.count(watches.len());
        for watch in watches {
            out.put(watch.track_number.to_le_bytes());
            out.put(watch.rule.to_le_bytes());
            out.put([u8::from(watch.is_standing)]);
            for time_ns in [watch.met_since_ns, watch.raised_ns] {
                out.put([u8::from(time_ns.is_some())]);
                out.put(time_ns.unwrap_or(0).to_le_bytes());
            }
        }
        Ok(out.finish())
    }

    /// From the bytes of [`Guards::snapshot`] the tracker's own, and a guard with the rules of this one.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for bytes that are not a whole snapshot of this version and these
    /// rules.
    pub fn restored<'a>(&self, bytes: &'a [u8]) -> Result<(&'a [u8], Self)> {
        let mut input = Reader::new(&KIND, bytes)?;
        let tracker = input.block()?;
        if input.block()? != self.rules.to_json()?.as_bytes() {
            return Err(refuse("it was made with other guard rules".into()));
        }
        let mut restored = Self::new(self.rules.clone());
        let count = input.count(WATCH_BYTES)?;
        if count > MAX_WATCHES {
            return Err(refuse(format!("{count} watches, must be at most {MAX_WATCHES}")));
        }
        for _ in 0..count {
            let watch = read_watch(&mut input)?;
            check_watch(&watch, &restored.watches, self.rules.rules().len())?;
            restored.watches.put(watch);
        }
        input.finish()?;
        Ok((tracker, restored))
    }
}

fn read_watch(input: &mut Reader<'_>) -> Result<Watch> {
    Ok(Watch {
        track_number: input.u64()?,
        rule: input.u32()?,
        is_standing: read_truth(input)?,
        met_since_ns: read_time(input)?,
        raised_ns: read_time(input)?,
    })
}

fn read_time(input: &mut Reader<'_>) -> Result<Option<i64>> {
    let is_there = read_truth(input)?;
    let time_ns = input.time("time of a watch")?;
    Ok(is_there.then_some(time_ns))
}

fn read_truth(input: &mut Reader<'_>) -> Result<bool> {
    let [byte] = input.array()?;
    truth(byte)
}

/// Refuse a watch that no guard would have beside those before it.
fn check_watch(watch: &Watch, before: &WatchTable, rules: usize) -> Result<()> {
    let last = before.all().last().map(|last| (last.track_number, last.rule));
    let is_next = last.is_none_or(|last| last < (watch.track_number, watch.rule));
    let is_whole =
        !watch.is_standing || (watch.met_since_ns.is_some() && watch.raised_ns.is_some());
    if is_next && is_whole && (watch.rule as usize) < rules && watch.track_number > 0 {
        return Ok(());
    }
    Err(refuse(format!("{watch:?} behind {last:?} is no watch of {rules} rules")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::rules::GuardRules;

    fn guards(id: &str) -> Guards {
        let text = format!(
            r#"{{"schema_version": 1, "rules": [{{"id": "{id}", "title": "a", "severity": "info"}}]}}"#
        );
        Guards::new(GuardRules::from_json(&text).expect("a rule"))
    }

    const WATCH: Watch = Watch {
        track_number: 7,
        rule: 0,
        is_standing: true,
        met_since_ns: Some(-5),
        raised_ns: Some(9),
    };

    /// What a guard that knows these becomes by way of its snapshot.
    fn through(watches: &[Watch]) -> Result<Vec<Watch>> {
        let mut guards = guards("A");
        watches.iter().for_each(|watch| _ = guards.watches.put(*watch));
        let bytes = guards.snapshot(b"tracker")?;
        let (tracker, restored) = guards.restored(&bytes)?;
        assert_eq!(tracker, b"tracker");
        Ok(restored.watches.all().to_vec())
    }

    #[test]
    fn what_is_known_survives() {
        let waiting = Watch { met_since_ns: Some(3), ..Watch::new(8, 0) };
        assert_eq!(through(&[WATCH, waiting]), Ok(vec![WATCH, waiting]));
        assert_eq!(through(&[]), Ok(vec![]));
    }

    #[test]
    fn what_no_guard_would_have_is_refused() {
        for wrong in [
            Watch { rule: 1, ..WATCH },
            Watch { track_number: 0, ..WATCH },
            Watch { met_since_ns: None, ..WATCH },
            Watch { raised_ns: None, ..WATCH },
            Watch { met_since_ns: Some(i64::MAX), ..WATCH },
        ] {
            let text = through(&[wrong]).expect_err("no watch").to_string();
            assert!(text.starts_with("snapshot: "), "{text}");
        }
    }

    #[test]
    fn other_rules_and_damage_are_refused() {
        let mut bytes = guards("A").snapshot(b"tracker").expect("a snapshot");
        let other = guards("B").restored(&bytes).map(|_| ()).expect_err("other rules");
        assert!(other.to_string().contains("other guard rules"), "{other}");
        bytes[20] ^= 1;
        assert!(guards("A").restored(&bytes).is_err());
    }
}
