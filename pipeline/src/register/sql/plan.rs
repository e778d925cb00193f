//! What a publication compares and plans: whose the keys are, which are superseded, change or end, and what
//! of their slices stands on.

use sluss_schemas::table::ddl::quoted;

use super::Publish;
use super::words::{greatest, hi, least, literal, lo, null_date, staged_keys};
use crate::register::layout::CONTENT;

impl Publish<'_> {
    /// How many staged rows have keys that are current under another owner. Argument: owner.
    pub(crate) fn foreign(&self) -> String {
        format!(
            "SELECT COUNT(*) FROM {} s {} {} t ON t._nyckel = s._nyckel \
             WHERE t.reg_till IS NULL AND t._aktuell = TRUE AND t._agare <> $1",
            self.staged(),
            self.join(),
            self.layout.sql_name()
        )
    }

    /// How many staged rows name another owner. Argument: owner. None where rows name none.
    pub(crate) fn misowned(&self) -> Option<String> {
        let column = quoted(self.layout.table.owner.as_ref()?);
        Some(format!("SELECT COUNT(*) FROM {} s WHERE s.{column} IS DISTINCT FROM $1", self.staged()))
    }

    /// Keys, among those staged, that a publication in `publ_senare` touched: with a change, or by
    /// bringing what had been stale as it was.
    pub(crate) fn find_superseded(&self) -> String {
        format!(
            "INSERT INTO publ_ersatt (nyckel) SELECT DISTINCT h._nyckel FROM {} h \
             WHERE (h._seq_fran IN (SELECT seq FROM publ_senare) OR h._seq_till IN (SELECT seq FROM publ_senare) \
             OR EXISTS (SELECT 1 FROM inaktuell i WHERE i.table_name = {} AND i.key_hash = h._nyckel \
             AND i.seq_to IN (SELECT seq FROM publ_senare))) \
             AND (EXISTS (SELECT 1 FROM {} s WHERE s._nyckel = h._nyckel) \
             OR h._nyckel IN (SELECT nyckel FROM {} WHERE tabell = {}))",
            self.layout.sql_name(),
            literal(self.layout.name()),
            self.staged(),
            staged_keys(self.dialect, self.run),
            literal(self.layout.name()),
        )
    }

    /// The rows of the superseded keys.
    pub(crate) fn superseded_rows(&self) -> String {
        format!("SELECT s._rad FROM {} s JOIN publ_ersatt e ON e.nyckel = s._nyckel ORDER BY s._rad", self.staged())
    }

    /// Which delivered keys change something that is believed, and from when.
    pub(crate) fn plan_changed(&self) -> String {
        let d = self.dialect;
        let (layout, table) = (self.layout, self.layout.sql_name());
        let differs: Vec<String> =
            layout.payload().map(quoted).map(|c| format!("s.{c} IS DISTINCT FROM l.{c}")).collect();
        let differs = if differs.is_empty() { "FALSE".to_owned() } else { differs.join(" OR ") };
        let fran = if layout.has_from { lo(d, "s.giltig_fran") } else { lo(d, &null_date(d)) };
        let till = if layout.has_till { hi(d, "s.giltig_till") } else { hi(d, &null_date(d)) };
        let effective = greatest(d, "$2", "x.fran");
        let after_end = if layout.has_from { "WHEN x.live IS NULL AND x.fran >= x.slut THEN x.fran " } else { "" };
        let in_place = if layout.has_from {
            format!("CASE WHEN x.senaste <= x.borjan THEN x.fran ELSE {} END", greatest(d, "x.senaste", "x.fran"))
        } else {
            "x.senaste".to_owned()
        };
        let start = format!("CASE {after_end}WHEN x.live IS NULL OR x.ny THEN {effective} ELSE {in_place} END");
        let last_before_end = format!(
            "(SELECT MAX({}) FROM {table} h WHERE h._nyckel = y.nyckel AND h.reg_till IS NULL AND {} < y.till)",
            lo(d, "h.giltig_fran"),
            lo(d, "h.giltig_fran")
        );
        let start_in_period = if layout.has_till {
            // The first slice of a key that goes on begins where the delivered period does.
            let moved = if layout.has_from {
                format!("CASE WHEN y.live IS NULL THEN {last_before_end} ELSE NULLIF({last_before_end}, y.borjan) END")
            } else {
                last_before_end
            };
            let earlier = format!("COALESCE({moved}, y.fran)");
            format!("CASE WHEN y.start >= y.till THEN {} ELSE y.start END", greatest(d, &earlier, "y.fran"))
        } else {
            "y.start".to_owned()
        };
        format!(
            "INSERT INTO publ_andrad (nyckel, ny, ater, borjan, fran, till, start) \
             SELECT y.nyckel, y.ny, y.live IS NULL, y.borjan, y.fran, y.till, {start_in_period} FROM (\
             SELECT x.*, {start} AS start FROM (\
             SELECT s._nyckel AS nyckel, l._id AS live, ({differs}) AS ny, b.borjan, b.slut, \
             {fran} AS fran, {till} AS till, {senaste} AS senaste \
             FROM {staged} s JOIN (\
             SELECT t._nyckel, MIN({lo_t}) AS borjan, MAX({hi_t}) AS slut FROM {table} t \
             WHERE t.reg_till IS NULL AND t._nyckel IN (SELECT _nyckel FROM {staged}) GROUP BY t._nyckel\
             ) b ON b._nyckel = s._nyckel \
             LEFT JOIN {table} l ON l._nyckel = s._nyckel AND l.reg_till IS NULL AND l._aktuell = TRUE \
             WHERE (l._id IS NULL OR l.{CONTENT} <> s.{CONTENT}){skip}) x) y",
            staged = self.staged(),
            senaste = lo(d, "l.giltig_fran"),
            lo_t = lo(d, "t.giltig_fran"),
            hi_t = hi(d, "t.giltig_till"),
            skip = self.skip("s._nyckel"),
        )
    }

    /// Which of the staged ended keys end: those that are current, are this owner's and did not
    /// come as rows. A key that a later delivery than this one brought, if wrong, is there.
    pub(crate) fn plan_ended(&self, ended: i64) -> String {
        let came_later = if self.replay {
            format!(
                " AND NOT EXISTS (SELECT 1 FROM inaktuell i WHERE i.table_name = {} AND i.key_hash = t._nyckel \
                 AND i.seq_to IS NULL AND i.delivery_nr > {})",
                literal(self.layout.name()),
                self.delivery()
            )
        } else {
            String::new()
        };
        format!(
            "INSERT INTO publ_avslutad (nyckel) SELECT DISTINCT t._nyckel FROM {} t \
             WHERE t._nyckel IN {} AND t.reg_till IS NULL AND t._aktuell = TRUE AND t._agare = $1 \
             AND NOT EXISTS (SELECT 1 FROM {} s WHERE s._nyckel = t._nyckel){}{came_later}",
            self.layout.sql_name(),
            self.keys(ended),
            self.staged(),
            self.skip("t._nyckel")
        )
    }

    /// What stands on of the changed keys' earlier slices.
    pub(crate) fn plan_changed_parts(&self) -> String {
        let d = self.dialect;
        let layout = self.layout;
        let (from, till) = (lo(d, "o.giltig_fran"), hi(d, "o.giltig_till"));
        let fran = if layout.has_from {
            format!(
                "CASE WHEN d.ater = TRUE THEN {from} WHEN {from} <= d.borjan THEN d.fran ELSE {} END",
                greatest(d, &from, "d.fran")
            )
        } else {
            from.clone()
        };
        let cut = least(d, &till, "d.start");
        let end = format!(
            "CASE WHEN d.ater = TRUE THEN {cut} WHEN o._aktuell = TRUE THEN {} ELSE {} END",
            least(d, "d.start", "d.till"),
            least(d, &cut, "d.till")
        );
        let corrected: Vec<String> =
            layout.corrections().map(quoted).map(|c| format!(" AND s.{c} IS NOT DISTINCT FROM o.{c}")).collect();
        format!(
            "INSERT INTO publ_del (nyckel, kalla, fran, till, lika) \
             SELECT x.nyckel, x.kalla, x.fran, x.slut, \
             (x.fran = x.forr_fran AND x.slut = x.forr_slut AND x.aktuell = FALSE AND x.samma) FROM (\
             SELECT d.nyckel, o._id AS kalla, {fran} AS fran, {end} AS slut, {from} AS forr_fran, {till} AS forr_slut, \
             o._aktuell AS aktuell, (TRUE{corrected}) AS samma \
             FROM publ_andrad d {join} {table} o ON o._nyckel = d.nyckel AND o.reg_till IS NULL \
             {join} {staged} s ON s._nyckel = d.nyckel \
             WHERE o._aktuell = FALSE OR d.ny = TRUE) x WHERE x.fran < x.slut",
            corrected = corrected.concat(),
            join = self.join(),
            table = layout.sql_name(),
            staged = self.staged(),
        )
    }

    /// What stands on of the ended keys' slices.
    pub(crate) fn plan_ended_parts(&self) -> String {
        let d = self.dialect;
        let (from, till) = (lo(d, "o.giltig_fran"), hi(d, "o.giltig_till"));
        let cut = least(d, &till, "$2");
        format!(
            "INSERT INTO publ_del (nyckel, kalla, fran, till, lika) \
             SELECT a.nyckel, o._id, {from}, {cut}, (o._aktuell = FALSE AND {till} <= $2) \
             FROM publ_avslutad a {} {} o ON o._nyckel = a.nyckel AND o.reg_till IS NULL WHERE {from} < {cut}",
            self.join(),
            self.layout.sql_name()
        )
    }
}
