//! The jobs that read the workbook: one for each sheet, since each has columns of its own.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use sluss_schemas::region::Region;
use sluss_schemas::table::Table;

use super::{Form, refused, relative};

/// Files that were made, and files that were there.
type Written = (Vec<String>, Vec<String>);

/// Writes the job and SQL files into a folder `mall` of the region's, where there are none.
pub(super) fn write(root: &Path, region: &Region, form: &Form<'_>, book: &Path) -> anyhow::Result<Written> {
    let folder = root.join(region_folder(root, region)).join("mall");
    std::fs::create_dir_all(&folder).map_err(|e| refused(&folder, e))?;
    let book = std::path::absolute(book)?;
    let place = if book.starts_with(root) { relative(&book, &folder) } else { book };
    let (mut made, mut kept) = (Vec::new(), Vec::new());
    for table in form.tables {
        let files = [
            (format!("{}.toml", table.name), job(table, region, &place)),
            (format!("{}.sql", table.name), mapping(form, table, region)),
        ];
        for (name, text) in files {
            let path = folder.join(name);
            let shown = relative(&path, root).display().to_string();
            let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
            match file.and_then(|mut file| file.write_all(text.as_bytes())) {
                Ok(()) => made.push(shown),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => kept.push(shown),
                Err(error) => return Err(refused(&path, error).into()),
            }
        }
    }
    Ok((made, kept))
}

/// The region's folder: the one that there is, or the one that `sluss init region` would make.
fn region_folder(root: &Path, region: &Region) -> String {
    let regions = root.join("regions");
    let there = std::fs::read_dir(&regions).into_iter().flatten().flatten();
    let mut names: Vec<String> = there.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let begins = format!("{}-", region.lanskod);
    let name = names.into_iter().find(|name| name.starts_with(&begins));
    format!("regions/{}", name.unwrap_or_else(|| crate::commands::init::folder_name(region)))
}

fn job(table: &Table, region: &Region, book: &Path) -> String {
    let mut out = format!(
        "# Bladet {table} i arbetsboken: gjord av `sluss template`.\n\
         [job]\nowner = \"{owner}\"\nfeeds = [\"{table}\"]\nmode  = \"snapshot\"                    # det som saknas har upphört\n\n\
         [source]\nconnector = \"files\"\n\n\
         [source.options]\npath   = {path}\nformat = \"xlsx\"\n\n\
         [source.options.xlsx]\nsheet      = \"{table}\"\nheader_row = 1\n\n\
         [map]\n{table} = \"{table}.sql\"\n",
        table = table.name,
        owner = region.lanskod,
        path = toml::Value::from(book.display().to_string()),
    );
    if table.parent.is_some() {
        // Writing to a string cannot fail.
        let _ = write!(out, "\n[limits]\nmin_rows = 0                          # ett blad som inte behövs är tomt\n");
    }
    out
}

fn mapping(form: &Form<'_>, table: &Table, region: &Region) -> String {
    let mut lines = Vec::new();
    if let Some(owner) = &table.owner {
        lines.push(format!("    '{}' AS {owner}", region.lanskod));
    }
    lines.extend(form.columns(table).map(|column| format!("    \"{}\"", column.name)));
    format!("-- Bladets rubriker är de nationella kolumnerna.\nSELECT\n{}\nFROM source\n", lines.join(",\n"))
}
