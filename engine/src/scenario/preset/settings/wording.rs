//! How names are compared and listed in messages.

use crate::text::suggest;

/// Whether two names are the same but for case and separators.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> Vec<u8> {
        name.bytes().filter(|byte| !matches!(byte, b'_' | b'-')).map(|byte| byte.to_ascii_lowercase()).collect()
    };
    a == b || plain(a) == plain(b)
}

/// What other products call a setting, and what it is called in the preset that has it.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("maxPoolSize", "maximumPoolSize"),
    ("maxConnections", "maximumPoolSize"),
    ("maxActive", "maximumPoolSize"),
    ("maxConnections", "size"),
    ("maxPoolSize", "size"),
    ("maximumPoolSize", "size"),
    ("connectionTimeout", "acquire_timeout"),
    ("acquireTimeout", "connectionTimeout"),
    ("retries", "max_attempts"),
    ("maxRetries", "max_attempts"),
    ("maxRetries", "maxAttempts"),
    ("failureThreshold", "failureRateThreshold"),
    ("delay", "backoff"),
];

/// The setting among `names` that a wrong guess probably means: what the word of another product stands for, else the nearest.
pub(super) fn meant<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    let other = OTHER_WORDS.iter().filter(|(word, _)| same(word, written));
    let known = |name: &str| names.iter().copied().find(|known| same(known, name));
    other.filter_map(|(_, name)| known(name)).next().or_else(|| suggest(written, names.iter().copied()))
}

/// The nearest name, if one is near, and the list of names where there is none or the list is short.
pub(crate) fn help_with(written: &str, names: &[&str]) -> String {
    const SHORT: usize = 6;
    match meant(written, names) {
        Some(near) if names.len() > SHORT || names.len() == 1 => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{near}`? there are {}", listed(names)),
        None if names.is_empty() => "there are none here".to_owned(),
        None => one_of(names),
    }
}

/// "one of: `a`, `b`", cut short where there are many.
pub(super) fn one_of(names: &[&str]) -> String {
    format!("{}: {}", if names.len() == 1 { "the only one is" } else { "one of" }, listed(names))
}

pub(super) fn listed(names: &[&str]) -> String {
    const MOST: usize = 24;
    let listed: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let rest = names.len().saturating_sub(MOST);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    format!("{}{more}", listed.join(", "))
}
