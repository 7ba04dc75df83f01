//! Sizes of files and databases, as the Heroku CLI prints them.

/// The units, each 1024 times the one before.
const UNITS: [&str; 5] = ["B", "KB", "MB", "GB", "TB"];

/// `46.00MB`.
pub fn size(bytes: u64) -> String {
    // In hundredths, so that nothing is lost in a fraction.
    let (mut hundredths, mut unit) = (u128::from(bytes) * 100, 0);
    while hundredths >= 102_400 && unit + 1 < UNITS.len() {
        hundredths = (hundredths + 512) / 1024;
        unit += 1;
    }
    if unit == 0 {
        return format!("{bytes}.00B");
    }
    format!("{}.{:02}{}", hundredths / 100, hundredths % 100, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_as_the_cli_tells_them() {
        for (bytes, told) in [
            (0, "0.00B"),
            (1023, "1023.00B"),
            (1024, "1.00KB"),
            (48_235_520, "46.00MB"),
            (96_468_992, "92.00MB"),
            (1_610_612_736, "1.50GB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
