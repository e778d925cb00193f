//! How much two names agree: the share of their words that do, the rare ones counting most.

/// A word of a name, as it is compared.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// The word.
    pub text: &'a str,
    /// How much it tells: the rarer, the more.
    pub weight: f64,
    /// It names a place where the other is: it says nothing against the name when the other lacks it.
    pub place: bool,
}

/// How much two names agree.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    /// From 0, no word in common, to 1, the same words.
    pub share: f64,
    /// How much the words in common tell.
    pub told: f64,
}

/// How much two words are the same: 1, or less for one that may be a slip of the other, or 0.
pub fn slip(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    // A number is itself or another.
    if short.len() < 4 || short.bytes().chain(long.bytes()).any(|byte| byte.is_ascii_digit()) {
        return 0.0;
    }
    // Cut off, as columns of old systems do.
    if long.starts_with(short) && short.len() >= 5 && long.len() > short.len() + 1 {
        return 0.85;
    }
    if long.len() - short.len() > 2 || (letters(a) ^ letters(b)).count_ones() > 4 {
        return 0.0;
    }
    let allowed = if short.len() >= 8 { 2 } else { 1 };
    match strsim::osa_distance(a, b) {
        1 if allowed >= 1 => 0.92,
        2 if allowed >= 2 => 0.84,
        _ => 0.0,
    }
}

/// Which letters a word has.
fn letters(word: &str) -> u32 {
    word.bytes().filter(u8::is_ascii_lowercase).fold(0, |all, byte| all | 1 << (byte - b'a'))
}

/// How much two names agree. The same whichever is named first.
pub fn likeness(a: &[Word<'_>], b: &[Word<'_>]) -> Likeness {
    let mut pairs: Vec<(f64, f64, usize, usize)> = Vec::new();
    for (i, one) in a.iter().enumerate() {
        for (j, other) in b.iter().enumerate() {
            let same = slip(one.text, other.text);
            if same > 0.0 {
                // A misspelt word is rare in itself: what it tells is what the word that is meant does.
                pairs.push((same, one.weight.min(other.weight), i, j));
            }
        }
    }
    let name = |i: usize, j: usize| {
        let (one, other) = (a.get(i).map_or("", |w| w.text), b.get(j).map_or("", |w| w.text));
        if one <= other { (one, other) } else { (other, one) }
    };
    pairs.sort_by(|x, y| {
        let worth = (y.0 * y.1).total_cmp(&(x.0 * x.1));
        worth.then_with(|| y.0.total_cmp(&x.0)).then_with(|| name(x.2, x.3).cmp(&name(y.2, y.3)))
    });
    let (mut left, mut right) = (vec![false; a.len()], vec![false; b.len()]);
    let (mut common, mut told, mut all) = (0.0, 0.0, 0.0);
    for (same, weight, i, j) in pairs {
        let (Some(one), Some(other)) = (left.get_mut(i), right.get_mut(j)) else { continue };
        if *one || *other {
            continue;
        }
        (*one, *other) = (true, true);
        common += 2.0 * same * weight;
        told += same * weight;
        all += 2.0 * weight;
    }
    let alone = |words: &[Word<'_>], paired: &[bool]| -> f64 {
        let rest = words.iter().zip(paired).filter(|(word, paired)| !**paired && !word.place);
        rest.map(|(word, _)| word.weight).sum()
    };
    // Added in an order of its own, so that no rounding depends on which name stands first.
    let (one, other) = (alone(a, &left), alone(b, &right));
    all += one.min(other);
    all += one.max(other);
    let joined = |words: &[Word<'_>]| words.iter().map(|word| word.text).collect::<String>();
    let mut share = if all > 0.0 { common / all } else { 0.0 };
    if share < 0.97 && a.len() != b.len() && joined(a) == joined(b) {
        // Written apart in one place and together in the other.
        let weight = |words: &[Word<'_>]| words.iter().map(|word| word.weight).fold(0.0, f64::max);
        share = 0.97;
        told = told.max(weight(a).min(weight(b)));
    }
    Likeness { share, told }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name<'a>(words: &'a [(String, u8)]) -> Vec<Word<'a>> {
        let word = |(text, weight): &'a (String, u8)| Word {
            text,
            weight: 1.0 + f64::from(*weight % 8),
            place: weight % 5 == 0,
        };
        words.iter().map(word).collect()
    }

    fn plain(text: &str) -> Vec<Word<'_>> {
        text.split(' ').map(|text| Word { text, weight: 2.0, place: false }).collect()
    }

    #[test]
    fn a_slip_is_a_slip_and_another_number_another_place() {
        assert!(slip("exempelbacken", "exempelbakcen") > 0.9);
        assert!(slip("exempelbacken", "exempelbaken") > 0.9);
        assert!(slip("exempelortopedi", "exempelorto") > 0.8);
        for (one, other) in [("norr", "soder"), ("avd2", "avd3"), ("12", "13"), ("oster", "vaster"), ("ana", "anna")] {
            assert!(slip(one, other) < 0.01, "{one} {other}");
        }
        assert!(likeness(&plain("exempel ogon"), &plain("exempelogon")).share > 0.9);
        assert!(likeness(&plain("exempelogon norr"), &plain("exempelogon soder")).share < 0.6);
    }

    proptest! {
        #[test]
        fn it_is_the_same_whichever_name_stands_first(
            a in prop::collection::vec(("[a-e]{3,9}", any::<u8>()), 0..5),
            b in prop::collection::vec(("[a-e]{3,9}", any::<u8>()), 0..5),
        ) {
            // One word has one weight, wherever it stands.
            let weight = |words: &[(String, u8)]| -> Vec<(String, u8)> {
                words.iter().map(|(w, p)| (w.clone(), u8::try_from(w.len() * 7 % 5).unwrap() * 5 + p % 5)).collect()
            };
            let (a, b) = (weight(&a), weight(&b));
            let (one, other) = (likeness(&name(&a), &name(&b)), likeness(&name(&b), &name(&a)));
            prop_assert!((one.share - other.share).abs() < 1e-9, "{one:?} {other:?}");
            prop_assert!((one.told - other.told).abs() < 1e-9);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&one.share));
            let same = likeness(&name(&a), &name(&a));
            prop_assert!(a.is_empty() || (same.share - 1.0).abs() < 1e-9);
        }
    }
}
