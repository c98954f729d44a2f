//! Names made from content: UUID versions 5 and 8 (RFC 9562, sections 5.5 and 5.8).

use sha1::{Digest, Sha1};
use uuid::Builder;

/// UUIDs of the numbers of one series: version 8, the first 60 free bits from the SHA-1 of the
/// series' name, the last 62 the number itself. Two numbers of a series never share one, and a
/// tracker that begins hundreds of tracks per frame pays nothing for their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberedIds(u128);

impl NumberedIds {
    /// The series of an epoch in a namespace.
    pub fn new(namespace: &[u8; 16], epoch: u64) -> Self {
        let of_series = Builder::from_custom_bytes(uuid_of_number(namespace, epoch, 0));
        Self(of_series.into_uuid().as_u128() & !NUMBER_BITS)
    }

    /// The id of a number below 2^62.
    pub const fn id(&self, number: u64) -> [u8; 16] {
        (self.0 | (number as u128 & NUMBER_BITS)).to_be_bytes()
    }
}

/// Low bits of a UUID that hold the number.
const NUMBER_BITS: u128 = (1 << 62) - 1;

/// UUID v5 of (epoch, number) in a namespace: how frames get their ids.
pub fn uuid_of_number(namespace: &[u8; 16], epoch: u64, number: u64) -> [u8; 16] {
    let mut hasher = Sha1::new();
    hasher.update(namespace);
    hasher.update(epoch.to_le_bytes());
    hasher.update(number.to_le_bytes());
    let digest = hasher.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn numbered_ids_are_version_8_and_hold_the_number() {
        let ids = NumberedIds::new(Uuid::NAMESPACE_URL.as_bytes(), 7);
        for number in [0, 1, 2, 1 << 40, (1 << 62) - 1] {
            let id = Uuid::from_bytes(ids.id(number));
            assert_eq!((id.get_version_num(), id.get_variant()), (8, uuid::Variant::RFC4122));
            assert_eq!(id.as_u128() & NUMBER_BITS, u128::from(number));
        }
        let other = NumberedIds::new(Uuid::NAMESPACE_URL.as_bytes(), 8);
        assert_ne!(ids.id(1)[..8], other.id(1)[..8]);
    }

    #[test]
    fn agrees_with_the_uuid_crate() {
        let namespace = Uuid::NAMESPACE_URL;
        let mut name = [0; 16];
        name[..8].copy_from_slice(&7_u64.to_le_bytes());
        name[8..].copy_from_slice(&42_u64.to_le_bytes());
        let expected = Uuid::new_v5(&namespace, &name).into_bytes();
        assert_eq!(uuid_of_number(namespace.as_bytes(), 7, 42), expected);
    }
}
