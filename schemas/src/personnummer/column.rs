//! A column is judged better than a cell: by its heading, and by what else stands in it. A cell is judged best
//! in its column.

use super::around::{PERSON, TELEPHONE, THING, begins};
use super::{contains, contains_under, is_birth_date, is_personal_number};
use crate::identifier::luhn;

/// What a column's name says that its numbers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    pub(super) person: bool,
    pub(super) telephone: bool,
    pub(super) thing: bool,
}

impl Heading {
    /// What a source column of this name holds.
    pub fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        let person = begins(&name, &PERSON) || name.contains("personn");
        let says = |words| !person && begins(&name, words);
        Self {
            person,
            telephone: says(&TELEPHONE) || !person && name.contains("telefon"),
            thing: says(&THING) || !person && name.contains("faktur"),
        }
    }
}

/// Cells with ten bare digits below which chance is not told from a person.
const ENOUGH: u64 = 12;

/// Counts the cells of one column that hold a personal number.
///
/// Ten bare digits with a date in front and a check digit that holds can be anybody's invoice or
/// telephone number: three or four in a hundred invoice numbers are. In a column of personal numbers every
/// number whose third digit is 0 or 1 is one, in a column of organisation numbers with some sole traders
/// too; in one of other numbers few of them are, and where the others have no check digit very few. So bare
/// numbers count only where they are more than chance gives, and a numbers' column that lost its leading
/// zeros (born 2000–2009) is recognised.
#[derive(Clone, Debug, Default)]
pub struct Column {
    heading: Heading,
    certain: u64,
    bare: Share,
    short: Share,
    dotted: Share,
}

/// How many cells of a form are numbers of persons, of those that could be; and of the others, how many have a
/// check digit that holds.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    persons: u64,
    like: u64,
    others: u64,
    checked: u64,
}

/// The form of a cell in which a number was found: what of the column decides whether it is a person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// More than ten bare digits: the cell speaks for itself.
    Certain,
    /// Ten bare digits and nothing else.
    Bare,
    /// Six digits, a point and four.
    Dotted,
}

impl Column {
    /// Counts a column of this name.
    pub fn named(name: &str) -> Self {
        Self { heading: Heading::of(name), ..Self::default() }
    }

    /// Looks at a cell, which stands in `rows` rows. Gives the form of what could be a person's number in it:
    /// [`holds`](Self::holds) says whether it is, when all have been seen.
    pub fn look(&mut self, text: &str, rows: u64) -> Option<Form> {
        let cell = text.trim_ascii();
        match cell.as_bytes() {
            ten if ten.len() == 10 && ten.iter().all(u8::is_ascii_digit) => {
                let found = is_personal_number(ten) && contains_under(cell, self.heading);
                self.bare.add(found, matches!(ten.get(2), Some(b'0' | b'1')), luhn::holds(ten), rows);
                found.then_some(Form::Bare)
            }
            [d0, d1, d2, d3, d4, d5, b'.', n0, n1, n2, n3] => {
                let ten = [*d0, *d1, *d2, *d3, *d4, *d5, *n0, *n1, *n2, *n3];
                let found = is_personal_number(&ten);
                self.dotted.add(found, ten.iter().all(u8::is_ascii_digit), found, rows);
                found.then_some(Form::Dotted)
            }
            _ if contains_under(text, self.heading) => {
                self.certain += rows;
                Some(Form::Certain)
            }
            _ => None,
        }
    }

    /// Whether a cell in which this was found holds a personal number, by what has been seen of the column.
    pub fn holds(&self, form: Form) -> bool {
        match form {
            Form::Certain => true,
            Form::Bare => self.bare_are_persons(),
            Form::Dotted => self.is_full(self.dotted),
        }
    }

    /// Looks at a cell of a column of numbers, which have lost their leading zeros.
    pub fn look_number(&mut self, value: i128) {
        if (10_000_000..1_000_000_000).contains(&value) {
            let ten = format!("{value:010}");
            let date = ten.as_bytes().get(..6).is_some_and(is_birth_date);
            let person = is_personal_number(ten.as_bytes());
            self.short.add(person, date, person, 1);
        } else if (1_000_000_000..10_000_000_000).contains(&value)
            || (160_000_000_000..210_000_000_000).contains(&value)
        {
            self.look(&value.to_string(), 1);
        }
    }

    /// Rows that hold a personal number.
    pub fn persons(&self) -> u64 {
        let bare = if self.bare_are_persons() { self.bare.persons } else { 0 };
        let full = |share: Share| if self.is_full(share) { share.persons } else { 0 };
        self.certain + bare + full(self.short) + full(self.dotted)
    }

    /// Whether ten bare digits that can be a person's are: not where chance gives as many. Little is never
    /// called chance.
    fn bare_are_persons(&self) -> bool {
        let Share { persons, like, others, checked } = self.bare;
        if self.heading.person || like < ENOUGH {
            return true;
        }
        // With check digits that hold in most of the others, chance makes a person's of every third that is
        // like one, else of at most one in sixteen.
        if checked * 2 > others { persons * 2 >= like } else { persons > 2 + like / 12 }
    }

    /// Whether what is nobody's unless the column is full of it is somebody's.
    fn is_full(&self, share: Share) -> bool {
        self.heading.person || share.like >= ENOUGH && share.persons * 2 > share.like
    }
}

impl Share {
    fn add(&mut self, person: bool, like: bool, checked: bool, rows: u64) {
        self.persons += if person { rows } else { 0 };
        self.like += if person || like { rows } else { 0 };
        self.others += if person { 0 } else { rows };
        self.checked += if checked && !person { rows } else { 0 };
    }
}

/// Whether a number begins in a cell of running text and ends in the next one. Cells that are figures
/// alone are not joined: a date beside a code is no number.
pub fn joined(left: &str, right: &str) -> bool {
    let (left, right) = (left.trim_end(), right.trim_start());
    let dash = |c: char| c == '+' || crate::value::typography::is_hyphen(c);
    let broken = left.ends_with(|c: char| c.is_ascii_digit())
        && right.starts_with(|c: char| c.is_ascii_digit() || dash(c))
        || left.ends_with(dash) && right.starts_with(|c: char| c.is_ascii_digit());
    if !broken {
        return false;
    }
    let tail = last(left, 40);
    let head = first(right, 24);
    // What stands in one of them alone has been found there.
    let spoken = tail.contains(char::is_alphabetic) || tail.ends_with(dash) || head.starts_with(dash);
    spoken && contains(&format!("{tail}\n{head}")) && !contains(tail) && !contains(head)
}

fn last(text: &str, characters: usize) -> &str {
    let from = text.char_indices().rev().take(characters).last().map_or(0, |(i, _)| i);
    text.get(from..).unwrap_or_default()
}

fn first(text: &str, characters: usize) -> &str {
    let to = text.char_indices().nth(characters).map_or(text.len(), |(i, _)| i);
    text.get(..to).unwrap_or_default()
}
