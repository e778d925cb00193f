//! Times of day and opening hours. 24:00 is real: it ends the day that it is written on.

use std::fmt;

use crate::reading::Reading;
use crate::value::typography::{all_digits, is_blank, is_hyphen, trim};

/// Not a time of day, not opening hours, or not a point in time.
pub const FELAKTIG: &str = "felaktig_tid";

/// A time of day in minutes after midnight, 0–1440. Shown as `08:00`, `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Klockslag(u16);

impl Klockslag {
    /// Midnight at the end of the day.
    pub const MIDNIGHT: Self = Self(1440);

    /// The time `minutes` after midnight; none beyond 24:00.
    pub const fn new(minutes: u16) -> Option<Self> {
        if minutes <= 1440 { Some(Self(minutes)) } else { None }
    }

    /// Minutes after midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Klockslag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Opening hours on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours<'a> {
    /// First day, 1 (Monday) – 7.
    pub first_day: u8,
    /// Last day; before the first where the days go over Sunday.
    pub last_day: u8,
    /// Opens.
    pub from: Klockslag,
    /// Closes; at or before `from` where that is on the next day.
    pub to: Klockslag,
    /// What the catalogue says about these hours, as it stands; mostly nothing.
    pub remark: &'a str,
}

impl Hours<'_> {
    /// The days as HSA writes them: `1-5`.
    pub fn days_text(&self) -> String {
        format!("{}-{}", self.first_day, self.last_day)
    }

    /// The days, in order.
    pub fn days(&self) -> impl Iterator<Item = u8> + use<> {
        let (first, count) = (self.first_day, (self.last_day + 7 - self.first_day) % 7 + 1);
        (0..count).map(move |i| (first - 1 + i) % 7 + 1)
    }

    /// Whether the hours are all day and night.
    pub fn around_the_clock(&self) -> bool {
        self.from.minutes() == 0 && self.to == Klockslag::MIDNIGHT
    }
}

/// Reads a time of day: `08:00`. Seconds `:00`, a point or nothing for the colon, `kl.` and an hour
/// alone are repairs; fails with `felaktig_tid`.
pub fn read(text: &str) -> Reading<Klockslag> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    match (exact(trimmed), trimmed.len() == text.len()) {
        (Some(time), true) => Reading::Clean(time),
        (Some(time), false) => Reading::Repaired(time),
        (None, _) => loose(trimmed).map_or(Reading::Unreadable(FELAKTIG), Reading::Repaired),
    }
}

/// Reads opening hours as HSA writes them: `1-5#08:00#16:30`, days, from and to, with a remark
/// after a further `#`. Swedish words (`mån–fre 8–16.30`, `vardagar 8-17`, `dygnet runt`) are
/// repairs; fails with `felaktig_tid`.
pub fn read_hours(text: &str) -> Reading<Hours<'_>> {
    let trimmed = trim(text);
    if trimmed.is_empty() || trimmed.chars().all(is_hyphen) {
        return Reading::Empty;
    }
    let clean = trimmed.len() == text.len();
    match hsa(trimmed) {
        Some((hours, exact)) if exact && clean => Reading::Clean(hours),
        Some((hours, _)) => Reading::Repaired(hours),
        None => words(trimmed).map_or(Reading::Unreadable(FELAKTIG), Reading::Repaired),
    }
}

/// `HH:MM`.
fn exact(text: &str) -> Option<Klockslag> {
    match text.as_bytes() {
        [_, _, b':', _, _] => minutes(text.get(..2)?, text.get(3..)?),
        _ => None,
    }
}

/// `8`, `8.00`, `0800`, `08:00:00`, `kl. 8`.
fn loose(text: &str) -> Option<Klockslag> {
    let text = ["kl.", "kl", "Kl.", "Kl", "KL"].iter().find_map(|label| text.strip_prefix(label)).unwrap_or(text);
    let text = trim(text);
    let text = text.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(text);
    match text.split_once([':', '.']) {
        Some((hours, rest)) => minutes(hours, rest),
        None if text.len() == 4 => minutes(text.get(..2)?, text.get(2..)?),
        None => minutes(text, "00"),
    }
}

