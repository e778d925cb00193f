//! Age groups of the waiting-time statistics: what remains of a birth year after the border.

/// First age of each group, and its name.
///
/// From 50 years on the bands are those of the regions' own worked example; it has nobody younger,
/// and the two bands below 50 (children, other adults) are Sluss's own.
const GROUPS: [(i64, &str); 6] = [(85, "85+"), (75, "75-84"), (65, "65-74"), (50, "50-64"), (18, "18-49"), (0, "0-17")];

/// The group of an age in whole years; none below 0 and above 130.
pub fn of_years(years: i64) -> Option<&'static str> {
    GROUPS.iter().find(|(first, _)| (*first..=130).contains(&years)).map(|(_, name)| *name)
}

/// The group of somebody born in `birth_year`, in the year `year`: whole calendar years, since no
/// birthday is known.
pub fn of_birth_year(birth_year: i64, year: i64) -> Option<&'static str> {
    of_years(year.checked_sub(birth_year)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::real;

    #[test]
    fn bands_meet() {
        for (years, group) in [
            (0, Some("0-17")),
            (17, Some("0-17")),
            (18, Some("18-49")),
            (49, Some("18-49")),
            (50, Some("50-64")),
            (64, Some("50-64")),
            (65, Some("65-74")),
            (74, Some("65-74")),
            (75, Some("75-84")),
            (84, Some("75-84")),
            (85, Some("85+")),
            (130, Some("85+")),
            (131, None),
            (-1, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(of_years(years), group, "{years}");
        }
        assert_eq!(of_birth_year(i64::MIN, 2026), None);
    }

    #[test]
    fn the_worked_example_has_the_same_answers() {
        let Some(table) = real::text("vantetid-kchd/steg3_beraknade.tsv") else { return };
        let mut lines = table.lines();
        let heading: Vec<&str> = lines.next().unwrap().split('\t').collect();
        let column = |name: &str| heading.iter().position(|h| *h == name).unwrap();
        let (born, start, group) = (column("fodelsear"), column("start_datum"), column("aldersgrupp"));
        let rows: Vec<Vec<&str>> = lines.map(|l| l.split('\t').collect()).collect();
        assert_eq!(rows.len(), 70);
        for row in rows {
            let year: i64 = row[start].get(..4).unwrap().parse().unwrap();
            assert_eq!(of_birth_year(row[born].parse().unwrap(), year), Some(row[group]));
        }
    }
}
