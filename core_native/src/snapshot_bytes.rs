//! The bytes of a snapshot: magic, version, fields in little-endian, CRC-32C of all before.

use crate::error::{Error, Result};
use crate::frame_limits::check_time;

/// What a snapshot is of, and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotKind {
    /// The first bytes.
    pub magic: [u8; 8],
    /// Changes with the layout and with any change of the core that alters results: what one version
    /// has begun, another must not go on with.
    pub version: u32,
}

const OTHER: &str = "use a snapshot of this version or start a new epoch";

/// The error about a snapshot that cannot be restored.
pub fn refuse(reason: String) -> Error {
    Error::Snapshot { reason, remedy: OTHER }
}

/// What a byte says that is 0 or 1.
///
/// # Errors
/// [`Error::Snapshot`] for any other.
pub fn truth(byte: u8) -> Result<bool> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(refuse(format!("a truth is {byte}, must be 0 or 1"))),
    }
}

fn checked_body<'a>(kind: &SnapshotKind, bytes: &'a [u8]) -> Result<&'a [u8]> {
    let Some((body, checksum)) = bytes.split_last_chunk::<4>() else {
        return Err(refuse(format!("{} bytes are too few", bytes.len())));
    };
    if !body.starts_with(&kind.magic) {
        return Err(refuse("it does not begin as one".into()));
    }
    let version = body.get(8..12).map_or(0, |v| u32::from_le_bytes([v[0], v[1], v[2], v[3]]));
    if version != kind.version {
        return Err(refuse(format!("version is {version}, must be {}", kind.version)));
    }
    let (found, expected) = (crc32c::crc32c(body), u32::from_le_bytes(*checksum));
    if found != expected {
        return Err(refuse(format!("checksum is {found:#010x}, must be {expected:#010x}")));
    }
    Ok(body)
}

/// Bytes of a snapshot while it is written.
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// Begin one of a kind, in memory for about `size` bytes.
    pub fn new(kind: &SnapshotKind, size: usize) -> Self {
        let mut out = Self(Vec::with_capacity(size));
        out.put(kind.magic);
        out.put(kind.version.to_le_bytes());
        out
    }

    /// Append bytes.
    pub fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.0.extend_from_slice(&bytes);
    }

    /// Append how many entries follow.
    pub fn count(&mut self, count: usize) {
        self.put((count as u32).to_le_bytes());
    }

    /// Append bytes behind how many they are.
    pub fn block(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// The whole snapshot, its checksum last.
    pub fn finish(mut self) -> Vec<u8> {
        let checksum = crc32c::crc32c(&self.0);
        self.put(checksum.to_le_bytes());
        self.0
    }
}

/// Bytes of a snapshot while they are read.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Begin to read one of a kind, its checksum checked.
    ///
    /// # Errors
    /// [`Error::Snapshot`], here and below.
    pub fn new(kind: &SnapshotKind, bytes: &'a [u8]) -> Result<Self> {
        Ok(Self { bytes: checked_body(kind, bytes)?, at: kind.magic.len() + 4 })
    }

    /// Refuse bytes behind the last field.
    ///
    /// # Errors
    /// [`Error::Snapshot`].
    pub fn finish(&self) -> Result<()> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            rest => Err(refuse(format!("{rest} bytes too many"))),
        }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there are fewer.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(length).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| refuse(format!("it ends inside a field at {}", self.at)))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    /// The bytes that [`Writer::block`] appended.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there are fewer.
    pub fn block(&mut self) -> Result<&'a [u8]> {
        let length = self.count(1)?;
        self.take(length)
    }

    /// The next bytes, so many.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there are fewer.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    /// The next number.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there is none.
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// The next number.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there is none.
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// The next number, which may be any.
    ///
    /// # Errors
    /// [`Error::Snapshot`] where there is none.
    pub fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    /// A time whose difference to another does not overflow.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for one that does, or where there is none.
    pub fn time(&mut self, field: &str) -> Result<i64> {
        let time_ns = i64::from_le_bytes(self.array()?);
        check_time(field, time_ns).map_err(|error| refuse(error.to_string()))?;
        Ok(time_ns)
    }

    /// A count of entries of at least `size` bytes each, which the rest must be able to hold.
    ///
    /// # Errors
    /// [`Error::Snapshot`] for more than it can.
    pub fn count(&mut self, size: usize) -> Result<usize> {
        let count = self.u32()? as usize;
        let room = (self.bytes.len() - self.at) / size;
        if count <= room {
            return Ok(count);
        }
        Err(refuse(format!("{count} entries announced, room for {room}")))
    }
}

/// The kind of what the tests of parts write.
#[cfg(test)]
pub const TEST_KIND: SnapshotKind = SnapshotKind { magic: *b"QIKITEST", version: 1 };

/// A snapshot of this body, which may be damaged: its checksum is right.
#[cfg(test)]
pub fn sealed(body: &[u8]) -> Vec<u8> {
    Writer(body.to_vec()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_of_another_kind_or_version_is_refused() {
        let bytes = Writer::new(&TEST_KIND, 0).finish();
        assert!(Reader::new(&TEST_KIND, &bytes).is_ok());
        let refusal = |kind| Reader::new(&kind, &bytes).map(|_| ()).unwrap_err().to_string();
        let text = refusal(SnapshotKind { version: 2, ..TEST_KIND });
        assert!(text.contains("version is 1, must be 2"), "{text}");
        let text = refusal(SnapshotKind { magic: *b"QIKIMORE", ..TEST_KIND });
        assert!(text.contains("does not begin as one"), "{text}");
    }

    #[test]
    fn a_truth_is_zero_or_one_and_nothing_else() {
        assert_eq!((truth(0).ok(), truth(1).ok()), (Some(false), Some(true)));
        assert!(truth(2).is_err() && truth(u8::MAX).is_err());
    }
}
