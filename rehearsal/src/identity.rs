//! Identifiers: formatted as version 4 UUIDs, but generated in a fixed order, so that two rehearsals with the same
//! requests have the same ids.

use std::sync::atomic::{AtomicU64, Ordering};

/// A source of ids.
#[derive(Debug, Default)]
pub(crate) struct Mint {
    drawn: AtomicU64,
}

impl Mint {
    /// A source with its own sequence of ids.
    pub(crate) fn new(origin: u64) -> Self {
        Self { drawn: AtomicU64::new(origin << 40) }
    }

    /// The next uuid.
    pub(crate) fn uuid(&self) -> String {
        let (high, low) = (self.draw(), self.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            0x8000 | low >> 48 & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }

    /// The secret part of a stream's URL. It is not unguessable here.
    pub(crate) fn secret(&self) -> String {
        format!("{:016x}{:016x}", self.draw(), self.draw())
    }

    /// `SplitMix64`: one multiplication chain, well spread.
    fn draw(&self) -> u64 {
        let step = self.drawn.fetch_add(1, Ordering::Relaxed) + 1;
        let mut mixed = step.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}

/// Whether `word` has the shape of a uuid.
pub(crate) fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_repeat_in_each_rehearsal() {
        let (first, second) = (Mint::new(0), Mint::new(0));
        let id = first.uuid();
        assert!(is_uuid(&id), "{id}");
        assert_eq!(id, second.uuid());
        assert_ne!(id, first.uuid());
        assert_ne!(id, Mint::new(1).uuid());
    }
}
