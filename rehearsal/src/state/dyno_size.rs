//! Dyno sizes.

use serde_json::{Value, json};

struct Size {
    name: &'static str,
    /// In gigabytes.
    memory: f64,
    compute: u64,
    units: f64,
    /// Price per month.
    cents: u64,
    dedicated: bool,
}

const fn shared(name: &'static str, memory: f64, units: f64, cents: u64) -> Size {
    Size { name, memory, compute: 1, units, cents, dedicated: false }
}

const fn dedicated(name: &'static str, memory: f64, compute: u64, units: f64, cents: u64) -> Size {
    Size { name, memory, compute, units, cents, dedicated: true }
}

const SIZES: [Size; 9] = [
    shared("eco", 0.5, 0.28, 500),
    shared("basic", 0.5, 0.28, 700),
    shared("standard-1x", 0.5, 1.0, 2500),
    shared("standard-2x", 1.0, 2.0, 5000),
    dedicated("performance-m", 2.5, 2, 8.0, 25_000),
    dedicated("performance-l", 14.0, 8, 16.0, 50_000),
    dedicated("performance-l-ram", 30.0, 4, 16.0, 50_000),
    dedicated("performance-xl", 62.0, 8, 30.0, 75_000),
    dedicated("performance-2xl", 126.0, 16, 60.0, 150_000),
];

/// Sizes that only apps in a private space have. They are not listed.
const IN_SPACES: [&str; 3] = ["private-s", "private-m", "private-l"];

/// All sizes, smallest first; `sdk` is the `version=3.sdk` variant, which has more fields.
pub(crate) fn all(sdk: bool) -> Value {
    SIZES.iter().map(|size| size.json(sdk)).collect()
}

/// The id of a size; the case of its name does not matter.
pub(crate) fn id(name: &str) -> String {
    let at = SIZES.iter().position(|size| size.name.eq_ignore_ascii_case(name)).map_or(0, |at| at + 1);
    format!("0d0d0d0d-57a6-4e00-8000-000000000d{at:02}")
}

/// A size's name as dynos and the formation show it: `Standard-1X`. None if there is no such size.
pub(crate) fn shown(name: &str) -> Option<String> {
    let mut names = SIZES.iter().map(|size| size.name).chain(IN_SPACES);
    let mut words = names.find(|known| known.eq_ignore_ascii_case(name))?.split('-');
    let first = words.next().unwrap_or_default();
    let first = format!("{}{}", first[..1].to_uppercase(), &first[1..]);
    Some(words.fold(first, |shown, word| format!("{shown}-{}", word.to_uppercase())))
}

impl Size {
    fn json(&self, sdk: bool) -> Value {
        let mut shown = json!({
            "id": id(self.name),
            "name": self.name,
            "architecture": "amd64",
            "compute": self.compute,
            "memory": self.memory,
            "precise_dyno_units": self.units,
            "cost": { "cents": self.cents, "unit": "month" },
            "dedicated": self.dedicated,
            "private_space_only": false,
            "generation": { "id": "0d0d0d0d-57a6-4e00-8000-0000000000ce", "name": "cedar" },
        });
        if sdk {
            let tier = self.name.split('-').next().unwrap_or_default();
            shown["can_autoscale"] = self.dedicated.into();
            shown["infrastructure_tier"] = "production".into();
            shown["product_dyno_tier"] = tier.into();
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_shown_as_heroku_writes_them() {
        assert_eq!(shown("eco").as_deref(), Some("Eco"));
        assert_eq!(shown("STANDARD-2x").as_deref(), Some("Standard-2X"));
        assert_eq!(shown("performance-l-ram").as_deref(), Some("Performance-L-RAM"));
        assert_eq!(shown("gigantic"), None);
    }
}
