//! Waiting-time intervals of the national statistics, in days.

/// Last day of each closed interval, and its name.
const INTERVALS: [(i64, &str); 6] =
    [(30, "0-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"), (180, "121-180"), (365, "181-365")];

/// The interval of a number of days; none for a negative one, which no wait can have.
pub fn of_days(days: i64) -> Option<&'static str> {
    (days >= 0).then(|| INTERVALS.iter().find(|(last, _)| days <= *last).map_or("366+", |(_, name)| *name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::real;

    #[test]
    fn intervals_meet() {
        for (days, interval) in [
            (0, "0-30"),
            (30, "0-30"),
            (31, "31-60"),
            (60, "31-60"),
            (61, "61-90"),
            (90, "61-90"),
            (91, "91-120"),
            (120, "91-120"),
            (121, "121-180"),
            (180, "121-180"),
            (181, "181-365"),
            (365, "181-365"),
            (366, "366+"),
            (i64::MAX, "366+"),
        ] {
            assert_eq!(of_days(days), Some(interval), "{days}");
        }
        assert_eq!(of_days(-1), None);
    }

    #[test]
    fn the_worked_example_has_the_same_answers() {
        let Some(table) = real::text("vantetid-kchd/steg3_beraknade.tsv") else { return };
        let mut lines = table.lines();
        let heading: Vec<&str> = lines.next().unwrap().split('\t').collect();
        let column = |name: &str| heading.iter().position(|h| *h == name).unwrap();
        let (days, interval) = (column("vantetid_dagar"), column("intervall"));
        let rows: Vec<Vec<&str>> = lines.map(|l| l.split('\t').collect()).collect();
        assert_eq!(rows.len(), 70);
        for row in rows {
            assert_eq!(of_days(row[days].parse().unwrap()), Some(row[interval]));
        }
    }
}
