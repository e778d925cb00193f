//! Marks of rows whose successor was rejected or withheld.

use super::Publish;
use super::words::{literal, runs_of};

impl Publish<'_> {
    /// Ends stale marks: of keys that came as rows or were said to be fresh, of keys that are no
    /// longer current, and, where the delivery is its jobs' whole source, of all that they marked and
    /// that are not stale again. A later delivery's marks are not an older one's to end, when it is read
    /// again. Arguments: owner, sequence number.
    pub(crate) fn end_stale(&self, whole_of: Option<&[String]>, stale: i64, fresh: i64) -> String {
        let table = self.layout.sql_name();
        let again = self.keys(stale);
        let gone = format!(
            "NOT EXISTS (SELECT 1 FROM {table} t WHERE t._nyckel = key_hash AND t.reg_till IS NULL AND t._aktuell = TRUE)"
        );
        let whole = whole_of.map_or_else(String::new, |jobs| format!("run IN {} OR ", runs_of(jobs)));
        let over = format!(
            "(key_hash NOT IN {again} AND ({whole}key_hash IN (SELECT _nyckel FROM {}) OR key_hash IN {}))",
            self.staged(),
            self.keys(fresh)
        );
        format!(
            "UPDATE inaktuell SET seq_to = $2 WHERE table_name = {} AND owner = $1 AND seq_to IS NULL \
             AND (({over} AND delivery_nr <= {}) OR {gone})",
            literal(self.layout.name()),
            self.delivery()
        )
    }

    /// Begins stale marks. Arguments: owner, sequence number, run.
    pub(crate) fn begin_stale(&self, stale: i64) -> String {
        let name = literal(self.layout.name());
        format!(
            "INSERT INTO inaktuell (table_name, key_hash, owner, run, seq_from, delivery_nr) \
             SELECT {name}, t._nyckel, $1, $3, $2, {} FROM {} t WHERE t._nyckel IN {} \
             AND t.reg_till IS NULL AND t._aktuell = TRUE AND t._agare = $1 \
             AND NOT EXISTS (SELECT 1 FROM inaktuell i WHERE i.table_name = {name} AND i.key_hash = t._nyckel \
             AND i.seq_to IS NULL){}",
            self.delivery(),
            self.layout.sql_name(),
            self.keys(stale),
            self.skip("t._nyckel"),
        )
    }

    /// Notes on stale marks that this delivery says the same once more: what is older than the latest
    /// that says so cannot end them. Argument: owner.
    pub(crate) fn renew_stale(&self, stale: i64) -> String {
        format!(
            "UPDATE inaktuell SET delivery_nr = {delivery} WHERE table_name = {} AND owner = $1 AND seq_to IS NULL \
             AND delivery_nr < {delivery} AND key_hash IN {}",
            literal(self.layout.name()),
            self.keys(stale),
            delivery = self.delivery(),
        )
    }
}