fn minutes(hours: &str, minutes: &str) -> Option<Klockslag> {
    let number = |text: &str, widths: &[usize]| {
        (widths.contains(&text.len()) && all_digits(text.as_bytes())).then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours, &[1, 2])?, number(minutes, &[2])?);
    (minutes < 60).then(|| Klockslag::new(hours * 60 + minutes)).flatten()
}

/// Parts between `#`; whether they are exactly as HSA writes them.
fn hsa(text: &str) -> Option<(Hours<'_>, bool)> {
    let mut parts = text.splitn(4, '#');
    let (days, from, to) = (parts.next()?, parts.next()?, parts.next()?);
    let remark = trim(parts.next().unwrap_or_default());
    let (first, last) = days.split_once(is_hyphen).unwrap_or((days, days));
    let day = |text: &str| trim(text).parse::<u8>().ok().filter(|d| (1..=7).contains(d));
    let (first_day, last_day) = (day(first)?, day(last)?);
    let time = |text: &'_ str| read(text).value();
    let (from, to) = (time(from)?, time(to)?);
    let is_exact = days.as_bytes() == [b'0' + first_day, b'-', b'0' + last_day]
        && exact(parts_of(text, 1)).is_some()
        && exact(parts_of(text, 2)).is_some();
    open(from, to).then_some((Hours { first_day, last_day, from, to, remark }, is_exact))
}

fn parts_of(text: &str, index: usize) -> &str {
    text.split('#').nth(index).unwrap_or_default()
}

/// Closed at the minute that it opens, or open from the end of a day: not hours.
fn open(from: Klockslag, to: Klockslag) -> bool {
    from != to && from != Klockslag::MIDNIGHT
}

/// `mån–fre 8–16.30`, `alla dagar 07:00-22:00`, `dygnet runt`.
fn words(text: &str) -> Option<Hours<'_>> {
    if text.len() > 60 {
        return None;
    }
    let lower = text.to_lowercase();
    let at = lower.find(|c: char| c.is_ascii_digit()).unwrap_or(lower.len());
    let (days, hours) = lower.split_at_checked(at)?;
    let days = days.trim_end_matches(|c: char| is_blank(c) || matches!(c, ':' | ','));
    let days = days.strip_suffix("kl.").or_else(|| days.strip_suffix("kl")).unwrap_or(days);
    let days = trim(days.trim_end_matches([':', ',']));
    let all_day = hours.is_empty() && days.ends_with("dygnet runt");
    let days = if all_day { trim(days.strip_suffix("dygnet runt")?) } else { days };
    let (first_day, last_day) = match days {
        "" if all_day => (1, 7),
        "alla dagar" | "dagligen" | "varje dag" => (1, 7),
        "vardagar" | "vardag" => (1, 5),
        "helger" | "helg" => (6, 7),
        days => match days.split_once(|c: char| is_hyphen(c)).or_else(|| days.split_once(" till ")) {
            Some((first, last)) => (weekday(trim(first))?, weekday(trim(last))?),
            None => (weekday(days)?, weekday(days)?),
        },
    };
    let (from, to) = if all_day {
        (Klockslag(0), Klockslag::MIDNIGHT)
    } else {
        let (from, to) = hours.split_once(is_hyphen).or_else(|| hours.split_once(" till "))?;
        (read(from).value()?, read(to).value()?)
    };
    open(from, to).then_some(Hours { first_day, last_day, from, to, remark: "" })
}

