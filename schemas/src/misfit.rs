//! A file that does not fit its declared shape: what is wrong with it, and never what value stands there.
//!
//! Parsers tell it in English words of their own, which are the only thing that they give: this is
//! the one place that reads them.

use crate::message::Message;
use crate::say;

/// What is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What is wrong.
    pub what: Message,
    /// The one next step, where there is one.
    pub hint: Option<Message>,
}

/// Turns a parser's words into a message that names the key and the nearest one that exists.
pub fn explain(words: &str) -> Misfit {
    let words = words.lines().next().unwrap_or_default();
    let quoted: Vec<&str> = words.split('`').skip(1).step_by(2).collect();
    let (first, others) = quoted.split_first().map_or(("", &[][..]), |(first, others)| (*first, others));
    let (what, hint) = if words.starts_with("unknown field") {
        (say!("det finns ingen inställning `{first}`", "there is no option `{first}`"), near(first, others))
    } else if words.starts_with("unknown variant") {
        (say!("inställningen har inget värde `{first}`", "the option has no value `{first}`"), near(first, others))
    } else if words.starts_with("missing field") {
        let what = say!("inställningen `{first}` saknas", "the option `{first}` is missing");
        (what, Some(say!("lägg till `{first} = …`", "add `{first} = …`")))
    } else if words.starts_with("duplicate") {
        (say!("en inställning står två gånger", "an option stands twice"), None)
    } else if words.starts_with("invalid type") || words.starts_with("invalid value") || words.contains("did not match")
    {
        // What was found may be a secret's value: only what was expected is told.
        let expected = words.rsplit_once("expected ").map(|(_, expected)| expected);
        let hint = match expected {
            Some(expected) => {
                let sv = in_swedish(expected);
                say!("skriv {sv}", "write {expected}")
            }
            None => say!("skriv den som dess beskrivning säger", "write it as its description tells"),
        };
        (say!("en inställnings värde är av fel slag", "an option's value is of the wrong kind"), Some(hint))
    } else {
        let what = say!("filen är inte giltig TOML: {words}", "the file is not valid TOML: {words}");
        (what, Some(say!("rätta raden i filen", "mend the line in the file")))
    };
    Misfit { what, hint }
}

fn near(wrong: &str, known: &[&str]) -> Option<Message> {
    match (crate::table::nearest(wrong, known.iter().copied()), known) {
        (Some(near), _) => Some(say!("menade ni `{near}`?", "did you mean `{near}`?")),
        (None, []) => None,
        (None, _) => Some(say!("det finns: {}", "there are: {}", known.join(", "))),
    }
}

/// The kinds of value that configuration is written in.
fn in_swedish(expected: &str) -> &str {
    match expected {
        "a string" => "text inom citattecken",
        "a boolean" => "true eller false",
        "a sequence" => "en lista: [ … ]",
        "a map" => "en tabell: { … }",
        "a borrowed string" => "text",
        other if other.starts_with("struct") || other.starts_with("a struct") => "en tabell: { … }",
        "usize" | "u8" | "u16" | "u32" | "u64" | "i64" => "ett heltal",
        "f64" => "ett tal med decimalpunkt",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Language;

    #[test]
    fn keys_are_named_and_values_are_not() {
        let told = explain("unknown field `delimter`, expected one of `delimiter`, `quote`");
        assert_eq!(told.what.told(Language::Swedish), "det finns ingen inställning `delimter`");
        assert_eq!(told.hint.as_deref(), Some("did you mean `delimiter`?"));
        let told = explain("unknown field `zzzz`, expected `delimiter` or `quote`");
        assert_eq!(told.hint.as_deref(), Some("there are: delimiter, quote"));
        let told = explain("invalid type: string \"hemlig\", expected a boolean");
        assert!(!format!("{told:?}").contains("hemlig"));
        assert_eq!(told.hint.unwrap_or_else(|| "".into()).told(Language::Swedish), "skriv true eller false");
        assert_eq!(explain("missing field `owner`").hint.as_deref(), Some("add `owner = …`"));
    }
}
