//! From a part of the configuration to a Rust type, with the place of
//! whatever does not fit.
//!
//! Values that came through `${VAR}` are strings, so a number or boolean that
//! is written as a string is accepted, as Backstage does.

use std::collections::btree_map;
use std::fmt;
use std::slice;

use serde::de::{
    self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor, value::StrDeserializer,
};
use serde::forward_to_deserialize_any;

use super::tree::{Data, Node, Origin, join};

/// Why a value does not fit, and where.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) message: String,
    /// The path below the value that is decoded.
    pub(super) path: String,
    pub(super) origin: Option<Origin>,
    pub(super) accepted: Option<String>,
}

impl Misfit {
    fn at(mut self, key: &str, origin: &Origin) -> Self {
        self.path = match self.path.strip_prefix('[') {
            Some(_) => format!("{key}{}", self.path),
            None if self.path.is_empty() => key.to_owned(),
            None => join(key, &self.path),
        };
        self.origin.get_or_insert_with(|| origin.clone());
        self
    }

    fn wanted(wanted: &str, node: &Node) -> Self {
        Self {
            message: format!("must be {wanted}, but is {}", node.data.sort()),
            path: String::new(),
            origin: Some(node.origin.clone()),
            accepted: Some(wanted.to_owned()),
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            path: String::new(),
            origin: None,
            accepted: None,
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            message: format!("needs the key `{field}`"),
            path: String::new(),
            origin: None,
            accepted: Some(format!("an object with `{field}`")),
        }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!(
            "has the unknown key `{field}`; known are {}",
            expected.join(", ")
        );
        Self {
            message,
            path: String::new(),
            origin: None,
            accepted: Some(expected.join(", ")),
        }
    }
}

macro_rules! numbers {
    ($($method:ident, $visit:ident, $type:ty, $read:ident, $wanted:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            let value = match &self.data {
                Data::Number(number) => number.$read().and_then(|number| <$type>::try_from(number).ok()),
                Data::Text(text) => text.trim().parse::<$type>().ok(),
                _ => None,
            };
            visitor.$visit(value.ok_or_else(|| Misfit::wanted($wanted, self))?)
        })*
    };
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let result = match &self.data {
            Data::Null => visitor.visit_unit(),
            Data::Bool(value) => visitor.visit_bool(*value),
            Data::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => visitor.visit_u64(value),
                (None, Some(value)) => visitor.visit_i64(value),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Data::Text(text) => visitor.visit_borrowed_str(text),
            Data::List(items) => visitor.visit_seq(Items {
                items: items.iter(),
                index: 0,
            }),
            Data::Map(fields) => visitor.visit_map(Fields {
                fields: fields.iter(),
                next: None,
            }),
        };
        result.map_err(|mut misfit: Misfit| {
            misfit.origin.get_or_insert_with(|| self.origin.clone());
            misfit
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.data {
            Data::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_bool(boolean(self).ok_or_else(|| Misfit::wanted("true or false", self))?)
    }

    numbers! {
        deserialize_u8, visit_u8, u8, as_u64, "a whole number from 0 to 255";
        deserialize_u16, visit_u16, u16, as_u64, "a whole number from 0 to 65535";
        deserialize_u32, visit_u32, u32, as_u64, "a whole number, 0 or more";
        deserialize_u64, visit_u64, u64, as_u64, "a whole number, 0 or more";
        deserialize_i8, visit_i8, i8, as_i64, "a whole number from -128 to 127";
        deserialize_i16, visit_i16, i16, as_i64, "a whole number";
        deserialize_i32, visit_i32, i32, as_i64, "a whole number";
        deserialize_i64, visit_i64, i64, as_i64, "a whole number";
        deserialize_f64, visit_f64, f64, as_f64, "a number";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.data {
            Data::Text(text) => visitor.visit_borrowed_str(text),
            _ => Err(Misfit::wanted("a string (put it in quotes)", self)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.data {
            Data::List(_) => self.deserialize_any(visitor),
            _ => Err(Misfit::wanted("a list", self)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.data {
            Data::Map(_) => self.deserialize_any(visitor),
            _ => Err(Misfit::wanted("an object", self)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match &self.data {
            Data::Text(text) => {
                let named: StrDeserializer<'_, Misfit> =
                    de::IntoDeserializer::into_deserializer(text.as_str());
                visitor.visit_enum(named).map_err(|_: Misfit| Misfit {
                    message: format!("must be one of {}", variants.join(", ")),
                    path: String::new(),
                    origin: Some(self.origin.clone()),
                    accepted: Some(format!("one of {}", variants.join(", "))),
                })
            }
            _ => Err(Misfit::wanted(
                &format!("one of {}", variants.join(", ")),
                self,
            )),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

/// A boolean, or one of the texts `true` and `false`.
pub(super) fn boolean(node: &Node) -> Option<bool> {
    match &node.data {
        Data::Bool(value) => Some(*value),
        Data::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

struct Items<'de> {
    items: slice::Iter<'de, Node>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        seed.deserialize(item)
            .map(Some)
            .map_err(|misfit| misfit.at(&format!("[{index}]"), &item.origin))
    }
}

struct Fields<'de> {
    fields: btree_map::Iter<'de, String, Node>,
    next: Option<(&'de String, &'de Node)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        self.next = self.fields.next();
        let Some((key, node)) = self.next else {
            return Ok(None);
        };
        let named: StrDeserializer<'_, Misfit> =
            de::IntoDeserializer::into_deserializer(key.as_str());
        seed.deserialize(named).map(Some).map_err(|mut misfit| {
            misfit.origin.get_or_insert_with(|| node.key_origin.clone());
            misfit
        })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let Some((key, node)) = self.next.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(node)
            .map_err(|misfit| misfit.at(key, &node.origin))
    }
}
