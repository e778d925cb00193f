//! Messages whose schema is known: the rows of a document, held against it.

use super::checked::Checked;
use super::contract::Contract;
use super::walk::{Sink, Walk};
use super::{Options, SEPARATOR, document};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};
use crate::files::cells::{Cells, text_fields};
use crate::files::columns::ColumnMap;
use crate::files::format::{Emit, Format, Input};
use crate::files::xml::plan::Plan;
use sluss_schemas::say;

/// A kind of message, ready to read.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    contract: &'static Contract,
    strict: bool,
    plan: Plan,
    names: Vec<String>,
}

impl Message {
    /// Messages of a contract; `strict` holds their values against it too, not only their structure.
    pub(crate) fn new(contract: &'static Contract, strict: bool) -> Result<Self> {
        let columns = contract.columns();
        let names = ColumnMap(columns.clone()).names();
        let paths: Vec<&str> = columns.iter().map(|(_, path)| path.as_str()).collect();
        let plan = Options { row: contract.path(), ..Options::default() }.plan(&paths)?;
        Ok(Self { contract, strict, plan, names })
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Hands over that a document has no rows.
    pub(crate) fn none(&self, input: &Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = emit.origin(&input.name, input.member.as_deref());
        Cells::new(origin, &self.names, chunk_rows).finish(emit)
    }
}

impl Format for Message {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let origin = emit.origin(&input.name, input.member.as_deref());
        let cells = Cells::new(origin, &self.names, chunk_rows);
        let walk = Walk::new(&self.plan, &[], SEPARATOR, Sink::Cells(Box::new(cells), emit));
        let mut checked = Checked::new(self.contract, self.strict, walk);
        let mut outcome = document::read(input.bytes, true, &mut checked);
        if outcome.is_ok() && !checked.seen() {
            let (sv, en) = self.contract.title;
            let error =
                ConnectorError::source(say!("dokumentet innehåller inte {sv}", "the document does not hold {en}"));
            outcome = Err(error.hint(say!(
                "kontrollera att filen är av det slag som jobbet läser",
                "check that the file is of the kind that the job reads"
            )));
        }
        checked.finish()?;
        outcome
    }

    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        Ok(text_fields(&self.names))
    }
}
