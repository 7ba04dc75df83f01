//! The settings that the panel changes while the rehearsal runs.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::http::answer::{Answer, Outcome};
use crate::settings::Settings;
use crate::state::State;

/// `{"build_time_ms"?, …}`: durations in milliseconds, for what starts from now on, `one_off_limit` and `postgres`, numbers or null.
/// All of them or none are changed.
pub(super) fn change(state: &mut State, body: &Value) -> Outcome {
    let mut settings = state.settings.clone();
    for (key, value) in body.as_object().ok_or_else(|| Answer::usual(400))? {
        if !set(&mut settings, key, value) {
            let message = format!("unknown setting {key}, or its value is not a number of milliseconds.");
            return Err(Answer::invalid(&message));
        }
    }
    state.settings = settings;
    let mut shown: Map<String, Value> = durations(&mut state.settings)
        .into_iter()
        .map(|(name, duration)| (name.to_owned(), json!(duration.as_millis())))
        .collect();
    shown.insert("one_off_limit".to_owned(), json!(state.settings.one_off_limit));
    shown.insert("postgres".to_owned(), json!(state.settings.postgres));
    Ok(Answer::ok(Value::Object(shown)))
}

/// Sets one of them, and returns whether there is such a setting and the value fits.
fn set(settings: &mut Settings, key: &str, value: &Value) -> bool {
    let number = value.as_u64();
    if key == "one_off_limit" {
        settings.one_off_limit = number.and_then(|number| usize::try_from(number).ok());
        return number.is_some() || value.is_null();
    }
    if key == "postgres" {
        settings.postgres = number.and_then(|number| u32::try_from(number).ok());
        return number.is_some() || value.is_null();
    }
    let duration = durations(settings).into_iter().find(|(name, _)| *name == key);
    let (Some((_, duration)), Some(millis)) = (duration, number) else { return false };
    *duration = Duration::from_millis(millis);
    true
}

fn durations(settings: &mut Settings) -> [(&'static str, &mut Duration); 12] {
    [
        ("build_time_ms", &mut settings.build_time),
        ("release_phase_time_ms", &mut settings.release_phase_time),
        ("promotion_time_ms", &mut settings.promotion_time),
        ("transfer_time_ms", &mut settings.transfer_time),
        ("public_url_time_ms", &mut settings.public_url_time),
        ("review_app_time_ms", &mut settings.review_app_time),
        ("addon_time_ms", &mut settings.addon_time),
        ("dyno_start_time_ms", &mut settings.dyno_start_time),
        ("attach_timeout_ms", &mut settings.attach_timeout),
        ("rendezvous_pause_ms", &mut settings.rendezvous_pause),
        ("stop_time_ms", &mut settings.stop_time),
        ("latency_ms", &mut settings.latency),
    ]
}
