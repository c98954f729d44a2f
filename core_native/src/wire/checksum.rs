//! CRC-32C (Castagnoli), the checksum that travels beside a payload in `x-qiki-crc32c`.

use crate::error::{Error, Result};

/// CRC-32C of `bytes`, as RFC 3720 appendix B.4 defines it.
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}

/// Refuse `payload` when `expected` is given and is not its CRC-32C; `format` names it in the error.
pub fn check(format: &'static str, payload: &[u8], expected: Option<u32>) -> Result<()> {
    let Some(expected) = expected else {
        return Ok(());
    };
    let found = crc32c(payload);
    if found == expected {
        return Ok(());
    }
    let length = payload.len();
    let reason = format!(
        "crc32c of {length} bytes is {found:#010x}, must be {expected:#010x}: damaged on its way"
    );
    Err(Error::Decode { format, offset: 0, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_examples_of_rfc_3720() {
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
    }

    #[test]
    fn another_checksum_is_refused_with_both_values() {
        assert_eq!(check("Test", &[0; 32], None), Ok(()));
        assert_eq!(check("Test", &[0; 32], Some(0x8a91_36aa)), Ok(()));
        let message = check("Test", &[0; 32], Some(1)).unwrap_err().to_string();
        assert!(message.contains("is 0x8a9136aa, must be 0x00000001"), "{message}");
    }
}
