//! Job files of region 14's folder that reach for what is region 22's.

use crate::sandbox::{Answer, Sandbox};

/// Stands in region 22's rows and files and nowhere else.
const CANARY: &str = "KANARIE22";
const SQL: &str = "SELECT '$lan' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source";

fn job(owner: &str, source: &str, more: &str) -> String {
    format!(
        "[job]\nowner = \"{owner}\"\nfeeds = [\"avtal\"]\n[source]\nconnector = \"files\"\n[source.options]\n{source}\n\
         [map]\navtal = \"avtal.sql\"\n{more}"
    )
}

const OWN: &str = "path = \"avtal.csv\"\nformat = \"csv\"";

/// Two regions; 22 has published.
fn country() -> Sandbox {
    let sandbox = Sandbox::empty();
    for (folder, lan, title) in [("22-vasternorrland", "22", CANARY), ("14-vastra-gotaland", "14", "eget")] {
        sandbox.write(&format!("regions/{folder}/avtal.toml"), job(lan, OWN, ""));
        sandbox.write(&format!("regions/{folder}/avtal.sql"), SQL.replace("$lan", lan));
        sandbox.write(&format!("regions/{folder}/avtal.csv"), format!("nr;namn;fran\nA1;{title};2026-01-01\n"));
    }
    sandbox.ok(&["run", "22-vasternorrland/avtal"]);
    sandbox
}

/// Runs region 14's job in this form.
fn attempt(sandbox: &Sandbox, job: &str, sql: &str) -> Answer {
    sandbox.write("regions/14-vastra-gotaland/avtal.toml", job);
    sandbox.write("regions/14-vastra-gotaland/avtal.sql", sql);
    sandbox.run(&["run", "14-vastra-gotaland/avtal"])
}

fn of_22(sandbox: &Sandbox) -> String {
    sandbox
        .json(&["sql", "SELECT lanskod, avtals_id, titel FROM register.avtal WHERE lanskod = '22' ORDER BY 1, 2"])
        .to_string()
}

#[test]
fn a_job_file_cannot_reach_another_region() {
    let sandbox = country();
    sandbox.secrets("vasternorrland_avtal_url = \"sqlite://hemlig22.db\"\n\"22_kalla\" = \"sqlite://hemlig22.db\"\n");
    let before = of_22(&sandbox);
    let sql = SQL.replace("$lan", "14");
    let own = |owner: &str| job(owner, OWN, "");
    let reads = |path: &str| job("14", &format!("path = \"{path}\"\nformat = \"csv\""), "");
    let knows = |secret: &str| {
        job("14", "", "").replace(
            "connector = \"files\"\n[source.options]\n",
            &format!(
                "connector = \"sql\"\n[source.options]\nurl = {{ secret = \"{secret}\" }}\nquery = \"SELECT 1\"\n"
            ),
        )
    };
    let there = sandbox.path().join("regions/22-vasternorrland/avtal.csv").display().to_string();
    // Name, job file, and what the refusal must say.
    let attempts: Vec<(&str, String, &str)> = vec![
        ("own another region's rows", own("22"), "kan inte äga rader åt 22"),
        ("own the nation's contracts", own("nationell"), "kan inte äga rader åt nationell"),
        ("own rows by a länskod with a blank", own("22 "), "owner är varken"),
        ("own rows by other digits", own("２２"), "owner är varken"),
        ("own rows by a länskod with a zero in front", own("022"), "owner är varken"),
        ("own rows by a null character", own("22\\u0000"), "owner är varken"),
        ("own rows by an invisible character", own("22\\u200b"), "owner är varken"),
        ("own rows by no owner at all", own(""), "owner är varken"),
        ("own rows by a region that does not exist", own("99"), "owner är varken"),
        ("own rows by SQL", own("22' OR '1'='1"), "owner är varken"),
        ("own rows by the country's number", own("00"), "owner är varken"),
        ("read a file in another's folder", reads("../22-vasternorrland/avtal.csv"), "utanför regionens egen mapp"),
        ("read it the long way", reads("./x/../../22-vasternorrland/./avtal.csv"), "utanför regionens egen mapp"),
        ("read it by its whole path", reads(&there), "utanför regionens egen mapp"),
        ("read it as an address", reads(&format!("file://{there}")), "utanför regionens egen mapp"),
        ("read all regions' files", reads("../*/avtal.csv"), "utanför regionens egen mapp"),
        ("read one by a pattern", reads("../2?-*/avtal.csv"), "utanför regionens egen mapp"),
        ("read through a pattern above", reads("../../r*/22-vasternorrland/avtal.csv"), "utanför regionens egen mapp"),
        ("read through a link", reads("lank/avtal.csv"), "utanför regionens egen mapp"),
        ("read the installation's secrets", reads("../../secrets.toml"), "utanför regionens egen mapp"),
        ("read the installation's keys", reads("../../.secrets/huvudnyckel"), "utanför regionens egen mapp"),
        ("read the register's file", reads("../../var/register.db"), "utanför regionens egen mapp"),
        ("read the landing zone", reads("../../var/landing/original/*"), "utanför regionens egen mapp"),
        (
            "take another's mapping",
            own("14").replace("\"avtal.sql\"", "\"../22-vasternorrland/avtal.sql\""),
            "utanför regionens egen mapp",
        ),
        (
            "take another's rows as an example",
            job("14", OWN, "[[example]]\ngiven = \"../22-vasternorrland/avtal.csv\"\nexpect = \"e.csv\"\n"),
            "utanför regionens egen mapp",
        ),
        ("use another's secret", knows("vasternorrland_avtal_url"), "är inte den här regionens"),
        ("use another's secret in capitals", knows("VASTERNORRLAND_AVTAL_URL"), "är inte den här regionens"),
        ("use another's secret by its länskod", knows("22_kalla"), "är inte den här regionens"),
        ("use the key of the landing zone", knows("huvudnyckel"), "är inte den här regionens"),
        ("use the key of pseudonyms", knows("pseudonymnyckel"), "är inte den här regionens"),
    ];
    std::os::unix::fs::symlink(
        sandbox.path().join("regions/22-vasternorrland"),
        sandbox.path().join("regions/14-vastra-gotaland/lank"),
    )
    .unwrap();
    let mut broke_out = Vec::new();
    for (name, file, because) in &attempts {
        let answer = attempt(&sandbox, file, &sql);
        let told = answer.stdout + &answer.stderr;
        if answer.code != Some(2) && answer.code != Some(1) || !told.contains(because) || told.contains(CANARY) {
            broke_out.push(format!("{name}: {:?}: {told}", answer.code));
        }
    }
    assert!(broke_out.is_empty(), "{} of {}:\n{}", broke_out.len(), attempts.len(), broke_out.join("\n"));
    assert_eq!(of_22(&sandbox), before);
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal WHERE lanskod <> '22'"), 0);
    println!("{} job files, none reached another region", attempts.len());
}

