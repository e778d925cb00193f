//! "Did you mean": the known name that is nearest to one that is not known.

/// The candidate most like `wanted`, where one is like enough.
pub(crate) fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    candidates
        .map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_is_found_and_far_is_not() {
        let known = ["delimiter", "quote", "header"];
        assert_eq!(nearest("delimter", known.into_iter()), Some("delimiter"));
        assert_eq!(nearest("Header", known.into_iter()), Some("header"));
        assert_eq!(nearest("zzz", known.into_iter()), None);
    }
}
