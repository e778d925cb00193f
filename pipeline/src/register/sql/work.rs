//! The temporary tables in which a publication plans.

use sluss_schemas::table::Kind;
use sluss_schemas::table::ddl::Dialect;

/// The temporary tables of a publication, empty. Each statement may be repeated; where a role has been
/// taken on they are its own, and go with the transaction.
pub(crate) fn work_tables(dialect: Dialect, in_role: bool) -> Vec<String> {
    let (key, date, flag) = (dialect.key_type(), dialect.column_type(Kind::Date), dialect.column_type(Kind::Boolean));
    let id = dialect.column_type(Kind::Integer);
    let end = match (dialect, in_role) {
        (Dialect::Postgres, true) => " ON COMMIT DROP",
        (Dialect::Postgres, false) => " ON COMMIT DELETE ROWS",
        (Dialect::Sqlite, _) => "",
    };
    let mut out: Vec<String> = [
        // Delivered keys of which something else is believed: whether values changed that take
        // effect from the delivery, whether the key had ended; first believed day, delivered
        // period, start of the new slice.
        format!(
            "publ_andrad (nyckel {key} PRIMARY KEY, ny BOOL, ater BOOL, borjan DAY, fran DAY, till DAY, start DAY){end}"
        ),
        format!("publ_avslutad (nyckel {key} PRIMARY KEY){end}"),
        // Slices that stand on after the change: from which row, which period, and whether as they are.
        format!("publ_del (nyckel {key}, kalla {id} PRIMARY KEY, fran DAY, till DAY, lika BOOL){end}"),
        format!("publ_ersatt (nyckel {key} PRIMARY KEY){end}"),
        format!("publ_senare (seq {id} PRIMARY KEY){end}"),
    ]
    .into_iter()
    .map(|t| format!("CREATE TEMP TABLE IF NOT EXISTS {}", t.replace("BOOL", &flag).replace("DAY", &date)))
    .collect();
    out.extend(WORK_TABLES.map(|t| format!("DELETE FROM {t}")));
    out
}

/// Removes the temporary tables of earlier publications on this connection.
pub(crate) const DROP_WORK_TABLES: &str = "DROP TABLE IF EXISTS pg_temp.publ_andrad, pg_temp.publ_avslutad, \
                                           pg_temp.publ_del, pg_temp.publ_ersatt, pg_temp.publ_senare";

const WORK_TABLES: [&str; 5] = ["publ_andrad", "publ_avslutad", "publ_del", "publ_ersatt", "publ_senare"];
