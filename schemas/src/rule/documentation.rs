//! A rule's own first comment as its reference page: cut out of its source when the crate is built.

const MARK: &[u8] = b"//!";

/// Length of the page in `source`: its leading `//!` lines without the marks.
pub(super) const fn length(source: &str) -> usize {
    let bytes = source.as_bytes();
    let (mut at, mut length) = (0, 0);
    while marked(bytes, at) {
        at = text_start(bytes, at);
        while at < bytes.len() && bytes[at] != b'\n' {
            at += 1;
            length += 1;
        }
        at += 1;
        length += 1;
    }
    length
}

/// The page's bytes; `N` is its [`length`].
pub(super) const fn page<const N: usize>(source: &str) -> [u8; N] {
    let bytes = source.as_bytes();
    let mut page = [b'\n'; N];
    let (mut at, mut length) = (0, 0);
    while marked(bytes, at) {
        at = text_start(bytes, at);
        while at < bytes.len() && bytes[at] != b'\n' {
            page[length] = bytes[at];
            at += 1;
            length += 1;
        }
        at += 1;
        length += 1;
    }
    page
}

const fn marked(bytes: &[u8], at: usize) -> bool {
    at + MARK.len() <= bytes.len() && bytes[at] == MARK[0] && bytes[at + 1] == MARK[1] && bytes[at + 2] == MARK[2]
}

const fn text_start(bytes: &[u8], at: usize) -> usize {
    let after = at + MARK.len();
    if after < bytes.len() && bytes[after] == b' ' { after + 1 } else { after }
}

/// The documentation of the file that this stands in, as Markdown.
macro_rules! documentation {
    ($file:literal) => {{
        const SOURCE: &str = include_str!($file);
        const PAGE: [u8; $crate::rule::documentation::length(SOURCE)] = $crate::rule::documentation::page(SOURCE);
        const TEXT: &str = match std::str::from_utf8(&PAGE) {
            Ok(text) => text,
            Err(_) => "",
        };
        TEXT
    }};
}
pub(super) use documentation;
