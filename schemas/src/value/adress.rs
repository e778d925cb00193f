//! Postal addresses as directories keep them: lines between `$` (LDAP Postal Address, RFC 4517
//! section 3.3.28), with blank lines where HSA has fields without content.

use crate::identifier::postnummer;
use crate::reading::Reading;
use crate::value::typography::{is_blank, trim};

/// An address taken apart. Nothing of it is lost: what is neither post code nor town is a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adress<'a> {
    /// Name, street and other lines in their order, without blank ones.
    pub lines: Vec<&'a str>,
    /// Post code, five digits.
    pub postal_code: Option<String>,
    /// Town.
    pub city: Option<String>,
}

/// Reads an address: `Namn$Gatan 1$ $ $413 45$Göteborg`, `Gatan 1\r$413 45 Göteborg`, or lines.
/// Never unreadable: an address without a post code is all lines.
///
/// The town is what stands after the post code, in the same line or in the next. `\24` is an
/// escaped `$`, which real exports have where a separator was escaped twice.
pub fn read(text: &str) -> Reading<Adress<'_>> {
    let mut adress = Adress { lines: segments(text).collect(), ..Adress::default() };
    if adress.lines.is_empty() {
        return Reading::Empty;
    }
    if let Some((index, code, town)) =
        adress.lines.iter().enumerate().rev().find_map(|(i, line)| code_and_town(line).map(|(c, t)| (i, c, t)))
    {
        adress.lines.remove(index);
        adress.postal_code = Some(code);
        if !town.is_empty() {
            adress.city = Some(town.to_owned());
        } else if index < adress.lines.len() {
            adress.city = Some(adress.lines.remove(index).to_owned());
        }
    }
    Reading::Clean(adress)
}

/// The lines that hold anything.
fn segments(text: &str) -> impl Iterator<Item = &str> {
    text.split(['$', '\n', '\r']).flat_map(|part| part.split("\\24")).map(trim).filter(|line| !line.is_empty())
}

/// `413 45 Göteborg`, `41345 Göteborg`, `SE-413 45`: the post code and the rest of the line.
fn code_and_town(line: &str) -> Option<(String, &str)> {
    let digits = line.char_indices().filter(|(_, c)| c.is_ascii_digit()).nth(4)?.0 + 1;
    let (head, rest) = line.split_at_checked(digits)?;
    let ends = rest.chars().next().is_none_or(is_blank);
    let code = postnummer::read(head).value().filter(|_| ends)?;
    // A town has a name; five digits before other digits are something else.
    let town = trim(rest);
    (!town.starts_with(|c: char| c.is_ascii_digit())).then(|| (code.into_owned(), town))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::real;

    fn parts(text: &str) -> (String, Option<String>, Option<String>) {
        let adress = read(text).value().unwrap_or_default();
        (adress.lines.join("|"), adress.postal_code, adress.city)
    }

    fn expect(lines: &str, code: &str, city: &str) -> (String, Option<String>, Option<String>) {
        let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        (lines.to_owned(), some(code), some(city))
    }

    #[test]
    fn addresses_of_the_catalogue() {
        for (text, is) in [
            ("Sjukhuset$ $ $ $413 45$Göteborg", expect("Sjukhuset", "41345", "Göteborg")),
            (
                "Sjukhuset$Område 1$Gatan 15$Blå Stråket 6$413 45$Göteborg",
                expect("Sjukhuset|Område 1|Gatan 15|Blå Stråket 6", "41345", "Göteborg"),
            ),
            ("Gatan 12A\r$413 90 Göteborg", expect("Gatan 12A", "41390", "Göteborg")),
            (
                "Gatan 15\r$413 45 Göteborg \r$Sjukhuset\r$Stråket 11B, plan 02\r",
                expect("Gatan 15|Sjukhuset|Stråket 11B, plan 02", "41345", "Göteborg"),
            ),
            ("Stråket 21\r$Plan 00\r$41345 Göteborg\r", expect("Stråket 21|Plan 00", "41345", "Göteborg")),
            ("Gula stråket\r$\r$\r\\24\\24", expect("Gula stråket", "", "")),
            ("Bruna Stråket 19\r$Sjukhuset\r$Göteborg", expect("Bruna Stråket 19|Sjukhuset|Göteborg", "", "")),
            ("Sjukhuset$Mottagning$ $ $ $Område Syd", expect("Sjukhuset|Mottagning|Område Syd", "", "")),
            ("Storgatan 1\n123 45 Småstad", expect("Storgatan 1", "12345", "Småstad")),
            ("Box 12345$SE-123 45 Småstad", expect("Box 12345", "12345", "Småstad")),
            ("$413 45$", expect("", "41345", "")),
            ("031-342 10 00", expect("031-342 10 00", "", "")),
        ] {
            assert_eq!(parts(text), is, "{text:?}");
        }
        assert_eq!(read(" $ $\r"), Reading::Empty);
    }

    #[test]
    fn every_postal_address_of_goteborgs_units_has_its_town() {
        let Some(xml) = real::text("hsa-vgr/vardcentralerGoteborg.xml") else { return };
        let mut key = "";
        let (mut all, mut with_code) = (0, 0);
        for token in xml.split(['<', '>']) {
            match token {
                "hsapostaladdress" => key = token,
                t if key == "hsapostaladdress" && t.matches('$').count() >= 3 => {
                    key = "";
                    all += 1;
                    let (_, code, city) = parts(t);
                    with_code += i32::from(code.is_some() && city.as_deref() == Some("Göteborg"));
                }
                _ => {}
            }
        }
        // One address has neither post code nor town.
        assert_eq!((all, with_code), (50, 49));
    }

    proptest! {
        #[test]
        fn never_panics_and_loses_no_letter(text in "[a-zåäö0-9$ \\\\\r\n]{0,60}|\\PC*") {
            let letters = |t: &str| t.chars().filter(|c| c.is_alphabetic()).count();
            let (lines, _, city) = parts(&text);
            let kept = letters(&lines) + city.as_deref().map_or(0, letters);
            // Only the country code of a post code may go.
            prop_assert!(kept <= letters(&text) && letters(&text) <= kept + 2);
        }
    }
}
