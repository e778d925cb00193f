//! Names as words that can be compared: folded, without legal forms, with the field's abbreviations
//! written out.

/// Words that tell nobody apart: legal forms and small words.
const DROPPED: [&str; 30] = [
    "ab",
    "hb",
    "kb",
    "aktiebolag",
    "aktiebolaget",
    "handelsbolag",
    "handelsbolaget",
    "kommanditbolag",
    "publ",
    "ek",
    "ekonomisk",
    "for",
    "forening",
    "foreningen",
    "ideell",
    "stiftelsen",
    "stiftelse",
    "filial",
    "i",
    "och",
    "o",
    "av",
    "den",
    "det",
    "pa",
    "vid",
    "med",
    "till",
    "the",
    "inom",
];

/// Endings of compounds, longest first, and the word that each is.
const ENDINGS: [(&str, &str); 32] = [
    ("barnmorskemottagningen", "barnmorskemottagning"),
    ("barnmorskemottagning", "barnmorskemottagning"),
    ("mottagningarna", "mottagning"),
    ("mottagningen", "mottagning"),
    ("mottagn", "mottagning"),
    ("avdelningen", "avdelning"),
    ("mottagning", "mottagning"),
    ("specialisterna", "specialist"),
    ("specialister", "specialist"),
    ("psykiatrin", "psykiatri"),
    ("psykiatri", "psykiatri"),
    ("avdelning", "avdelning"),
    ("kliniken", "klinik"),
    ("sjukhuset", "sjukhus"),
    ("sjukhus", "sjukhus"),
    ("centralen", "central"),
    ("central", "central"),
    ("klinik", "klinik"),
    ("mott", "mottagning"),
    ("klin", "klinik"),
    ("ortopedin", "ortopedi"),
    ("ortopedi", "ortopedi"),
    ("kirurgin", "kirurgi"),
    ("kirurgi", "kirurgi"),
    ("centrum", "center"),
    ("center", "center"),
    ("lakarna", "lakare"),
    ("rehab", "rehab"),
    ("huset", "hus"),
    ("varden", "vard"),
    ("vard", "vard"),
    ("hus", "hus"),
];

/// The words of a name, in their order.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut out = Vec::new();
    for word in folded.split_whitespace().filter(|word| !DROPPED.contains(word)) {
        expand(word, &mut out);
    }
    if out.is_empty() {
        // A name of nothing but such words is still a name.
        out.extend(folded.split_whitespace().map(str::to_owned));
    }
    out
}

/// The words of a name, where a word that nobody has may be a slip of one that says a kind of care or a form:
/// `Ortopdkliniken`, `Akiebolag`.
pub fn words_loosely(text: &str, known: impl Fn(&str) -> bool) -> Vec<String> {
    let folded = fold(text);
    let mut out = Vec::new();
    for word in folded.split_whitespace().filter(|word| !DROPPED.contains(word)) {
        let plain = out.len();
        expand(word, &mut out);
        let strange = out.get(plain..).unwrap_or_default().iter().any(|word| !known(word));
        if strange && word.len() >= SLIPPING {
            let mut loose = Vec::new();
            if meant(word, &mut loose) {
                out.truncate(plain);
                out.append(&mut loose);
            }
        }
    }
    if out.is_empty() { words(text) } else { out }
}

/// Shorter words are themselves.
const SLIPPING: usize = 7;

/// What a misspelt word means, where it ends as one that is known, or is one but for a slip.
fn meant(word: &str, out: &mut Vec<String>) -> bool {
    let near = |known: &str, word: &str| {
        known.len() >= SLIPPING && known.len().abs_diff(word.len()) <= 1 && strsim::osa_distance(known, word) <= 1
    };
    if FORMS.iter().any(|form| near(form, word)) {
        return true;
    }
    if let Some(kind) = KINDS.iter().find(|kind| near(kind, word)) {
        expand(kind, out);
        return true;
    }
    let stems = ["ortoped", "barnavards", "barnmorske", "psykiatri"];
    for stem in stems {
        for (ending, _) in ENDINGS.iter().filter(|(ending, _)| ending.len() >= 6) {
            let whole = format!("{stem}{ending}");
            if near(&whole, word) {
                expand(&whole, out);
                return true;
            }
        }
    }
    for (ending, _) in ENDINGS.iter().filter(|(ending, _)| ending.len() >= 6) {
        for length in [ending.len(), ending.len() + 1, ending.len() - 1] {
            let Some(at) = word.len().checked_sub(length).filter(|at| *at >= 3) else { continue };
            let (Some(stem), Some(end)) = (word.get(..at), word.get(at..)) else { continue };
            if strsim::osa_distance(end, ending) == 1 {
                expand(&format!("{stem}{ending}"), out);
                return true;
            }
        }
    }
    false
}

/// Legal forms that are long enough to be misspelt.
const FORMS: [&str; 4] = ["aktiebolag", "aktiebolaget", "handelsbolag", "kommanditbolag"];
/// Kinds of care that are a word of their own.
const KINDS: [&str; 7] = [
    "vardcentralen",
    "vardcentral",
    "barnavardscentralen",
    "barnavardscentral",
    "halsocentralen",
    "halsocentral",
    "folktandvarden",
];

