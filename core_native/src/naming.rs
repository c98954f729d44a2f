//! Names made from content: UUID version 5 (RFC 9562, section 5.5).

use sha1::{Digest, Sha1};
use uuid::Builder;

/// UUID v5 of (epoch, number) in a namespace: how frames and tracks get their ids.
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
    fn agrees_with_the_uuid_crate() {
        let namespace = Uuid::NAMESPACE_URL;
        let mut name = [0; 16];
        name[..8].copy_from_slice(&7_u64.to_le_bytes());
        name[8..].copy_from_slice(&42_u64.to_le_bytes());
        let expected = Uuid::new_v5(&namespace, &name).into_bytes();
        assert_eq!(uuid_of_number(namespace.as_bytes(), 7, 42), expected);
    }
}
