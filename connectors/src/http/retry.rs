//! How long to wait before a new try, and whether there is one.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::options::Requests;

/// No wait grows beyond this by itself.
const LONGEST: Duration = Duration::from_mins(1);

/// The tries of one request.
pub(super) struct Tries {
    waits: ExponentialBackoff,
    longest: Duration,
}

impl Tries {
    /// None has been made.
    pub(super) fn new(requests: &Requests) -> Self {
        let waits = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(requests.first_wait_ms))
            .with_max_delay(LONGEST)
            .with_max_times(usize::try_from(requests.retries).unwrap_or(usize::MAX))
            .with_jitter()
            .build();
        Self { waits, longest: Duration::from_secs(requests.longest_wait_s) }
    }

    /// The wait before the next try; none where there is none. What the server asks for is kept to,
    /// where it is not longer than we want to wait.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let own = self.waits.next()?;
        match asked {
            Some(asked) if asked > self.longest => None,
            Some(asked) => Some(asked.max(own)),
            None => Some(own),
        }
    }
}

/// What the server says about when to come back: seconds, or a time.
pub(super) fn asked(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let then = DateTime::<Utc>::from(httpdate::parse_http_date(text).ok()?);
    Some((then - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let requests = Requests { retries: 3, first_wait_ms: 100, longest_wait_s: 10, ..Requests::default() };
        let mut tries = Tries::new(&requests);
        assert!(tries.next(None).unwrap() >= Duration::from_millis(100));
        assert_eq!(tries.next(Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(tries.next(Some(Duration::from_secs(11))), None, "longer than we wait");
        assert_eq!(tries.next(None), None, "three have been made");
    }

    #[test]
    fn retry_after_is_seconds_or_a_time() {
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            super::asked(&headers, now)
        };
        assert_eq!(asked("3"), Some(Duration::from_secs(3)));
        assert_eq!(asked("Sun, 22 Nov 2026 10:01:00 GMT"), Some(Duration::from_mins(1)));
        assert_eq!(asked("Sun, 22 Nov 2026 09:01:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("snart"), None);
    }
}
