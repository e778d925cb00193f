//! `sluss init`: a project, its local keys, a region's folder.

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Project;
use sluss_pipeline::run::make_keys;
use sluss_schemas::region;

use crate::cli::{Cli, InitArgs};
use crate::output;

/// What was made.
#[derive(Default, Serialize)]
struct Made {
    files: Vec<String>,
    keys: Vec<String>,
}

/// `sluss init` and `sluss init region CODE`.
pub(crate) fn init(cli: &Cli, args: &InitArgs) -> anyhow::Result<ExitCode> {
    let root = std::path::absolute(&cli.project)?;
    let mut made = Made::default();
    match args.what.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => project(&root, &mut made)?,
        ["region", code] => region_folder(&root, code, &mut made)?,
        _ => {
            return Err(
                PipelineError::configuration("init makes a project, or `init region CODE` a region's folder").into()
            );
        }
    }
    output::said(cli, &made, || shown(&made))?;
    Ok(ExitCode::SUCCESS)
}

fn project(root: &Path, made: &mut Made) -> anyhow::Result<()> {
    std::fs::create_dir_all(root)?;
    write_new(root, "sluss.toml", PROJECT, made)?;
    write_new(root, ".gitignore", "var/\n.secrets/\nsecrets.toml\n", made)?;
    for folder in ["national", "regions"] {
        std::fs::create_dir_all(root.join(folder))?;
    }
    let project = Project::open(root)?;
    made.keys = make_keys(&project)?.into_iter().map(|key| key.path.display().to_string()).collect();
    Ok(())
}

fn region_folder(root: &Path, code: &str, made: &mut Made) -> anyhow::Result<()> {
    Project::open(root)?;
    let region = region::by_lanskod(code).ok_or_else(|| {
        PipelineError::configuration(format!("{code} is no länskod"))
            .hint("write the two digits, such as 22 for Västernorrland")
    })?;
    let folder = format!("regions/{code}-{}", slug(region.name));
    std::fs::create_dir_all(root.join(&folder).join("kallor"))?;
    write_new(
        root,
        &format!("{folder}/avtal.toml"),
        &JOB.replace("{code}", code).replace("{name}", region.name),
        made,
    )?;
    write_new(root, &format!("{folder}/avtal.sql"), SQL, made)?;
    Ok(())
}

/// `Region Jämtland Härjedalen` → `jamtland-harjedalen`.
fn slug(name: &str) -> String {
    let name = name.trim_start_matches("Region ").trim_end_matches(" län").to_lowercase();
    name.chars()
        .map(|c| match c {
            'å' | 'ä' => 'a',
            'ö' => 'o',
            ' ' => '-',
            other => other,
        })
        .collect()
}

fn write_new(root: &Path, name: &str, text: &str, made: &mut Made) -> anyhow::Result<()> {
    let path = root.join(name);
    if !path.exists() {
        std::fs::write(&path, text)?;
        made.files.push(name.to_owned());
    }
    Ok(())
}

fn shown(made: &Made) -> String {
    let mut lines: Vec<String> = made.files.iter().map(|file| format!("skapade {file}")).collect();
    lines.extend(made.keys.iter().map(|key| format!("skapade nyckeln {key}")));
    if made.keys.is_empty() {
        lines.push("Klart.".to_owned());
    } else {
        lines.push(
            "Klart. Säkerhetskopiera nycklarna skilt från data: utan dem kan leveranser i karantän inte läsas."
                .to_owned(),
        );
    }
    lines.join("\n")
}

const PROJECT: &str = r#"# Ett Sluss-projekt. Alla sökvägar utgår från den här mappen.
[register]
url = "sqlite://var/register.db"      # eller: secret = "namn", där hemligheten är postgres://…

[lake]
path = "var/lake"                     # eller s3://bucket/prefix, nåd så här:
# [lake.s3]
# endpoint          = "https://s3.exempel.se"
# access_key_id     = { secret = "lager_id" }
# secret_access_key = { secret = "lager_nyckel" }

[landing]
path           = "var/landing"        # originalfiler och karantän, krypterade
retention_days = 90
key            = "huvudnyckel"        # hemlighetens namn
"#;

const JOB: &str = r#"# Avtal från {name}. Kommandon: sluss check, sluss preview avtal, sluss run avtal.
[job]
owner = "{code}"                      # länskod: alla rader tillhör regionen
feeds = ["avtal"]
mode  = "snapshot"                    # filen innehåller alla gällande avtal

[source]
connector = "files"
[source.options]
path     = "kallor/*.csv"             # utgår från den här mappen
format   = "csv"                      # csv tsv fixed xlsx xls json ndjson xml
encoding = "utf-8"                    # eller iso-8859-1, windows-1252

[map]
avtal = "avtal.sql"

[limits]
max_rejected_share = 0.05             # fler avvisade än så: inget publiceras
max_ended_share    = 0.20             # fler avslutade än så: inget publiceras
"#;

const SQL: &str = r#"-- Vänster: kolumnen i er fil. Höger: den nationella kolumnen (sluss docs avtal visar alla).
SELECT
  "Avtalsnr"            AS avtals_id,
  "Benämning"           AS beskrivning,
  datum("Gäller från")  AS giltig_fran,
  datum("Gäller till")  AS giltig_till
FROM source
"#;
