//! Values that stand in frames and tracks alike.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A JSON object, and nothing else: what is derived would take a list of the values, too.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Map<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Map(PhantomData)).map(Self)
    }
}

/// A UUID as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id(pub [u8; 16]);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Uuid::from_bytes(self.0))
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UUID")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id, E> {
                let parsed = Uuid::try_parse(text).map(Uuid::into_bytes);
                parsed.map(Id).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Text padded with zero bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padded(pub [u8; 32]);

impl Serialize for Padded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = self.0.iter().position(|&byte| byte == 0).unwrap_or(self.0.len());
        let text = str::from_utf8(&self.0[..length]).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

impl<'de> Deserialize<'de> for Padded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Padded;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text of at most 32 bytes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Padded, E> {
                let mut padded = [0; 32];
                let room = padded.get_mut(..text.len());
                let room = room.ok_or_else(|| E::invalid_length(text.len(), &self))?;
                room.copy_from_slice(text.as_bytes());
                Ok(Padded(padded))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A version, which must be the one that the caller knows; a model that says none means it.
pub const fn known_version() -> u8 {
    super::SCHEMA_VERSION
}

/// What `id_present` says: nothing where nobody has split the bands and nobody is named.
pub const fn id_present(band: u8, has_id: bool) -> Option<bool> {
    if has_id || band != crate::detection::range_band::UNSPECIFIED { Some(has_id) } else { None }
}
