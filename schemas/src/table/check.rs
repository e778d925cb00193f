//! What a table's file must hold beyond its grammar: names, key, owner, references, rules.

use super::parse::{At, Problem, nearest};
use super::{Class, Column, Identifier, Kind, Reference, Store, Table, VALID_FROM, VALID_TO};
use crate::rule;

/// Names that the register gives to its own columns.
const RESERVED: [&str; 2] = ["reg_fran", "reg_till"];

/// Longest name that PostgreSQL keeps whole (63 bytes), less what the register appends to it.
const LONGEST_NAME: usize = 48;

type Checked = Result<(), Problem>;

/// The first thing that is wrong with `table`.
pub(super) fn table(table: &Table) -> Checked {
    name(&table.name, At::Table("name"))?;
    version(&table.version)?;
    ensure(!table.meaning.trim().is_empty(), At::Table("meaning"), "the table has no meaning", "say what it holds")?;
    // Names first: what follows looks columns up by them.
    for (i, column) in table.column.iter().enumerate() {
        column_name(table, i, column)?;
    }
    for (i, column) in table.column.iter().enumerate() {
        self::column(table, i, column)?;
    }
    key(table)?;
    owner(table)?;
    parent(table)?;
    contract(table)?;
    partition(table)?;
    identity(table)?;
    valid_time(table)?;
    rules(table)
}

/// That the file is called after its table.
pub(super) fn file_name(table: &Table, file: &str) -> Checked {
    let stem = file.rsplit(['/', '\\']).next().and_then(|f| f.strip_suffix(".toml"));
    ensure(
        stem.is_none_or(|stem| stem == table.name),
        At::Table("name"),
        format!("the table `{}` is in a file of another name", table.name),
        format!("call the file {}.toml, or the table as the file", table.name),
    )
}

fn ensure(holds: bool, at: At, what: impl Into<String>, hint: impl Into<String>) -> Checked {
    if holds { Ok(()) } else { Err(Problem { at, what: what.into(), hint: hint.into() }) }
}

fn name(name: &str, at: At) -> Checked {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let rest = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    ensure(
        !name.starts_with('_') && !RESERVED.contains(&name),
        at,
        format!("the name `{name}` is reserved for the register"),
        "choose another name, one that does not begin with `_`",
    )?;
    ensure(
        first && rest && name.len() <= LONGEST_NAME,
        at,
        format!("the name `{name}` cannot be used in SQL as it stands"),
        format!(
            "use lower-case a–z, 0–9 and `_`, a letter first, at most {LONGEST_NAME} characters (å and ä as a, ö as o)"
        ),
    )
}

fn version(version: &str) -> Checked {
    let numbers = version.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    ensure(numbers, At::Table("version"), "the version is not of numbers", "write it as \"1.0\"")
}

fn find(table: &Table, column: &str, at: At) -> Result<usize, Problem> {
    table.position(column).ok_or_else(|| {
        let near = nearest(column, table.column.iter().map(|c| c.name.as_str()));
        let hint = near.map_or_else(|| "name a column of this table".to_owned(), |n| format!("did you mean `{n}`?"));
        Problem { at, what: format!("the table has no column `{column}`"), hint }
    })
}

fn column_name(table: &Table, i: usize, column: &Column) -> Checked {
    let own = &column.name;
    name(own, At::Column(i, "name"))?;
    ensure(
        table.position(own) == Some(i),
        At::Column(i, "name"),
        format!("the column `{own}` stands twice"),
        "remove one, or give it another name",
    )
}

fn column(table: &Table, i: usize, column: &Column) -> Checked {
    let own = &column.name;
    ensure(
        !column.meaning.trim().is_empty(),
        At::Column(i, "meaning"),
        format!("the column `{own}` has no meaning"),
        "say what it means, in Swedish",
    )?;
    let text = column.kind == Kind::Text;
    let only_text = |set: bool, field| {
        let what = format!("the column `{own}` is {} and cannot have `{field}`", column.kind);
        ensure(text || !set, At::Column(i, field), what, "make the column text, or remove it")
    };
    only_text(column.identifier.is_some(), "identifier")?;
    only_text(column.code.is_some(), "code")?;
    only_text(!column.values.is_empty(), "values")?;
    if let Some(Identifier::HsaId { suffix: (shortest, longest), .. }) = column.identifier {
        ensure(
            0 < shortest && shortest <= longest && longest <= 18,
            At::Column(i, "identifier"),
            format!("the column `{own}` allows no HSA-id"),
            "write suffix = [shortest, longest] with 1 ≤ shortest ≤ longest ≤ 18",
        )?;
    }
    if let Some(on) = column.code.as_ref().and_then(|code| code.on.as_deref()) {
        let at = At::Column(i, "code");
        let dated = table.column.get(find(table, on, at)?);
        let is_date = dated.is_some_and(|c| c.kind == Kind::Date || c.identifier == Some(Identifier::Manad));
        ensure(is_date, at, format!("`{on}` is neither a date nor a month"), "name a date column, or leave `on` out")?;
    }
    column.references.iter().try_for_each(|r| reference(table, r, At::Column(i, "references")))
}

fn reference(table: &Table, reference: &Reference, at: At) -> Checked {
    reference.columns.iter().try_for_each(|c| find(table, c, at).map(drop))
}

