//! The cursor: the latest change that has come, bound to what was asked for.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use sluss_schemas::chunk::Cursor;

use super::options::Increment;
use crate::error::{ConnectorError, Result};
use sluss_schemas::say;

/// Marks the cursor as one of this connector, and its version.
const MARK: &str = "ldap1:";
/// Seconds that are read again unless the job says otherwise.
const OVERLAP: u32 = 600;
/// Generalized time as it is asked for.
const FORMAT: &str = "%Y%m%d%H%M%SZ";

/// Which changes are wanted, and the latest that has come.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    attribute: String,
    overlap: Duration,
    /// Fingerprint of the search: a cursor of another one says nothing of this one.
    print: String,
    latest: Option<NaiveDateTime>,
    /// When the reading began.
    until: Option<NaiveDateTime>,
}

impl Changes {
    /// From the beginning.
    pub(super) fn new(increment: &Increment, print: String) -> Self {
        let overlap = Duration::seconds(i64::from(increment.overlap_seconds.unwrap_or(OVERLAP)));
        Self { attribute: increment.attribute.clone(), overlap, print, latest: None, until: None }
    }

    /// The cursor does not go past the time at which the reading began: an entry can be changed when it
    /// has been read already, and a clock that is wrong can put a change into the future.
    pub(super) fn until(mut self, now: DateTime<Utc>) -> Self {
        self.until = Some(now.naive_utc());
        self
    }

    /// From where an earlier run came to.
    pub(super) fn after(mut self, cursor: &Cursor) -> Result<Self> {
        let parts = cursor.0.strip_prefix(MARK).and_then(|rest| rest.split_once(':'));
        let (print, time) = parts.ok_or_else(|| {
            ConnectorError::configuration(say!(
                "läspositionen kommer inte från kopplingen `ldap`",
                "the cursor was not made by the connector `ldap`"
            ))
            .hint(say!(
                "har jobbet fått en annan koppling? kör det en gång med --full",
                "has the job's connector changed? run it once with --full"
            ))
        })?;
        if print != self.print {
            return Err(ConnectorError::configuration(say!(
                "jobbet frågar efter något annat än när dess läsposition sparades",
                "the job asks for something else than when its cursor was made"
            ))
            .hint(say!(
                "server, base, filter eller attribut har ändrats: kör det en gång med --full",
                "server, base, filter or attributes have changed: run it once with --full"
            )));
        }
        self.latest = Some(read(time).ok_or_else(|| {
            ConnectorError::configuration(say!("läspositionen innehåller ingen tid", "the cursor holds no time"))
                .hint(say!("kör jobbet en gång med --full", "run the job once with --full"))
        })?);
        Ok(self)
    }

    /// The attribute that tells of a change.
    pub(super) fn attribute(&self) -> &str {
        &self.attribute
    }

    /// The filter for what is wanted.
    pub(super) fn filter(&self, filter: &str) -> String {
        let from = self.latest.and_then(|latest| latest.checked_sub_signed(self.overlap));
        match from {
            Some(from) => format!("(&{filter}({}>={}))", self.attribute, from.format(FORMAT)),
            None => filter.to_owned(),
        }
    }

    /// The filter for the entry that the cursor came from, and what was changed after it.
    pub(super) fn since_cursor(&self, filter: &str) -> Option<String> {
        self.latest.map(|latest| format!("(&{filter}({}>={}))", self.attribute, latest.format(FORMAT)))
    }

    /// The cursor says nothing any longer.
    pub(super) fn forget(&mut self) {
        self.latest = None;
    }

    /// An entry has come.
    pub(super) fn note(&mut self, time: Option<&str>) -> Result<()> {
        let time = time.and_then(read).ok_or_else(|| {
            ConnectorError::configuration(say!(
                "en post saknar ett `{}` som är en tid",
                "an entry has no `{}` that is a time",
                self.attribute
            ))
            .hint(say!(
                "låt kontot läsa attributet, eller ta bort `increment` och läs allt",
                "let the account read that attribute, or take `increment` away and read everything"
            ))
        })?;
        let time = self.until.map_or(time, |until| time.min(until));
        self.latest = self.latest.max(Some(time));
        Ok(())
    }

    /// Where the next run goes on; none where nothing has ever come.
    pub(super) fn cursor(&self) -> Option<Cursor> {
        self.latest.map(|latest| Cursor(format!("{MARK}{}:{}", self.print, latest.format(FORMAT))))
    }
}

/// Generalized time (RFC 4517, section 3.3.13) in UTC or with an offset, to the second.
fn read(text: &str) -> Option<NaiveDateTime> {
    let (digits, rest) = (text.get(..14)?, text.get(14..)?);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let local = NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok()?;
    let zone = rest.strip_prefix(['.', ',']).map_or(rest, |f| f.trim_start_matches(|c: char| c.is_ascii_digit()));
    if zone == "Z" {
        return Some(local);
    }
    let (sign, offset) = (zone.get(..1)?, zone.get(1..)?);
    let hours: i64 = offset.get(..2)?.parse().ok()?;
    let minutes: i64 = offset.get(2..).filter(|m| !m.is_empty()).map_or(Some(0), |m| m.parse().ok())?;
    let offset = Duration::minutes(hours.checked_mul(60)?.checked_add(minutes)?);
    match sign {
        "+" => local.checked_sub_signed(offset),
        "-" => local.checked_add_signed(offset),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes() -> Changes {
        let increment = Increment { attribute: "modifyTimestamp".into(), overlap_seconds: Some(60) };
        Changes::new(&increment, "abc".into()).until("2026-11-22T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_cursor_leads_on_with_an_overlap() {
        let mut first = changes();
        assert_eq!((first.filter("(a=b)"), first.cursor()), ("(a=b)".to_owned(), None));
        first.note(Some("20261122115959Z")).unwrap();
        first.note(Some("20261101000000.0Z")).unwrap();
        let cursor = first.cursor().unwrap();
        assert_eq!(cursor.0, "ldap1:abc:20261122115959Z");
        let mut next = changes().after(&cursor).unwrap();
        assert_eq!(next.filter("(a=b)"), "(&(a=b)(modifyTimestamp>=20261122115859Z))");
        assert_eq!(next.since_cursor("(a=b)").unwrap(), "(&(a=b)(modifyTimestamp>=20261122115959Z))");
        // Older changes come again within the overlap; the cursor does not go back.
        next.note(Some("20261122115900Z")).unwrap();
        assert_eq!(next.cursor(), Some(cursor));
        next.forget();
        assert_eq!((next.filter("(a=b)"), next.since_cursor("(a=b)")), ("(a=b)".to_owned(), None));
    }

    #[test]
    fn a_clock_that_is_ahead_hides_nothing() {
        let mut changes = changes();
        changes.note(Some("20990101000000Z")).unwrap();
        assert_eq!(changes.cursor().unwrap().0, "ldap1:abc:20261122120000Z");
    }

    #[test]
    fn times_are_read_with_their_zone() {
        assert_eq!(read("20261122120000+0100"), read("20261122110000Z"));
        assert_eq!(read("20261122120000.5-01"), read("20261122130000Z"));
        for wrong in
            ["", "2026", "20261122120000", "20261322120000Z", "20261122120000+", "2026112212000åZ", "20261122120000+å1"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn another_search_s_cursor_is_refused() {
        for text in ["files1:", "ldap1:", "ldap1:abd:20261122115959Z", "ldap1:abc:igår"] {
            assert!(changes().after(&Cursor(text.into())).is_err(), "{text}");
        }
        assert!(changes().note(None).is_err());
    }
}
