//! A message in the two languages that Sluss speaks, side by side where it is made.
//!
//! Swedish is for the one who sits before the screen; English is what logs and `Display` give.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use crate::rule::Language;

/// One message, in Swedish and in English. Behind a pointer: errors that carry a few stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(Box<Texts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Texts {
    sv: Cow<'static, str>,
    en: Cow<'static, str>,
}

impl Message {
    /// The message in both languages. [`say!`](crate::say) is shorter.
    pub fn new(sv: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Texts { sv: sv.into(), en: en.into() }))
    }

    /// The message in that language.
    pub fn told(&self, language: Language) -> &str {
        match language {
            Language::Swedish => &self.0.sv,
            Language::English => &self.0.en,
        }
    }

    /// `head: self`, in both languages.
    #[must_use]
    pub fn after(self, head: &Self) -> Self {
        Self::new(format!("{}: {}", head.0.sv, self.0.sv), format!("{}: {}", head.0.en, self.0.en))
    }

    /// `self` and `tail` at once, in both languages.
    #[must_use]
    pub fn then(self, tail: &Self) -> Self {
        Self::join([&self, tail], "")
    }

    /// The messages in a row, with `between` them.
    pub fn join<'a>(all: impl IntoIterator<Item = &'a Self>, between: &str) -> Self {
        let (sv, en): (Vec<_>, Vec<_>) = all.into_iter().map(|one| (&*one.0.sv, &*one.0.en)).unzip();
        Self::new(sv.join(between), en.join(between))
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

/// As a string a message is its English.
impl Deref for Message {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.en
    }
}

impl PartialEq<&str> for Message {
    fn eq(&self, english: &&str) -> bool {
        &self.0.en == english
    }
}

/// A text that is the same in both languages: a name, or what another program has said.
impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::new(text.clone(), text)
    }
}

/// A text that is the same in both languages.
impl From<&str> for Message {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A text that is the same in both languages.
impl From<&String> for Message {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

/// A [`Message`]: the Swedish text, the English text, and what both of them put in.
///
/// ```
/// # use sluss_schemas::say;
/// let rows = 3;
/// let message = say!("{rows} rader saknas", "{rows} rows are missing");
/// assert_eq!(message.to_string(), "3 rows are missing");
/// ```
#[macro_export]
macro_rules! say {
    ($sv:literal, $en:literal $(, $($given:tt)*)?) => {
        $crate::message::Message::new(
            ::std::format!($sv $(, $($given)*)?),
            ::std::format!($en $(, $($given)*)?),
        )
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_both_its_languages() {
        let name = "avtal";
        let message = say!("{name} saknar {} rader", "{name} lacks {} rows", 3);
        assert_eq!(message.told(Language::Swedish), "avtal saknar 3 rader");
        assert_eq!(message.told(Language::English), "avtal lacks 3 rows");
        assert_eq!(message.to_string(), "avtal lacks 3 rows");
        let both = say!("filen", "the file").after(&say!("fel", "wrong"));
        assert_eq!((both.told(Language::Swedish), &*both), ("fel: filen", "wrong: the file"));
        let row = Message::join([&say!("ett", "one"), &say!("två", "two")], ", ");
        assert_eq!((row.told(Language::Swedish), &*row), ("ett, två", "one, two"));
    }
}
