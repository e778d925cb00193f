//! Looking for secrets in whatever a program leaves behind, in every form that they may have taken.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use regex::bytes::{Regex, RegexBuilder};

/// Secrets, and what each looks like where something has passed it on.
pub(super) struct Search {
    /// Of every form of every secret.
    any: Regex,
    /// Form, and whose it is and which.
    forms: BTreeMap<Vec<u8>, String>,
}

impl Search {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut forms = BTreeMap::new();
        for (name, value) in secrets {
            assert!(value.len() >= 12, "{name} is too short to tell from chance");
            for (form, bytes) in forms_of(value) {
                forms.entry(bytes).or_insert_with(|| format!("{name} ({form})"));
            }
        }
        let pattern = |form: &Vec<u8>| form.iter().fold(String::new(), |out, byte| out + &format!("\\x{byte:02x}"));
        let any = forms.keys().map(pattern).collect::<Vec<_>>().join("|");
        let any = RegexBuilder::new(&any).unicode(false).size_limit(1 << 28).build().unwrap();
        Self { any, forms }
    }

    /// Which secrets stand in `text`, and in which forms.
    pub(super) fn found_in(&self, text: &[u8]) -> BTreeSet<&str> {
        self.any.find_iter(text).map(|found| self.forms[found.as_bytes()].as_str()).collect()
    }
}

fn forms_of(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = value.as_bytes();
    let mut forms = vec![
        ("as it is", bytes.to_vec()),
        ("percent", percent(bytes, false).into_bytes()),
        ("percent, lower case", percent(bytes, false).to_lowercase().into_bytes()),
        ("form", percent(bytes, true).into_bytes()),
        ("hexadecimal", hex(bytes).into_bytes()),
        ("hexadecimal, upper case", hex(bytes).to_uppercase().into_bytes()),
        ("JSON", serde_json::to_string(value).unwrap().trim_matches('"').as_bytes().to_vec()),
        ("Debug", format!("{value:?}").trim_matches('"').as_bytes().to_vec()),
        ("XML", value.replace('&', "&amp;").into_bytes()),
        ("UTF-16", value.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    // Within other bytes (`user:secret`) it can begin at any of three places.
    for shift in 0..3 {
        forms.push(("base64", base64(bytes, shift, STANDARD)));
        forms.push(("base64 of addresses", base64(bytes, shift, URL_SAFE)));
    }
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn percent(bytes: &[u8], plus: bool) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(*byte)),
            b' ' if plus => out.push('+'),
            _ => write!(out, "%{byte:02X}").unwrap(),
        }
        out
    })
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The characters of base64 that hang on `bytes` alone, where `shift` others came before.
fn base64(bytes: &[u8], shift: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let bit = |at: usize| -> usize {
        let byte = bytes[at / 8 - shift];
        usize::from(byte >> (7 - at % 8) & 1)
    };
    let (first, last) = ((shift * 8).div_ceil(6), (shift + bytes.len()) * 8 / 6);
    (first..last).map(|at| alphabet[(at * 6..at * 6 + 6).fold(0, |value, at| value << 1 | bit(at))]).collect()
}

/// What has been looked through, and what of it holds a secret.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) looked: usize,
    pub(super) found: Vec<String>,
}

impl Findings {
    /// Looks through a text.
    pub(super) fn look(&mut self, search: &Search, place: &str, text: &[u8]) {
        self.looked += 1;
        self.found.extend(search.found_in(text).into_iter().map(|secret| format!("{secret} in {place}")));
    }

    /// Looks through every file below a folder, and at its name.
    pub(super) fn look_through(&mut self, search: &Search, folder: &Path) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            let place = path.display().to_string();
            self.look(search, &format!("the name of {place}"), place.as_bytes());
            if path.is_dir() {
                self.look_through(search, &path);
            } else {
                self.look(search, &place, &std::fs::read(&path).unwrap());
            }
        }
    }
}

#[test]
fn a_secret_is_found_in_every_form() {
    let search = Search::new([("a", "Kanarie+få/gel&\"1")]);
    let forms = [
        "xxKanarie+få/gel&\"1yy",
        "p=Kanarie%2Bf%C3%A5%2Fgel%26%221&",
        "p=kanarie%2bf%c3%a5%2fgel%26%221&",
        "4b616e617269652b66c3a52f67656c262231",
        "4B616E617269652B66C3A52F67656C262231",
        r#"{"a":"Kanarie+få/gel&\"1"}"#,
        "<a>Kanarie+få/gel&amp;\"1</a>",
        // `printf 'user:…' | base64` and with one and two bytes more before it.
        "dXNlcjpLYW5hcmllK2bDpS9nZWwmIjE=",
        "eHVzZXI6S2FuYXJpZStmw6UvZ2VsJiIx",
        "eHh1c2VyOkthbmFyaWUrZsOlL2dlbCYiMQ==",
    ];
    for form in forms {
        assert!(!search.found_in(form.as_bytes()).is_empty(), "{form}");
    }
    for other in ["Kanarie", "Kanarie+få/gel&'1", "", "dXNlcjpLYW5hcmll"] {
        assert!(search.found_in(other.as_bytes()).is_empty(), "{other}");
    }
}