/// Lower case without accents; what joins or parts words is a blank, what stands inside them is nothing.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'å' | 'ä' | 'à' | 'á' | 'â' | 'ã' | 'æ' => out.push('a'),
            'ö' | 'ø' | 'ó' | 'ò' | 'ô' => out.push('o'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'ü' | 'ú' | 'ù' => out.push('u'),
            'í' | 'ì' | 'ï' => out.push('i'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            // S:t, d’Or; and what is left of letters that were taken apart.
            ':' | '\'' | '\u{2019}' | '\u{b4}' | '`' | '\u{300}'..='\u{36f}' => {}
            c if c.is_alphanumeric() => out.push(c),
            _ => out.push(' '),
        }
    }
    out
}

fn expand(word: &str, out: &mut Vec<String>) {
    if let Some(whole) = whole(word) {
        out.extend(whole.split(' ').map(str::to_owned));
        return;
    }
    for (ending, meant) in ENDINGS {
        let stem = word.strip_suffix(ending);
        if let Some(stem) = stem.filter(|stem| stem.len() >= 3) {
            // What is said of a kind of care says the same within a compound.
            match self::whole(stem) {
                Some(stem) => out.extend(stem.split(' ').map(str::to_owned)),
                None => out.push(stem.to_owned()),
            }
            out.push(meant.to_owned());
            return;
        }
        if word == ending {
            out.push(meant.to_owned());
            return;
        }
    }
    // The genitive: Exempelköpings and Exempelköping.
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 5 && !stem.ends_with('s') => out.push(stem.to_owned()),
        _ => out.push(word.to_owned()),
    }
}

/// A word or abbreviation that means another, or several.
fn whole(word: &str) -> Option<&'static str> {
    Some(match word {
        "vc" | "vardc" | "vardcentral" | "vardcentralen" | "vardcentraler" | "hc" | "halsocentral"
        | "halsocentralen" | "vcl" => "vardcentral",
        "bvc" | "barnavardscentral" | "barnavardscentralen" => "barnavardscentral",
        "mvc" | "modravardscentral" | "modravardscentralen" => "barnmorskemottagning",
        "mott" | "mottagn" | "mottag" => "mottagning",
        "klin" => "klinik",
        "sjh" | "sjukh" => "sjukhus",
        "lasarettet" => "lasarett",
        "avd" => "avdelning",
        "univ" | "universitet" => "universitets",
        "rehabilitering" | "rehabiliteringen" => "rehab",
        "psyk" | "psykiatrisk" | "psykiatriska" => "psykiatri",
        "bup" => "barn ungdom psykiatri",
        "ort" | "ortoped" | "ortopeden" | "ortopedisk" | "ortopediska" => "ortopedi",
        "kir" | "kirurgen" | "kirurg" | "kirurgisk" | "kirurgiska" => "kirurgi",
        "medicinen" | "medicinsk" | "medicinska" => "medicin",
        "gyn" | "gynekologen" | "gynekolog" | "gynekologisk" | "gynekologiska" => "gynekologi",
        "ogonen" => "ogon",
        "onh" => "oron nasa hals",
        "hud" | "hudlakare" | "hudlakarna" => "hud",
        "ftv" | "folktandvarden" | "folktandvard" => "folktandvard",
        "spec" | "specialist" => "specialist",
        "lak" | "lakare" => "lakare",
        "norra" | "n" => "norr",
        "sodra" | "s" => "soder",
        "ostra" => "oster",
        "vastra" | "v" => "vaster",
        "st" | "sankta" => "sankt",
        "sthlm" => "stockholm",
        "gbg" => "goteborg",
        "sv" | "sverige" => "sverige",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_in_other_clothes_has_the_same_words() {
        for (one, other) in [
            ("Vårdcentralen Exempelbacken", "VC Exempelbacken"),
            ("Exempelögon Norra AB", "Exempelögon Norr aktiebolag (publ)"),
            ("Ögonmottagningen Exempelköping", "Ögonmott. Exempelköpings"),
            ("Ortopedkliniken, Exempelsjukhuset", "Ortopediska kliniken Exempelsjukhus"),
            ("S:t Provens sjukhus", "Sankt Provens sjukhuset"),
            ("Exempelko\u{308}pings BVC", "Exempelköping barnavårdscentral"),
        ] {
            let sorted = |name| {
                let mut words = words(name);
                words.sort();
                words
            };
            assert_eq!(sorted(one), sorted(other), "{one} and {other}");
        }
        let strange = |text| words_loosely(text, |word| word == "prov");
        assert_eq!(strange("Prov Akiebolag"), ["prov"]);
        assert_eq!(strange("Vårdentralen Prov"), ["vardcentral", "prov"]);
        assert_eq!(strange("Ortopdkliniken Prov"), words("Ortopedkliniken Prov"));
        assert_eq!(strange("Provmottagnngen"), words("Provmottagningen"));
        assert_eq!(words("AB"), ["ab"]);
        assert!(words("  ").is_empty());
    }
}
