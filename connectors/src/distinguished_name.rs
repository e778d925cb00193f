//! Distinguished names (RFC 4514), as far as a hierarchy needs them.

/// The name of the entry above: what follows after the first comma that is not escaped.
pub(crate) fn parent(dn: &str) -> Option<&str> {
    let mut escaped = false;
    for (at, sign) in dn.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => return dn.get(at + 1..).map(str::trim_start).filter(|rest| !rest.is_empty()),
            _ => {}
        }
    }
    None
}

/// A name by which two spellings of one entry are known: case, and blanks where they mean nothing,
/// are left out (as the matching rules of the attributes in directories' names do).
pub(crate) fn folded(dn: &str) -> String {
    let mut folded = String::with_capacity(dn.len());
    let mut blank = false;
    for sign in dn.trim().chars() {
        if sign.is_whitespace() {
            blank = true;
            continue;
        }
        let separates = matches!(sign, ',' | '=');
        if blank && !separates && !folded.ends_with([',', '=']) {
            folded.push(' ');
        }
        blank = false;
        folded.extend(sign.to_lowercase());
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_what_follows_the_first_comma() {
        assert_eq!(parent("ou=A,o=B,c=SE"), Some("o=B,c=SE"));
        assert_eq!(parent(r"ou=A\, B, o=C"), Some("o=C"));
        assert_eq!(parent(r"ou=A\\,o=C"), Some("o=C"));
        assert_eq!(parent("c=SE"), None);
        assert_eq!(parent("c=SE,"), None);
        assert_eq!(parent(""), None);
    }

    #[test]
    fn spellings_of_one_name_are_one() {
        assert_eq!(folded("OU=Nässjö  VC, o = Region\n  Exempel,c=SE"), "ou=nässjö vc,o=region exempel,c=se");
        assert_eq!(folded("ou=nässjö vc,o=region exempel,c=se"), "ou=nässjö vc,o=region exempel,c=se");
        assert_ne!(folded("ou=A B"), folded("ou=AB"));
    }

    proptest::proptest! {
        #[test]
        fn folding_is_done_at_once(dn in ".{0,40}") {
            let once = folded(&dn);
            proptest::prop_assert_eq!(folded(&once), once.clone());
            let _ = parent(&dn);
        }
    }
}
