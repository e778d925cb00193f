//! Code systems, value sets and crosswalks: read as the connector `kodverk` reads them.

use sluss_schemas::say;
use std::io::Read;

use super::options::Options;
use crate::connect::{Field, Io};
use crate::error::Result;
use crate::files::{Emit, Format, Input, crashed, text_fields};
use crate::kodverk::{self, Gives, KodverkSource};

/// The format of answers with codes.
#[derive(Debug)]
pub(super) struct Codes {
    source: KodverkSource,
    gives: Gives,
}

impl Codes {
    /// With what the job says of the list.
    pub(super) fn new(options: &Options, gives: Gives, io: &Io) -> Result<Self> {
        let value_set = (gives == Gives::Vardomrade).then(|| options.system.clone()).flatten();
        let list = kodverk::Options {
            form: kodverk::Form::Fhir,
            table: gives,
            system: if gives == Gives::Kod { options.system.clone() } else { None },
            value_set,
            version: options.version.clone(),
            valid_from: options.valid_from.clone(),
            ..kodverk::Options::default()
        };
        Ok(Self { source: KodverkSource::paged(list, io)?, gives })
    }
}

impl Format for Codes {
    fn read(&self, mut input: Input, _chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        let mut bytes = Vec::new();
        input
            .bytes
            .read_to_end(&mut bytes)
            .map_err(|error| crashed(&say!("ett svar lästes", "reading an answer")).because(error))?;
        let first = emit.origin(&input.name, None);
        let mut latest = first.index;
        self.source.fhir(&bytes, first.index, &input.name, &mut |chunk| {
            // Each resource is a part of the answer, with an ordinal of its own.
            while latest < chunk.origin.index {
                latest += 1;
                emit.origin(&input.name, chunk.origin.part.as_deref());
            }
            emit.chunk(chunk)
        })
    }

    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        Ok(text_fields(self.gives.columns()))
    }
}
