//! The comparison of ledger, register and lake finds what does not agree.

use std::process::Command;

use crate::both::{On, both};
use crate::sandbox::{Sandbox, python};
use crate::small::{self, JOB};

/// What `sluss doctor --deep` has to say.
fn told(sandbox: &Sandbox) -> String {
    let found = sandbox.json(&["doctor", "--deep"]);
    let of = |finding: &serde_json::Value| {
        (finding["what"] == "samstämmighet" && finding["fine"] == false).then(|| finding["detail"].to_string())
    };
    found.as_array().unwrap().iter().filter_map(of).collect::<Vec<_>>().join("\n")
}

both! {
    fn a_ledger_that_was_tampered_with_is_found_out(on: On) {
        let sandbox = small::project(&on);
        for edition in [0, 1] {
            small::deliver(&sandbox, edition);
            sandbox.ok(&["run", JOB]);
        }
        assert_eq!(told(&sandbox), "");
        let last = "(SELECT max(publish_seq) FROM korning)";
        let damages = [
            ("DELETE FROM kvittens WHERE run = (SELECT min(run) FROM kvittens)", "kvittens saknas"),
            ("DELETE FROM karantan", "karantänen har 0"),
            ("DELETE FROM handelse WHERE no = 3", "händelser"),
            (&format!("DELETE FROM manifest WHERE table_name = 'avtal' AND seq = {last}"), "inget manifest"),
            ("UPDATE lake_partition SET row_count = row_count + 1 WHERE partition LIKE '%2026-02%'", "huvudboken har"),
            ("UPDATE sekvens SET publish_seq = publish_seq + 1", "räknaren"),
            (&format!("UPDATE manifest SET state = 'pending', delta_version = NULL WHERE table_name = 'matning' AND seq = {last}"), "inte överförda"),
        ];
        for (sql, word) in damages {
            on.execute(&sandbox, sql);
            let told = told(&sandbox);
            assert!(told.contains(word), "{sql}: {told}");
        }
    }

    fn a_lake_that_was_tampered_with_is_found_out(on: On) {
        let Some(python) = python() else { return };
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", JOB]);
        for (table, delete) in [("avtal", "avtals_id = 'A7'"), ("matning", "id = 'A7'")] {
            let code = "import sys, deltalake; deltalake.DeltaTable(sys.argv[1]).delete(sys.argv[2])";
            let folder = sandbox.path().join("var/lake").join(table);
            let done = Command::new(&python).args(["-c", code]).arg(folder).arg(delete).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let told = told(&sandbox);
            assert!(told.contains(&format!("{table}:")) && told.contains("40") && told.contains("39"), "{told}");
        }
    }
}
