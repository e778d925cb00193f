//! Lines that fit a terminal: aligned columns and wrapped sentences.

use super::number::NO_BREAK;

/// Characters on a line at most.
pub(super) const WIDTH: usize = 100;

/// Aligned columns: the first to the left, the others, which are figures, to the right. A first
/// column that is too wide loses its middle, since a path's end tells more than its start.
pub(super) fn columns(out: &mut String, rows: &[Vec<String>]) {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let figures: Vec<usize> = (1..count).map(width).collect();
    let taken: usize = figures.iter().map(|w| w + 2).sum();
    let first = width(0).min(WIDTH.saturating_sub(taken)).max(8);
    for row in rows {
        let mut cells = row.iter();
        let mut line = pad_right(&shorten(cells.next().map_or("", String::as_str), first), first);
        for (cell, width) in cells.zip(&figures) {
            line.push_str("  ");
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            line.push_str(cell);
        }
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
    }
}

/// A text with its middle replaced by `…` where it is longer than `width` characters.
pub(super) fn shorten(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let tail = width.saturating_sub(1) * 2 / 3;
    let head = width.saturating_sub(1) - tail;
    text.chars().take(head).chain(['…']).chain(text.chars().skip(length - tail)).collect()
}

fn pad_right(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    text.chars().chain(std::iter::repeat_n(' ', missing)).collect()
}

/// A paragraph: `first` begins its first line, blanks of the same width the others. A word that is
/// longer than a line is broken.
pub(super) fn paragraph(out: &mut String, first: &str, text: &str) {
    let indent = first.chars().count();
    let room = WIDTH.saturating_sub(indent).max(20);
    let mut line = String::new();
    let mut length = 0;
    let mut prefix = first.to_owned();
    let mut end = |line: &mut String| {
        out.push_str(prefix.trim_end_matches(if line.is_empty() { ' ' } else { '\0' }));
        out.push_str(line);
        out.push('\n');
        line.clear();
        prefix = " ".repeat(indent);
    };
    // A no-break space keeps what it joins together.
    for word in text.split(|c: char| c.is_whitespace() && c != NO_BREAK).filter(|w| !w.is_empty()) {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > room {
            end(&mut line);
            length = 0;
        }
        while word.len() > room {
            let rest = word.split_off(room);
            line.extend(word);
            end(&mut line);
            word = rest;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        length += word.len();
        line.extend(word);
    }
    end(&mut line);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paragraphs_hang_and_keep_figures_together() {
        let mut out = String::new();
        paragraph(&mut out, "- ", &format!("{} 1\u{a0}234 rader", "ord ".repeat(24)));
        let lines: Vec<_> = out.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("- ord") && lines[1] == "  1\u{a0}234 rader");
    }

    proptest! {
        #[test]
        fn every_line_fits(text in "\\PC{0,400}", first in "[a-z]{0,10} ", cells in proptest::collection::vec("\\PC{0,150}", 1..4)) {
            let mut out = String::new();
            paragraph(&mut out, &first, &text);
            columns(&mut out, &[cells.iter().take(1).cloned().chain(["12 345".to_owned()]).collect()]);
            for line in out.lines() {
                prop_assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
    }
}