/// A weekday's name, whole or cut to two letters or more, also in the plural (*måndagar*).
fn weekday(word: &str) -> Option<u8> {
    const DAYS: [&str; 7] = ["måndagar", "tisdagar", "onsdagar", "torsdagar", "fredagar", "lördagar", "söndagar"];
    let word = word.trim_end_matches('.');
    let day = DAYS.iter().position(|d| d.starts_with(word) && word.chars().count() >= 2)?;
    u8::try_from(day + 1).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::real;

    fn shown(text: &str) -> Option<String> {
        read_hours(text).value().map(|h| format!("{} {}–{}", h.days_text(), h.from, h.to))
    }

    #[test]
    fn times_of_day() {
        assert_eq!(read("08:00"), Reading::Clean(Klockslag(480)));
        assert_eq!(read("24:00"), Reading::Clean(Klockslag::MIDNIGHT));
        for typed in ["8:00", "8.00", "08.00", "8", "0800", "08:00:00", "kl. 8", "kl 08.00", " 08:00"] {
            assert_eq!(read(typed), Reading::Repaired(Klockslag(480)), "{typed}");
        }
        for bad in ["24:01", "25:00", "08:60", "8:0", "800", "åtta", "08:00-16:00", "-1", "08:00:30"] {
            assert_eq!(read(bad), Reading::Unreadable(FELAKTIG), "{bad}");
        }
        assert_eq!(read(""), Reading::Empty);
        assert_eq!(Klockslag(1440).to_string(), "24:00");
    }

    #[test]
    fn hours_of_the_catalogue() {
        let Reading::Clean(hours) = read_hours("1-7#00:00#24:00") else { panic!("not clean") };
        assert!(hours.around_the_clock() && hours.days().eq(1..=7));
        assert_eq!(shown("1-5#08:00#16:30").as_deref(), Some("1-5 08:00–16:30"));
        assert_eq!(
            read_hours("1-5#08:00#16:30#lunchstängt 12-13").value().map(|h| h.remark),
            Some("lunchstängt 12-13")
        );
        assert!(matches!(read_hours("5#8.00#15:00"), Reading::Repaired(h) if h.first_day == 5 && h.last_day == 5));
        let weekend = read_hours("6-1#10:00#16:00").value().unwrap();
        assert!(weekend.days().eq([6, 7, 1]));
        for bad in [
            "0-5#08:00#16:00",
            "1-8#08:00#16:00",
            "1-5#08:00",
            "1-5#08:00#08:00",
            "1-5##",
            "#",
            "1-5#24:00#06:00",
            "mellan åtta och tolv",
        ] {
            assert_eq!(read_hours(bad), Reading::Unreadable(FELAKTIG), "{bad}");
        }
        assert_eq!(read_hours(""), Reading::Empty);
    }

    #[test]
    fn hours_in_words() {
        for (text, is) in [
            ("mån–fre 8–16.30", "1-5 08:00–16:30"),
            ("Måndag - fredag 08:00-16:30", "1-5 08:00–16:30"),
            ("Mån-tors kl. 7.45-17", "1-4 07:45–17:00"),
            ("vardagar 8-17", "1-5 08:00–17:00"),
            ("Alla dagar 07:00 - 22:00", "1-7 07:00–22:00"),
            ("Dygnet runt", "1-7 00:00–24:00"),
            ("lördagar 10-14", "6-6 10:00–14:00"),
            ("fre 18:00-02:00", "5-5 18:00–02:00"),
            ("må-to 8-15.45", "1-4 08:00–15:45"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(is), "{text}");
            assert!(matches!(read_hours(text), Reading::Repaired(_)), "{text}");
        }
    }

    #[test]
    fn every_hour_of_goteborgs_units_reads_clean() {
        let Some(xml) = real::text("hsa-vgr/vardcentralerGoteborg.xml") else { return };
        let hours: Vec<&str> = xml.split(['<', '>']).filter(|t| t.len() == 15 && t.matches('#').count() == 2).collect();
        assert!(hours.len() > 40);
        assert_eq!(hours.iter().filter(|h| !matches!(read_hours(h), Reading::Clean(_))).count(), 0);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", near in "[1-9]?-?[1-9]?#?[0-9:.]{0,5}#?[0-9:.]{0,5}") {
            for text in [&text, &near] {
                let _ = read(text);
                if let Some(hours) = read_hours(text).value() {
                    prop_assert!(hours.days().count() <= 7);
                }
            }
        }
    }
}
