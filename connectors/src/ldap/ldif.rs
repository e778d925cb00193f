//! Entries as LDIF (RFC 2849): how they are kept, since the protocol has no file of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::entry::Entry;

/// What a file begins with.
pub(super) const HEAD: &str = "version: 1\n";

/// An entry, with a blank line before it.
pub(super) fn entry(entry: &Entry) -> String {
    let mut out = String::from("\n");
    line("dn", entry.dn.as_bytes(), &mut out);
    for (name, values) in &entry.attributes {
        for value in values {
            line(name, value, &mut out);
        }
    }
    out
}

/// A referral, as the comment that the format leaves room for.
pub(super) fn referral(addresses: &[String]) -> String {
    let mut out = String::from("\n");
    for address in addresses {
        line("# ref", address.as_bytes(), &mut out);
    }
    out
}

fn line(name: &str, value: &[u8], out: &mut String) {
    out.push_str(name);
    if let Some(text) = std::str::from_utf8(value).ok().filter(|text| is_safe(text)) {
        out.push_str(": ");
        out.push_str(text);
    } else {
        out.push_str(":: ");
        STANDARD.encode_string(value, out);
    }
    out.push('\n');
}

/// Whether a value may stand as it is: ASCII without line ends, and no sign first that means something.
fn is_safe(text: &str) -> bool {
    !text.starts_with([' ', ':', '<'])
        && !text.ends_with(' ')
        && text.bytes().all(|byte| byte.is_ascii() && !matches!(byte, 0 | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_encoded() {
        let values = ["SE1", " x", ":x", "x ", "å", "a\nb", ""].map(|text| text.as_bytes().to_vec()).to_vec();
        let text = entry(&Entry { dn: "c=SE".into(), attributes: vec![("a".into(), values)] });
        assert_eq!(text, "\ndn: c=SE\na: SE1\na:: IHg=\na:: Ong=\na:: eCA=\na:: w6U=\na:: YQpi\na: \n");
        assert_eq!(referral(&["ldap://x/o=y".into()]), "\n# ref: ldap://x/o=y\n");
    }
}
