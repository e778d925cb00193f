//! `sluss init`: a project, its local keys, a region's folder.

mod files;

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::Project;
use sluss_pipeline::run::make_keys;
use sluss_schemas::message::Message;
use sluss_schemas::region;
use sluss_schemas::say;

use crate::cli::{Cli, InitArgs};
use crate::output;
use crate::schema;

/// What was made.
#[derive(Default, Serialize)]
struct Made {
    files: Vec<String>,
    keys: Vec<String>,
    /// The region's folder, where one was asked for.
    region: Option<String>,
}

/// `sluss init` and `sluss init region CODE`.
pub(crate) fn init(cli: &Cli, args: &InitArgs) -> anyhow::Result<ExitCode> {
    let root = std::path::absolute(&cli.project)?;
    let mut made = Made::default();
    match args.what.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => project(&root, &mut made)?,
        ["region", code] => region_folder(&root, code, &mut made)?,
        _ => {
            return Err(PipelineError::configuration(say!(
                "init gör ett projekt eller en regions mapp",
                "init makes a project, or a region's folder"
            ))
            .hint(say!(
                "skriv `sluss init`, eller `sluss init region LÄNSKOD`",
                "write `sluss init`, or `sluss init region CODE`"
            ))
            .into());
        }
    }
    output::said(cli, &made, || told(&made))?;
    Ok(ExitCode::SUCCESS)
}

fn project(root: &Path, made: &mut Made) -> anyhow::Result<()> {
    make_folder(root)?;
    write_new(root, "sluss.toml", files::PROJECT, made)?;
    write_new(root, ".gitignore", "var/\n.secrets/\nsecrets.toml\n", made)?;
    write_new(root, schema::FILE, &schema::job_text(), made)?;
    for folder in ["national", "regions"] {
        make_folder(&root.join(folder))?;
    }
    let project = Project::open(root)?;
    let shown = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    made.keys = make_keys(&project)?.into_iter().map(|key| shown(&key.path)).collect();
    Ok(())
}

fn region_folder(root: &Path, code: &str, made: &mut Made) -> anyhow::Result<()> {
    Project::open(root)?;
    let region = region::by_lanskod(code).ok_or_else(|| {
        PipelineError::configuration(say!("{code} är ingen länskod", "{code} is no länskod")).hint(say!(
            "skriv de två siffrorna, till exempel 22 för Västernorrland",
            "write the two digits, such as 22 for Västernorrland"
        ))
    })?;
    let folder = format!("regions/{}", folder_name(region));
    make_folder(&root.join(&folder).join("kallor"))?;
    // A project from before there was a schema gets it with its next region.
    write_new(root, schema::FILE, &schema::job_text(), made)?;
    for (name, text) in files::REGION {
        let text = text.replace("{code}", code).replace("{name}", region.name).replace("{folder}", &folder);
        write_new(root, &format!("{folder}/{name}"), &text, made)?;
    }
    made.region = Some(folder);
    Ok(())
}

/// What a region's folder is called: `23-jamtland-harjedalen`.
pub(crate) fn folder_name(region: &region::Region) -> String {
    format!("{}-{}", region.lanskod, slug(region.short))
}

/// `Jämtland Härjedalen` → `jamtland-harjedalen`.
fn slug(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'å' | 'ä' => 'a',
            'ö' => 'o',
            ' ' => '-',
            other => other,
        })
        .collect()
}

fn make_folder(path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(path).map_err(|e| refused(path, e).into())
}

/// Writes a file where there is none: what somebody has written is left alone.
fn write_new(root: &Path, name: &str, text: &str, made: &mut Made) -> anyhow::Result<()> {
    let path = root.join(name);
    if !path.exists() {
        std::fs::write(&path, text).map_err(|e| refused(&path, e))?;
        made.files.push(name.to_owned());
    }
    Ok(())
}

fn refused(path: &Path, error: std::io::Error) -> PipelineError {
    PipelineError::operator(say!("det går inte att skriva här", "nothing can be written here"))
        .at(path.display().to_string())
        .hint(say!(
            "kontrollera mappens rättigheter och att disken har plats",
            "check the folder's rights and the disk's room"
        ))
        .because(error)
}

fn told(made: &Made) -> Message {
    let mut lines: Vec<Message> = made.files.iter().map(|file| say!("skapade {file}", "made {file}")).collect();
    lines.extend(made.keys.iter().map(|key| say!("skapade nyckeln {key}", "made the key {key}")));
    if !made.keys.is_empty() {
        lines.push(say!(
            "Säkerhetskopiera nycklarna skilt från data: utan dem kan leveranser i karantän inte läsas.",
            "Back the keys up apart from the data: without them no delivery in quarantine can be read."
        ));
    }
    lines.push(match (&made.region, made.files.is_empty() && made.keys.is_empty()) {
        (_, true) => say!("Allt fanns redan; inget är ändrat.", "All of it was there; nothing is changed."),
        (None, _) => say!(
            "Klart. En regions mapp: `sluss init region LÄNSKOD`.",
            "Done. A region's folder: `sluss init region CODE`."
        ),
        (Some(folder), _) => say!(
            "Klart. Lägg regionens fil i {folder}/kallor,\nanpassa avtal.toml och avtal.sql, och kör `sluss check`.",
            "Done. Put the region's file into {folder}/kallor,\nadapt avtal.toml and avtal.sql, and run `sluss check`."
        ),
    });
    Message::join(&lines, "\n")
}
