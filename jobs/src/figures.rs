//! The metrics that there are, for those who write dashboards and rules: names, a page, a sample.

use std::fmt::Write as _;

use crate::watch::metrics::{ALL, Kind, Metrics};

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|about| about.name)
}

/// All of them as a text that Prometheus reads, each once, with labels that say nothing.
pub fn sample() -> String {
    Metrics::sample()
}

/// Their page (Markdown).
pub fn page() -> String {
    let mut page = String::from(
        "# Mätvärden\n\nVad `/metrics` visar, i Prometheus textform. Räknare och fördelningar räknar från att processen \
         startade; nivåerna är vad liggaren säger, lika i alla processer. Sidan skrivs av programmet.\n\n\
         | namn | slag | etiketter | betydelse |\n|---|---|---|---|\n",
    );
    for about in ALL {
        let kind = match about.kind {
            Kind::Counter => "räknare",
            Kind::Gauge => "nivå",
            Kind::Histogram => "fördelning",
        };
        let labels: Vec<String> = about.labels.iter().map(|label| format!("`{label}`")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{}` | {kind} | {} | {} |", about.name, labels.join(", "), about.help);
    }
    page
}
