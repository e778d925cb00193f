//! What a publication writes: slices are closed once, and added.

use sluss_schemas::table::ddl::quoted;
use sluss_schemas::table::{VALID_FROM, VALID_TO};

use super::Publish;
use super::words::{from_hi, from_lo};
use crate::register::layout::{CONTENT, KEY};

/// Own columns of an inserted slice, in the order of [`DELIVERED`].
const OWN: &str = "_nyckel, _innehall, _agare, _aktuell, _version, _mappning, _korning, _rad, reg_fran, _seq_fran";
/// Their values for a row as it was delivered.
const DELIVERED: &str = "s._nyckel, s._innehall, $1, TRUE, $7, $6, $5, s._rad, $3, $4";

impl Publish<'_> {
    /// Inserts the slices of keys of which nothing is believed.
    pub(crate) fn insert_new(&self) -> String {
        let layout = self.layout;
        let mut names = vec![];
        let mut values = vec![];
        for slot in &layout.national {
            names.push(quoted(&slot.name));
            values.push(format!("s.{}", quoted(&slot.name)));
        }
        if !layout.has_from {
            names.push(VALID_FROM.to_owned());
            // A delivered end before the delivery's day leaves the start unknown.
            values.push(if layout.has_till {
                "CASE WHEN s.giltig_till <= $2 THEN NULL ELSE $2 END".to_owned()
            } else {
                "$2".to_owned()
            });
        }
        format!(
            "INSERT INTO {table} ({names}, {own}) SELECT {values}, {delivered} FROM {staged} s \
             WHERE NOT EXISTS (SELECT 1 FROM {table} b WHERE b._nyckel = s._nyckel AND b.reg_till IS NULL){skip} \
             ORDER BY s._nyckel",
            table = layout.sql_name(),
            names = names.join(", "),
            own = OWN,
            values = values.join(", "),
            delivered = DELIVERED,
            staged = self.staged(),
            skip = self.skip("s._nyckel"),
        )
    }

    /// Closes every believed slice of the changed and ended keys that does not stand on as it is.
    pub(crate) fn close(&self) -> String {
        format!(
            "UPDATE {} SET reg_till = $3, _seq_till = $4 WHERE reg_till IS NULL \
             AND _nyckel IN (SELECT nyckel FROM publ_andrad UNION ALL SELECT nyckel FROM publ_avslutad) \
             AND NOT EXISTS (SELECT 1 FROM publ_del p WHERE p.kalla = _id AND p.lika = TRUE)",
            self.layout.sql_name()
        )
    }

    /// Inserts what stands on, in its new period and with the delivered corrections.
    ///
    /// The slices are found by key and id together. A planner that takes the two for independent expects one
    /// row, and would read all that is staged once for each: so the staged corrections are joined first.
    pub(crate) fn insert_parts(&self) -> String {
        let d = self.dialect;
        let layout = self.layout;
        let (mut names, mut values, mut corrected) = (vec![], vec![], vec![]);
        for slot in &layout.national {
            let name = quoted(&slot.name);
            if matches!(slot.name.as_str(), VALID_FROM | VALID_TO) {
                continue;
            }
            values.push(if layout.corrections().any(|c| c == slot.name) {
                let alias = format!("rattad_{}", corrected.len());
                corrected.push(format!(", s.{name} AS {alias}"));
                format!("CASE WHEN d.kom IS NULL THEN o.{name} ELSE d.{alias} END")
            } else {
                format!("o.{name}")
            });
            names.push(name);
        }
        format!(
            "WITH d AS MATERIALIZED (SELECT p.nyckel, p.kalla, p.fran, p.till, s.{KEY} AS kom{corrected} \
             FROM publ_del p LEFT JOIN {staged} s ON s._nyckel = p.nyckel WHERE p.lika = FALSE) \
             INSERT INTO {table} ({names}, giltig_fran, giltig_till, {OWN}) \
             SELECT {values}, {fran}, {till}, o.{KEY}, o.{CONTENT}, o._agare, FALSE, o._version, o._mappning, o._korning, \
             o._rad, $3, $4 \
             FROM d {join} {table} o ON o._nyckel = d.nyckel AND o._id = d.kalla",
            corrected = corrected.concat(),
            table = layout.sql_name(),
            names = names.join(", "),
            values = values.join(", "),
            fran = from_lo(d, "d.fran"),
            till = from_hi(d, "d.till"),
            join = self.join(),
            staged = self.staged(),
        )
    }

    /// Inserts the changed keys' delivered values.
    pub(crate) fn insert_changed(&self) -> String {
        let d = self.dialect;
        let layout = self.layout;
        let slots = layout.national.iter().filter(|s| !matches!(s.name.as_str(), VALID_FROM | VALID_TO));
        let names: Vec<String> = slots.map(|s| quoted(&s.name)).collect();
        let values: Vec<String> = names.iter().map(|n| format!("s.{n}")).collect();
        format!(
            "INSERT INTO {table} ({names}, giltig_fran, giltig_till, {OWN}) \
             SELECT {values}, {fran}, {till}, {DELIVERED} FROM publ_andrad d {join} {staged} s ON s._nyckel = d.nyckel",
            table = layout.sql_name(),
            names = names.join(", "),
            values = values.join(", "),
            fran = from_lo(d, "d.start"),
            till = from_hi(d, "d.till"),
            join = self.join(),
            staged = self.staged(),
        )
    }
}
