//! Which of the files in a folder have arrived, and in what order they are read.

use std::collections::{BTreeMap, BTreeSet};

use super::folder::Listed;
use super::options::Order;

/// Endings that programs give a file while they write it.
const PARTIAL: [&str; 9] =
    [".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".writing", ".swp"];

/// How much older than its file a marker may be: file systems round times, the coarsest to two seconds.
const MARKER_SLACK: u64 = 2_000_000_000;

/// Whether the name is one that programs give a file while they write it.
pub(super) fn is_partial(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with('~') || PARTIAL.iter().any(|ending| name.ends_with(ending))
}

/// The files whose sender has said that they are whole. A marker that is older than its file was written
/// for an earlier one of the name.
pub(super) fn marked(listing: &[Listed], marker: &str) -> Vec<Listed> {
    let markers: BTreeMap<&str, u64> =
        listing.iter().filter_map(|file| Some((file.name.strip_suffix(marker)?, file.modified))).collect();
    let is_marked = |file: &&Listed| {
        let told =
            |name: &str| markers.get(name).is_some_and(|written| written.saturating_add(MARKER_SLACK) >= file.modified);
        !file.name.ends_with(marker) && (told(&file.name) || told(stem(&file.name)))
    };
    listing.iter().filter(is_marked).cloned().collect()
}

/// Whether the marker called `own` belongs to the file called `name`.
pub(super) fn belongs(own: &str, marker: &str, name: &str) -> bool {
    own.strip_suffix(marker).is_some_and(|of| of == name || of == stem(name))
}

/// The files that look the same twice.
pub(super) fn settled(first: &[Listed], second: &[Listed]) -> Vec<Listed> {
    let before: BTreeSet<&Listed> = first.iter().collect();
    second.iter().filter(|file| before.contains(file)).cloned().collect()
}

/// Puts files into the order in which they are read.
pub(super) fn sort(files: &mut [Listed], order: Order) {
    match order {
        Order::Name => files.sort_by(|a, b| a.name.cmp(&b.name)),
        Order::Time => files.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name))),
    }
}

/// A path without its last ending.
fn stem(name: &str) -> &str {
    let file = name.rfind('/').map_or(0, |slash| slash + 1);
    match name.rfind('.') {
        Some(dot) if dot > file => name.split_at(dot).0,
        _ => name,
    }
}

/// Names for a file that moves to `folder`: its own, then with a part of what tells its content, then
/// with numbers after it.
pub(super) fn targets(name: &str, folder: &str, content: &str) -> impl Iterator<Item = String> {
    let (stem, folder) = (stem(name).to_owned(), folder.to_owned());
    let ending = name.strip_prefix(stem.as_str()).unwrap_or_default().to_owned();
    let (name, content) = (name.to_owned(), content.to_owned());
    (0..100).map(move |nth| match nth {
        0 => format!("{folder}/{name}"),
        1 => format!("{folder}/{stem}.{content}{ending}"),
        nth => format!("{folder}/{stem}.{content}-{nth}{ending}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64, seconds: u64) -> Listed {
        Listed { name: name.into(), size, modified: seconds * 1_000_000_000 }
    }

    fn names(files: &[Listed]) -> Vec<&str> {
        files.iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn files_under_way_are_known_by_their_names() {
        for name in ["a.csv.part", "A.TMP", "a.filepart", "a.csv~", "b/c.crdownload"] {
            assert!(is_partial(name), "{name}");
        }
        assert!(!is_partial("part.csv") && !is_partial("a.csv"));
    }

    #[test]
    fn a_file_is_whole_when_two_looks_agree() {
        let first = [file("a", 1, 1), file("b", 1, 1), file("c", 1, 1)];
        let second = [file("a", 1, 1), file("b", 2, 1), file("c", 1, 2), file("e", 1, 1)];
        assert_eq!(names(&settled(&first, &second)), ["a"]);
    }

    #[test]
    fn a_marker_counts_unless_it_is_older_than_its_file() {
        let listing = [
            file("a.csv", 1, 10),
            file("a.csv.klar", 0, 10),
            file("b.csv", 1, 10),
            file("b.klar", 0, 11),
            file("c.csv", 1, 10),
            file("d.csv", 1, 100),
            file("d.csv.klar", 0, 90),
            file("x/e.csv", 1, 5),
            file("x/e.klar", 0, 4),
        ];
        assert_eq!(names(&marked(&listing, ".klar")), ["a.csv", "b.csv", "x/e.csv"]);
        assert!(belongs("b.klar", ".klar", "b.csv") && belongs("x/e.csv.klar", ".klar", "x/e.csv"));
        assert!(!belongs("b.csv", ".klar", "b.csv") && !belongs("b.klar", ".klar", "x/b.csv"));
    }

    #[test]
    fn order_and_names_of_files_that_move() {
        let mut files = [file("b", 1, 1), file("a", 1, 2), file("c", 1, 1)];
        sort(&mut files, Order::Time);
        assert_eq!(names(&files), ["b", "c", "a"]);
        sort(&mut files, Order::Name);
        assert_eq!(names(&files), ["a", "b", "c"]);
        let targets: Vec<_> = targets("x.y/avtal.csv", "klart", "1a2b").take(3).collect();
        assert_eq!(targets, ["klart/x.y/avtal.csv", "klart/x.y/avtal.1a2b.csv", "klart/x.y/avtal.1a2b-2.csv"]);
        assert_eq!(super::targets("x.y/avtal", "klart", "1a").nth(1).as_deref(), Some("klart/x.y/avtal.1a"));
    }
}
