//! The cursor of a by-query page: where the page ends and what was asked,
//! so that the next request needs nothing else. Clients treat it as opaque;
//! the fields are those of Backstage (reference 3.4).

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use model::query::Predicate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::page::{FullText, Order};

/// Longer cursors are refused unread, in bytes.
const MAX_LENGTH: usize = 4 << 20;

/// A cursor that cannot be used. The beginning of the wording is Backstage's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Malformed cursor: {0}")]
pub struct CursorError(String);

/// See the module's documentation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cursor {
    #[serde(default, with = "order_fields")]
    pub(super) order_fields: Option<Order>,
    pub(super) is_previous: bool,
    #[serde(default)]
    full_text_filter: FullTextFilter,
    pub(super) order_field_values: Vec<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) first_sort_field_values: Option<Vec<Option<String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) query: Option<Predicate>,
    pub(super) total_items: usize,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct FullTextFilter {
    #[serde(default)]
    term: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<String>>,
}

impl Cursor {
    pub(super) fn new(
        query: Option<Predicate>,
        order: Option<Order>,
        full_text: Option<FullText>,
    ) -> Self {
        let full_text = full_text.unwrap_or_default();
        Self {
            order_fields: order,
            is_previous: false,
            full_text_filter: FullTextFilter {
                term: full_text.term,
                fields: full_text.fields,
            },
            order_field_values: Vec::new(),
            first_sort_field_values: None,
            query,
            total_items: 0,
        }
    }

    pub(super) fn full_text(&self) -> FullText {
        FullText {
            term: self.full_text_filter.term.clone(),
            fields: self.full_text_filter.fields.clone(),
        }
    }

    /// The position that it holds: the value of the sort field, if there is
    /// one, and the uid.
    pub(super) fn position(&self) -> Result<(Option<&str>, Uuid), CursorError> {
        let (value, uid) = match (&self.order_fields, self.order_field_values.as_slice()) {
            (Some(_), [Some(value), Some(uid)]) => (Some(value.as_str()), uid),
            (None, [Some(uid)]) => (None, uid),
            _ => {
                return Err(CursorError(
                    "orderFieldValues does not fit orderFields".to_owned(),
                ));
            }
        };
        let uid = Uuid::try_parse(uid)
            .map_err(|_| CursorError("orderFieldValues does not end with a uid".to_owned()))?;
        Ok((value, uid))
    }

    pub(super) fn encode(&self) -> String {
        // Serialising plain fields to memory cannot fail.
        let json = serde_json::to_vec(self).unwrap_or_default();
        base64::engine::general_purpose::STANDARD.encode(json)
    }

    pub(super) fn decode(text: &str) -> Result<Self, CursorError> {
        if text.len() > MAX_LENGTH {
            return Err(CursorError(format!("it is longer than {MAX_LENGTH} bytes")));
        }
        let config = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        let alphabet = if text.contains(['-', '_']) {
            &alphabet::URL_SAFE
        } else {
            &alphabet::STANDARD
        };
        let json = GeneralPurpose::new(alphabet, config)
            .decode(text.trim())
            .map_err(|error| CursorError(format!("it is not base64 ({error})")))?;
        serde_json::from_slice(&json)
            .map_err(|error| CursorError(format!("SyntaxError: {error}; pass a nextCursor or prevCursor of an earlier answer unchanged")))
    }
}

/// `[{"field": ..., "order": "asc"}]`, of which only the first counts.
mod order_fields {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Order;

    #[derive(Serialize, Deserialize)]
    struct OrderField {
        field: String,
        #[serde(default)]
        order: Direction,
    }

    #[derive(Default, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Direction {
        #[default]
        Asc,
        Desc,
    }

    pub(super) fn serialize<S: Serializer>(
        order: &Option<Order>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let fields = order.iter().map(|order| OrderField {
            field: order.field.clone(),
            order: if order.descending {
                Direction::Desc
            } else {
                Direction::Asc
            },
        });
        fields.collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Order>, D::Error> {
        let fields = Vec::<OrderField>::deserialize(deserializer)?;
        Ok(fields.into_iter().next().map(|field| Order {
            field: field.field,
            descending: matches!(field.order, Direction::Desc),
        }))
    }
}