fn key(table: &Table) -> Checked {
    let at = At::Table("key");
    ensure(!table.key.is_empty(), at, "the table has no key", "name the columns that identify a row")?;
    for (i, column) in table.key.iter().enumerate() {
        let found = table.column.get(find(table, column, at)?);
        let once = table.key.iter().position(|c| c == column) == Some(i);
        ensure(once, at, format!("the key names `{column}` twice"), "name it once")?;
        ensure(
            found.is_some_and(|c| c.required),
            at,
            format!("the key column `{column}` is not required"),
            "write required = true in it: a row without its key is nobody",
        )?;
        ensure(
            found.is_some_and(|c| !matches!(c.kind, Kind::Float | Kind::Boolean)),
            at,
            format!("the key column `{column}` cannot identify a row"),
            "use text, date, timestamp, integer or decimal in keys",
        )?;
    }
    Ok(())
}

fn owner(table: &Table) -> Checked {
    let Some(owner) = &table.owner else { return Ok(()) };
    let at = At::Table("owner");
    let column = table.column.get(find(table, owner, at)?);
    ensure(
        column.is_some_and(|c| c.required && c.kind == Kind::Text),
        at,
        format!("the owner column `{owner}` is not a required text"),
        "write type = \"text\" and required = true in it: it holds the länskod",
    )
}

fn parent(table: &Table) -> Checked {
    let Some(parent) = &table.parent else { return Ok(()) };
    let at = At::Table("parent");
    ensure(!parent.columns.is_empty(), at, "the parent has no columns", "write columns = [\"…\"], in its key's order")?;
    reference(table, parent, at)?;
    for column in &parent.columns {
        let in_key = table.key.contains(column);
        ensure(in_key, at, format!("`{column}` points at the parent but is not in the key"), "add it to the key")?;
    }
    Ok(())
}

fn contract(table: &Table) -> Checked {
    let at = At::Table("contract");
    for link in &table.contract {
        find(table, &link.column, at)?;
        let kind = table.column.get(find(table, &link.kind, at)?);
        let known = |value: &String| kind.is_none_or(|kind| kind.values.is_empty() || kind.values.contains(value));
        let strange = link.kinds.iter().find(|value| !known(value));
        ensure(
            strange.is_none(),
            at,
            format!("the column `{}` has no value `{}`", link.kind, strange.map_or("", String::as_str)),
            "write values that the column allows",
        )?;
    }
    Ok(())
}

fn partition(table: &Table) -> Checked {
    let at = At::Table("partition");
    for column in &table.partition {
        let column = table.column.get(find(table, column, at)?);
        let plain = column.is_some_and(|c| matches!(c.kind, Kind::Text | Kind::Date | Kind::Integer));
        ensure(plain, at, "a partition column is text, a date or an integer", "choose another column")?;
        let open = column.is_some_and(|c| c.class == Class::Oppen);
        ensure(
            open,
            at,
            "a partition column's values are folder names, and this one is not open",
            "choose an open column",
        )?;
    }
    if table.store == Store::Lake {
        for (i, column) in table.column.iter().enumerate() {
            ensure(
                column.class == Class::Oppen,
                At::Column(i, "class"),
                format!("the column `{}` is protected, and a lake table has nowhere to keep it", column.name),
                "leave the column out, or keep the table in the register",
            )?;
        }
    }
    Ok(())
}

fn identity(table: &Table) -> Checked {
    let Some((own, from)) = table.identity() else { return Ok(()) };
    let at = At::Table("key");
    let what = format!("`{}` is to be computed from the identity columns", own.name);
    ensure(own.kind == Kind::Text, at, what.clone(), "make the key's last column text")?;
    ensure(
        from.iter().all(|c| c.name != own.name),
        at,
        what,
        "the key's last column cannot be an identity column itself",
    )
}

fn valid_time(table: &Table) -> Checked {
    let ends = table.position(VALID_TO).is_some_and(|_| table.has_valid_time());
    ensure(
        !table.expires || ends,
        At::Table("expires"),
        "rows are to expire, and nothing says when".to_owned(),
        "add the columns `giltig_fran` and `giltig_till`",
    )?;
    for name in [VALID_FROM, VALID_TO] {
        let Some(i) = table.position(name) else { continue };
        let is_date = table.column.get(i).is_some_and(|c| c.kind == Kind::Date);
        ensure(is_date, At::Column(i, "type"), format!("`{name}` is not a date"), "write type = \"date\"")?;
        let both = table.has_valid_time();
        ensure(
            both,
            At::Column(i, "name"),
            format!("`{VALID_TO}` without `{VALID_FROM}`"),
            "add the column `giltig_fran`",
        )?;
    }
    Ok(())
}

fn rules(table: &Table) -> Checked {
    for (i, used) in table.rule.iter().enumerate() {
        if rule::find(&used.rule).is_none() {
            let hint = rule::nearest(&used.rule)
                .map_or_else(|| "`sluss explain` lists the rules".to_owned(), |near| format!("did you mean `{near}`?"));
            let what = format!("there is no rule `{}`", used.rule);
            return Err(Problem { at: At::Rule(i, "rule"), what, hint });
        }
        for column in &used.columns {
            find(table, column, At::Rule(i, "columns"))?;
        }
        if let Err(unfit) = rule::bind(used, table) {
            return Err(Problem { at: At::Rule(i, "columns"), what: unfit.what, hint: unfit.hint });
        }
    }
    Ok(())
}
