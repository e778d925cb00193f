//! An entry out of the protocol's elements, without trust in how they nest.

use ldap3::asn1::{PL, StructureTag};

/// An entry: its name, and its attributes in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Distinguished name.
    pub(super) dn: String,
    /// Attributes and their values as bytes.
    pub(super) attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Entry {
    /// Reads a `SearchResultEntry` (RFC 4511, section 4.5.2); none where it is not one.
    pub(super) fn parse(tag: StructureTag) -> Option<Self> {
        let mut parts = constructed(tag)?.into_iter();
        let dn = text(parts.next()?)?;
        let mut attributes = Vec::new();
        for attribute in constructed(parts.next()?)? {
            let mut parts = constructed(attribute)?.into_iter();
            let name = text(parts.next()?)?;
            let values = constructed(parts.next()?)?.into_iter().map(primitive).collect::<Option<_>>()?;
            attributes.push((name, values));
        }
        Some(Self { dn, attributes })
    }

    /// The values of an attribute; names differ not by case.
    pub(super) fn values(&self, name: &str) -> &[Vec<u8>] {
        let found = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or(&[], |(_, values)| values)
    }
}

/// The addresses of a `SearchResultReference`.
pub(super) fn referral(tag: StructureTag) -> Vec<String> {
    constructed(tag).into_iter().flatten().filter_map(text).collect()
}

/// The cookie of a paged answer's control (RFC 2696); none where the control is not well-formed.
pub(super) fn cookie(control: &[u8]) -> Option<Vec<u8>> {
    let (_, tag) = ldap3::asn1::parse_tag(control).ok()?;
    primitive(constructed(tag)?.into_iter().nth(1)?)
}

fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(parts) => Some(parts),
        PL::P(_) => None,
    }
}

fn primitive(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

fn text(tag: StructureTag) -> Option<String> {
    String::from_utf8(primitive(tag)?).ok()
}

#[cfg(test)]
mod tests {
    use ldap3::asn1::TagClass;

    use super::*;

    fn leaf(text: &str) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 4, payload: PL::P(text.as_bytes().to_vec()) }
    }

    fn node(parts: Vec<StructureTag>) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 16, payload: PL::C(parts) }
    }

    #[test]
    fn an_entry_is_read_and_anything_else_is_not() {
        let entry = node(vec![leaf("c=SE"), node(vec![node(vec![leaf("c"), node(vec![leaf("SE")])])])]);
        let entry = Entry::parse(entry).unwrap();
        assert_eq!((entry.dn.as_str(), entry.values("C")), ("c=SE", &[b"SE".to_vec()][..]));
        assert!(entry.values("o").is_empty());
        for wrong in [
            leaf("c=SE"),
            node(vec![]),
            node(vec![leaf("c=SE")]),
            node(vec![leaf("c=SE"), leaf("c")]),
            node(vec![leaf("c=SE"), node(vec![leaf("c")])]),
            node(vec![leaf("c=SE"), node(vec![node(vec![leaf("c"), node(vec![node(vec![])])])])]),
            node(vec![node(vec![]), node(vec![])]),
        ] {
            assert_eq!(Entry::parse(wrong), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_control_is_read_without_a_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let _ = cookie(&bytes);
        }
    }

    #[test]
    fn a_cookie_is_found() {
        assert_eq!(cookie(&[0x30, 0x07, 2, 1, 0, 4, 2, 7, 8]), Some(vec![7, 8]));
        assert_eq!(cookie(&[0x30, 0x05, 2, 1, 0, 4, 0]), Some(vec![]));
        assert_eq!(cookie(b"x"), None);
    }
}