#[test]
fn a_mapping_cannot_reach_another_region() {
    let sandbox = country();
    let before = of_22(&sandbox);
    let own = job("14", OWN, "");
    let rows = |what: &str| SQL.replace("'$lan'", what);
    let tables = |from: &str| SQL.replace("$lan", "14").replace("FROM source", &format!("FROM {from}"));
    let there = sandbox.path().join("regions/22-vasternorrland/avtal.csv").display().to_string();
    let attempts: Vec<(&str, String)> = vec![
        ("write another's länskod", rows("'22'")),
        ("write it by its name", rows("lanskod('Västernorrland')")),
        ("write it in other digits", rows("'２２'")),
        ("write it with a blank", rows("' 22'")),
        ("write none", rows("NULL")),
        ("read the register", tables("register.avtal")),
        ("read the lake", tables("lake.avtal")),
        ("read what the schema tells", tables("information_schema.tables")),
        ("read a file by its name", tables(&format!("'{there}'"))),
        ("write a file", format!("COPY source TO '{}'", sandbox.path().join("ut.csv").display())),
        ("make an outer table", format!("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{there}'")),
        ("add a second statement", format!("{}; DROP TABLE avtal", rows("'14'"))),
        ("set a setting", "SET datafusion.catalog.information_schema = true".to_owned()),
    ];
    let mut broke_out = Vec::new();
    for (name, sql) in &attempts {
        let answer = attempt(&sandbox, &own, sql);
        let told = answer.stdout + &answer.stderr;
        if answer.code == Some(0) || told.contains(CANARY) {
            broke_out.push(format!("{name}: {:?}: {told}", answer.code));
        }
    }
    assert!(broke_out.is_empty(), "{} of {}:\n{}", broke_out.len(), attempts.len(), broke_out.join("\n"));
    assert_eq!(of_22(&sandbox), before);
    assert!(!sandbox.path().join("ut.csv").exists());
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 1);
}

/// What a region may: otherwise every refusal above proves nothing.
#[test]
fn a_region_reads_its_own() {
    let sandbox = country();
    sandbox.write("regions/14-vastra-gotaland/djupt/ner/avtal.csv", "nr;namn;fran\nB1;eget;2026-01-01\n");
    for path in ["avtal.csv", "djupt/../avtal.csv", "djupt/*/avtal.csv", "../14-vastra-gotaland/avtal.csv"] {
        let file = job("14", &format!("path = \"{path}\"\nformat = \"csv\""), "");
        let answer = attempt(&sandbox, &file, &SQL.replace("$lan", "14"));
        assert!(matches!(answer.code, Some(0 | 3)), "{path}: {}{}", answer.stdout, answer.stderr);
    }
    assert!(sandbox.number("SELECT count(*) FROM register.avtal WHERE lanskod = '14'") >= 1);
}
