//! Opening a file so that what is read from it lands as it stood.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sluss_schemas::chunk::Origin;
use sluss_schemas::landing::{Landing, LandingWriter};
use sluss_schemas::say;
use thiserror::Error;

use crate::error::{Actor, ConnectorError, Result};

/// The landing zone could not take the bytes: not the source's fault.
#[derive(Debug, Error)]
#[error("the landing zone could not be written")]
struct LandingFailed(#[source] io::Error);

/// Where files are, and where their bytes land.
pub(super) struct Intake<'a> {
    pub base: &'a Path,
    pub landing: &'a dyn Landing,
}

/// A file whose bytes land while they are read.
pub(super) struct Landed {
    file: File,
    writer: Box<dyn LandingWriter>,
    name: String,
}

impl Intake<'_> {
    /// Opens the file called `name`; `index` is its ordinal within the delivery.
    pub(super) fn open(&self, name: &str, index: u32) -> Result<Landed> {
        let file = open(self.base, name)?;
        let origin = Origin { index, name: name.to_owned(), part: None };
        let writer = self.landing.begin(&origin).map_err(|e| failure(io::Error::other(LandingFailed(e)), name))?;
        Ok(Landed { file, writer, name: name.to_owned() })
    }
}

impl Landed {
    /// The file as a person knows it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Reads the whole file.
    pub(super) fn all(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).map_err(|e| failure(e, &self.name))?;
        Ok(bytes)
    }

    /// Reads what is left, so that it lands too, and seals the object.
    pub(super) fn finish(mut self) -> Result<()> {
        let mut rest = [0_u8; 8192];
        loop {
            match self.read(&mut rest) {
                Ok(0) => break,
                Ok(_) => {}
                Err(e) => return Err(failure(e, &self.name)),
            }
        }
        self.writer.finish().map_err(|e| failure(io::Error::other(LandingFailed(e)), &self.name))
    }
}

impl Read for Landed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = loop {
            match self.file.read(buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        let bytes = buffer.get(..n).unwrap_or_default();
        self.writer.write(bytes).map_err(|e| io::Error::other(LandingFailed(e)))?;
        Ok(n)
    }
}

/// Opens a file below `base` for reading.
pub(super) fn open(base: &Path, name: &str) -> Result<File> {
    let path = base.join(name);
    if path.is_dir() {
        return Err(ConnectorError::configuration(say!("en mapp, inte en fil", "a folder, not a file"))
            .at(name)
            .hint(say!("ange filen i `path`", "name the file in `path`")));
    }
    File::open(&path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => ConnectorError::configuration(say!("filen finns inte", "no such file"))
            .at(name)
            .hint(say!("kontrollera filens namn och mapp", "check the file's name and folder"))
            .because(e),
        _ => failure(e, name),
    })
}

/// An error of reading, told apart from one of landing.
pub(super) fn failure(error: io::Error, place: &str) -> ConnectorError {
    let landing = error.get_ref().and_then(|inner| inner.downcast_ref::<LandingFailed>());
    if landing.is_some() {
        return ConnectorError {
            what: say!("originalet kunde inte sparas", "the bytes could not be kept"),
            place: Some(place.into()),
            hint: Some(say!(
                "se till att landningszonen har plats och går att skriva i",
                "see that the landing zone has room and may be written"
            )),
            actor: Actor::Operator,
            retry: true,
            source: Some(Box::new(error)),
        };
    }
    ConnectorError::source(say!("filen kunde inte läsas", "the file could not be read")).at(place).because(error)
}
