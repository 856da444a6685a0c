//! Counting the values of fields.

use model::query::Predicate;
use platform::error::ApiError;
use platform::request::{Body, Call};
use serde_json::{Map, Value, json};

use super::Answer;
use super::answer::json_answer;
use super::entities::{filter_in, predicate_in};
use crate::engine::Catalog;
use crate::visibility::visible_to;

/// `GET /entity-facets`
pub(super) async fn from_query(catalog: Catalog, call: Call) -> Answer {
    let keys = call.query.filled("facet")?;
    if keys.is_empty() {
        return Err(
            ApiError::input("request/query must have required property 'facet'")
                .accepted("facet=kind"),
        );
    }
    let filter = filter_in(&call)?;
    answer(&catalog, &call, &keys, filter.as_ref()).await
}

/// `POST /entity-facets`
pub(super) async fn from_body(catalog: Catalog, call: Call) -> Answer {
    let body = call.object()?;
    let keys = Body::new(&body).required_texts("facets")?;
    let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    let predicate = predicate_in(&body)?;
    answer(&catalog, &call, &keys, predicate.as_ref()).await
}

async fn answer(
    catalog: &Catalog,
    call: &Call,
    keys: &[String],
    predicate: Option<&Predicate>,
) -> Answer {
    let index = catalog.index_for(call).await?;
    let mut facets = Map::new();
    for facet in index.facets(keys, predicate, visible_to(&call.caller).as_ref()) {
        let values = facet
            .values
            .into_iter()
            .map(|value| json!({ "value": value.value, "count": value.count }))
            .collect();
        facets.insert(facet.key, Value::Array(values));
    }
    json_answer(&json!({ "facets": facets }))
}
