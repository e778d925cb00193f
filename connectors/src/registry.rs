//! The list of connectors. A new connector is a folder and one line here.

use schemars::{Schema, schema_for};
use serde_json::Value;
use sluss_schemas::say;

use crate::connect::{Connect, Io, Source};
use crate::eforms::Eforms;
use crate::error::{ConnectorError, Result};
use crate::fhir::Fhir;
use crate::files::Files;
use crate::hsa_fil::HsaFil;
use crate::inkorg::Inkorg;
use crate::kodverk::Kodverk;
use crate::ldap::Ldap;
use crate::options;
use crate::push::Push;
use crate::rest::Rest;
use crate::rivta::Rivta;
use crate::sftp::Sftp;
use crate::sql::Sql;
use crate::suggest;

/// Every connector, in reading order.
pub const ALL: &[&dyn ErasedConnector] = &[
    &Erased::<Files>::NEW,
    &Erased::<Inkorg>::NEW,
    &Erased::<Sftp>::NEW,
    &Erased::<Kodverk>::NEW,
    &Erased::<Sql>::NEW,
    &Erased::<Rest>::NEW,
    &Erased::<Fhir>::NEW,
    &Erased::<Ldap>::NEW,
    &Erased::<HsaFil>::NEW,
    &Erased::<Rivta>::NEW,
    &Erased::<Eforms>::NEW,
    &Erased::<Push>::NEW,
];

/// A connector whose options' type is no longer known: what [`ALL`] holds.
pub trait ErasedConnector: Send + Sync {
    /// The connector's name.
    fn name(&self) -> &'static str;
    /// What its reference page tells beside the options.
    fn doc(&self) -> &'static str;
    /// JSON Schema of `[source.options]`.
    fn schema(&self) -> Schema;
    /// Makes a source from `[source.options]` as JSON. No I/O.
    fn open(&self, options: Value, io: &Io) -> Result<Box<dyn Source>>;
}

/// Takes the type of the options away.
struct Erased<C>(std::marker::PhantomData<fn() -> C>);

impl<C> Erased<C> {
    const NEW: Self = Self(std::marker::PhantomData);
}

impl<C: Connect> ErasedConnector for Erased<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }
    fn doc(&self) -> &'static str {
        C::DOC
    }
    fn schema(&self) -> Schema {
        schema_for!(C::Options)
    }
    fn open(&self, options: Value, io: &Io) -> Result<Box<dyn Source>> {
        let options = serde_json::from_value(options).map_err(|error| options::explain(&error))?;
        C::open(options, io)
    }
}

/// The connector called `name`.
pub fn find(name: &str) -> Result<&'static dyn ErasedConnector> {
    ALL.iter().find(|connector| connector.name() == name).copied().ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|connector| connector.name()).collect();
        let error =
            ConnectorError::configuration(say!("det finns ingen koppling `{name}`", "there is no connector `{name}`"));
        match suggest::nearest(name, names.iter().copied()) {
            Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")),
            None => error.hint(say!("det finns: {}", "there are: {}", names.join(", "))),
        }
    })
}

/// Makes the source that a job's `[source]` describes. No I/O.
pub fn open(name: &str, options: Value, io: &Io) -> Result<Box<dyn Source>> {
    find(name)?.open(options, io)
}

/// JSON Schema of a connector's `[source.options]`.
pub fn options_schema(name: &str) -> Result<Schema> {
    Ok(find(name)?.schema())
}
