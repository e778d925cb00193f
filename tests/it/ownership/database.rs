//! The whole program on PostgreSQL with roles: the pipeline's login owns nothing, and works.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::sandbox::{Answer, Sandbox};
use crate::services;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Statements by the database's administrator.
fn administrator(url: &str, sql: &str) {
    runtime().block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    });
}

fn register_at(sandbox: &Sandbox, url: &str) {
    let path = sandbox.path().join("sluss.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines =
        text.lines().map(|line| if line.starts_with("url") { format!("url = {url:?}\n") } else { format!("{line}\n") });
    std::fs::write(&path, lines.collect::<String>()).unwrap();
}

fn told(answer: &Answer) -> String {
    format!("{}{}", answer.stdout, answer.stderr)
}

#[test]
fn the_pipeline_works_without_owning_anything() {
    let Some(url) = services::postgres() else { return };
    let name = url.rsplit_once('/').unwrap().1.to_owned();
    let as_login = |login: &str| url.replace("//sluss@", &format!("//{login}@"));
    administrator(
        &url,
        &format!(
            "CREATE ROLE forvaltare LOGIN; ALTER DATABASE {name} OWNER TO forvaltare; ALTER SCHEMA public OWNER TO forvaltare"
        ),
    );
    let sandbox = Sandbox::demo();
    register_at(&sandbox, &as_login("forvaltare"));

    // One who may make no roles is told what the administrator has to run; that, and then it works.
    let answer = sandbox.run(&["register", "roles"]);
    assert_eq!(answer.code, Some(2), "{}", told(&answer));
    assert!(told(&answer).contains("register roles --print"), "{}", told(&answer));
    let script = sandbox.json(&["register", "roles", "--print"]);
    let statements: Vec<&str> =
        script["administrator"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    administrator(&url, &statements.join(";\n"));
    sandbox.ok(&["register", "roles"]);
    sandbox.ok(&["register", "roles"]);
    administrator(
        &url,
        "CREATE ROLE inlasare LOGIN IN ROLE sluss_inlasning; CREATE ROLE anna LOGIN IN ROLE sluss_region_14; \
         CREATE ROLE frammande LOGIN",
    );

    register_at(&sandbox, &as_login("inlasare"));
    let answer = sandbox.run(&["run", "--all"]);
    assert!(matches!(answer.code, Some(0 | 3)), "{}", told(&answer));
    let all = sandbox.number("SELECT count(*) FROM register.avtal");
    assert!(all > 20, "{all}");
    sandbox.agrees("published in roles");
    // The same again changes nothing.
    let again = sandbox.run(&["run", "14-vastra-gotaland/avtal", "--full"]);
    assert!(matches!(again.code, Some(0 | 3)), "{}", told(&again));
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), all);
    sandbox.ok(&["audit", "verify"]);

    // The tables' owner keeps the register as it is now.
    register_at(&sandbox, &as_login("forvaltare"));
    sandbox.ok(&["register", "snapshot", "arsskifte"]);
    register_at(&sandbox, &as_login("inlasare"));

    // A region's login sees what is its own, in every command that reads.
    let in_lake = sandbox.number("SELECT count(*) FROM lake.avtal");
    let may_leave = |sql: &str| sandbox.json(&["sql", sql])[0]["n"].as_i64().unwrap();
    let open_of_14 = may_leave("SELECT count(*) n FROM register.avtal WHERE lanskod = '14'");
    let of_14 = sandbox.number("SELECT count(*) FROM register.avtal WHERE lanskod = '14'");
    let runs = sandbox.json(&["runs", "-n", "1000"]);
    let run_of = |owner: &str| {
        let runs = runs.as_array().unwrap();
        runs.iter().find(|run| run["owner"] == owner).unwrap()["id"].as_str().unwrap().to_owned()
    };
    register_at(&sandbox, &as_login("anna"));
    assert!(of_14 > 0);
    let seen = sandbox.json(&["runs", "-n", "1000"]);
    assert!(seen.as_array().unwrap().iter().all(|run| run["owner"] == "14"), "{seen}");
    sandbox.ok(&["receipt", &run_of("14")]);
    for refused in [vec!["receipt".to_owned(), run_of("22")], vec!["quarantine".into(), "show".into(), run_of("22")]] {
        let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
        let answer = sandbox.run(&refused);
        assert_eq!(answer.code, Some(2), "{refused:?}: {}", told(&answer));
    }
    // It asks in SQL: of the register its own rows, now and then; of the lake what everybody may see.
    for schema in ["register", "ogonblick_arsskifte"] {
        assert_eq!(may_leave(&format!("SELECT count(*) n FROM {schema}.avtal")), open_of_14, "{schema}");
        assert_eq!(may_leave(&format!("SELECT count(*) n FROM {schema}.avtal WHERE lanskod <> '14'")), 0, "{schema}");
        assert!(may_leave(&format!("SELECT count(*) n FROM {schema}.uppdrag")) > 0, "{schema}");
    }
    assert_eq!(may_leave("SELECT count(*) n FROM lake.avtal"), in_lake);
    // As operator it sees its own rows whole, and no more of others': the database says so.
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), of_14);
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal WHERE lanskod <> '14'"), 0);
    // What it may not is refused with the reason and the step that mends it, by a command that passes on what
    // the register says as it is.
    let answer = sandbox.run(&["audit", "list"]);
    assert_eq!(answer.code, Some(2), "{}", told(&answer));
    assert!(answer.stderr.contains("gör så här: kontrollera vilken roll"), "{}", told(&answer));
    // It runs nothing.
    let answer = sandbox.run(&["run", "14-vastra-gotaland/avtal"]);
    assert!(matches!(answer.code, Some(1 | 2)), "{}", told(&answer));

    // A login without any role is told so.
    register_at(&sandbox, &as_login("frammande"));
    let answer = sandbox.run(&["runs"]);
    assert!(matches!(answer.code, Some(1 | 2)), "{}", told(&answer));
}
