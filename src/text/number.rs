//! A number in place of a text.

/// A number made from a text, the same in every version of greenroom: FNV-1a.
pub fn number_of(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::number_of;

    #[test]
    fn it_never_changes() {
        assert_eq!(number_of(""), 0x811c_9dc5);
        assert_eq!(number_of("a"), 0xe40c_292c);
    }
}
