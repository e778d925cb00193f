//! The common HSA-id, told in a few nanoseconds: what nearly every row holds. Everything else is
//! asked of [`crate::identifier::hsa_id`], which knows all forms.

use crate::identifier::hsa_id::HsaOptions;

/// `SE` and the ten digits.
const HEAD: usize = 12;

/// Whether `id` is an `SE` id in canonical form, which reading leaves as it is.
pub(super) fn is_canonical(id: &[u8], options: HsaOptions) -> bool {
    let Some((head, [b'-', suffix @ ..])) = id.split_at_checked(HEAD) else { return false };
    let [b'S', b'E', digits @ ..] = head else { return false };
    let length = usize::from(options.suffix.0)..=usize::from(options.suffix.1.min(18));
    // Told apart by class, so that each check is one pass without branches.
    let digits = digits.iter().fold(true, |all, b| all & b.is_ascii_digit());
    let suffix_fits = if options.fold_case {
        suffix.iter().fold(true, |all, b| all & (b.is_ascii_digit() | b.is_ascii_uppercase()))
    } else {
        suffix.iter().fold(true, |all, b| all & b.is_ascii_alphanumeric())
    };
    digits & suffix_fits & length.contains(&suffix.len())
}

/// Whether the organisation number in `id` is a legal person's with a right check digit: then the id
/// breaks no rule, whatever its suffix.
pub(super) fn is_legal_persons(id: &[u8]) -> bool {
    let Some(([b'S', b'E', digits @ ..], [b'-', ..])) = id.split_at_checked(HEAD) else { return false };
    let mut sum = 0;
    for (i, b) in digits.iter().enumerate() {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            return false;
        }
        let doubled = digit * 2;
        let odd = if doubled > 9 { doubled - 9 } else { doubled };
        sum += if i % 2 == 0 { odd } else { digit };
    }
    sum % 10 == 0 && digits.get(2).is_some_and(|third| *third >= b'2')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::identifier::hsa_id::{self, Class};
    use crate::reading::Reading;

    proptest! {
        #[test]
        fn agrees_with_the_full_reading(id in "(SE|Se|SE|IFV)(2321000016|[0-9]{9,11})[- ]?[A-Za-z0-9å]{0,19}", fold: bool, short in 1u8..6, more in 0u8..13) {
            let options = HsaOptions { fold_case: fold, suffix: (short, short + more), ..HsaOptions::default() };
            if is_canonical(id.as_bytes(), options) {
                prop_assert_eq!(hsa_id::read(&id, &options), Reading::Clean(Cow::Borrowed(id.as_str())));
            }
            if is_legal_persons(id.as_bytes()) && hsa_id::class(&id) != Class::NotHsaId {
                prop_assert_eq!(hsa_id::class(&id), Class::Real);
                prop_assert!(hsa_id::luhn_holds(&id) && !hsa_id::has_personal_number(&id));
            }
        }
    }

    #[test]
    fn the_common_id_is_common() {
        let national = HsaOptions::default();
        assert!(
            is_canonical(b"SE2321000131-E000000007303", national) && is_legal_persons(b"SE2321000131-E000000007303")
        );
        assert!(!is_canonical(b"SE2321000131-e1", HsaOptions { fold_case: true, ..national }));
        assert!(!is_legal_persons(b"SE0000000000-OPT001") && !is_legal_persons(b"SE2321000132-E1"));
    }
}
