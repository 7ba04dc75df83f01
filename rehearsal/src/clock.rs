//! Times as Heroku writes them: RFC 3339 in UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The present, in whole seconds: `2026-02-19T10:00:00Z`.
pub(crate) fn now() -> String {
    stamp(SystemTime::now())
}

/// A time before the present.
pub(crate) fn ago(age: Duration) -> String {
    stamp(SystemTime::now() - age)
}

/// A time after the present.
pub(crate) fn ahead(wait: Duration) -> String {
    stamp(SystemTime::now() + wait)
}

/// A time before the present as the data API writes it: `2026-02-19 10:00:00 +0000`.
pub(crate) fn data_ago(age: Duration) -> String {
    format!("{} +0000", civil(SystemTime::now() - age).replace('T', " "))
}

/// A time after the present as the data API writes it.
pub(crate) fn data_ahead(wait: Duration) -> String {
    format!("{} +0000", civil(SystemTime::now() + wait).replace('T', " "))
}

/// Age in hours, for history.
pub(crate) fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

fn stamp(time: SystemTime) -> String {
    format!("{}Z", civil(time))
}

/// The time of a log line: six fractional digits and a numeric offset.
pub(crate) fn log_stamp(time: SystemTime) -> String {
    let micros = time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_micros();
    format!("{}.{micros:06}+00:00", civil(time))
}

/// The date of a number of days, by Howard Hinnant's `civil_from_days`.
fn civil(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_around_a_leap_day() {
        let at = |seconds| stamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(1_709_164_799), "2024-02-28T23:59:59Z");
        assert_eq!(at(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(at(1_709_251_200), "2024-03-01T00:00:00Z");
    }

    #[test]
    fn log_lines_carry_microseconds() {
        let time = UNIX_EPOCH + Duration::from_micros(1_000_042);
        assert_eq!(log_stamp(time), "1970-01-01T00:00:01.000042+00:00");
    }
}
