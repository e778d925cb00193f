//! Who runs the program, as the system knows it: what the audit log says of acts from the command line.

use std::os::unix::fs::MetadataExt;

/// `login (number)` of the process's user; the number alone where the system has no name for it. What the
/// environment says decides nothing: anybody can set that.
pub(crate) fn runs_this() -> String {
    let Ok(process) = std::fs::metadata("/proc/self") else { return "sluss".to_owned() };
    let number = process.uid();
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    });
    match name {
        Some(name) => format!("{name} ({number})"),
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn somebody_runs_the_tests() {
        let who = super::runs_this();
        assert!(who.contains(|c: char| c.is_ascii_digit()), "{who}");
    }
}
