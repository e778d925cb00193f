//! Short forms in a table's file: a name alone, or a table of its own where there is more to say.

use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// What a name alone means.
pub(super) trait FromName: Sized {
    /// Reads the short form.
    fn from_name<E: Error>(name: &str) -> Result<Self, E>;
}

/// The two forms, for the editors' JSON Schema.
#[derive(JsonSchema)]
#[schemars(rename = "NameOr{T}")]
#[serde(untagged)]
#[expect(dead_code, reason = "describes a form, is never built")]
pub(super) enum NameOr<T> {
    /// The short form.
    Name(String),
    /// The full form.
    Full(T),
}

/// Reads either form. Not `#[serde(untagged)]`, which would lose the reason of an error.
pub(super) fn option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromName + Deserialize<'de>,
{
    deserializer.deserialize_any(EitherForm(PhantomData)).map(Some)
}

struct EitherForm<T>(PhantomData<T>);

impl<'de, T: FromName + Deserialize<'de>> Visitor<'de> for EitherForm<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name in quotes, or a table { … }")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        T::from_name(name)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}
