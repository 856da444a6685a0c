//! Answers recorded from Backstage, reproduced from the entities it had.

use std::path::PathBuf;

use base64::Engine;
use catalog::index::{EntityView, FullText, Index, ListRequest, Order, Page, PageRequest, Start};
use model::EntityRef;
use model::query::{Fields, Predicate, parse_filters};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::naive::{document, index};

fn recorded(name: &str) -> Option<Value> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/conformance/backstage/recorded-api"
    ))
    .join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is absent", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn body(name: &str) -> Option<Value> {
    recorded(name).map(|answer| answer["body"].clone())
}

/// The index that the recorded backend had.
fn backend() -> Option<Index> {
    let entities = body("catalog-entities.json")?;
    let documents = entities.as_array().unwrap().iter().map(|entity| {
        let mut stored = entity.clone();
        stored.as_object_mut().unwrap().shift_remove("relations");
        let uid = Uuid::parse_str(entity["metadata"]["uid"].as_str().unwrap()).unwrap();
        let mut document = document(&stored, uid, &[]);
        stored["metadata"]["etag"] = entity["metadata"]["etag"].clone();
        document.json = stored.to_string().into();
        let source = document.entity_ref.clone();
        for relation in entity["relations"].as_array().unwrap() {
            document.relations.push(model::EmittedRelation {
                source: source.clone(),
                kind: relation["type"].as_str().unwrap().to_owned(),
                target: relation["targetRef"].as_str().unwrap().parse().unwrap(),
            });
        }
        document
    });
    Some(index(documents))
}

fn values(views: &[EntityView<'_>]) -> Value {
    views.iter().map(EntityView::to_value).collect()
}

fn by_name() -> Option<Order> {
    Some(Order {
        field: "metadata.name".to_owned(),
        descending: false,
    })
}

fn first(query: Option<Predicate>, order: Option<Order>, full_text: Option<FullText>) -> Start {
    Start::First {
        query,
        full_text,
        order,
        offset: 0,
        total: true,
    }
}

fn page(index: &Index, start: Start, limit: usize) -> Page<'_> {
    index
        .page(&PageRequest {
            start,
            visible: None,
            limit,
        })
        .unwrap()
}

fn cursor(text: &Value) -> Value {
    let json = base64::engine::general_purpose::STANDARD
        .decode(text.as_str().unwrap())
        .unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// A page has the recorded items, total and cursors, member by member.
fn assert_page(page: &Page<'_>, recorded: &Value) {
    assert_eq!(values(&page.items), recorded["items"]);
    assert_eq!(json!(page.total), recorded["totalItems"]);
    for (ours, name) in [(&page.next, "nextCursor"), (&page.previous, "prevCursor")] {
        match (ours, recorded["pageInfo"].get(name)) {
            (None, None) => {}
            (Some(ours), Some(theirs)) => {
                assert_eq!(cursor(&json!(ours)), cursor(theirs), "{name}")
            }
            (ours, theirs) => panic!("{name}: {ours:?} but recorded {theirs:?}"),
        }
    }
}

#[test]
fn the_unpaginated_list_is_in_order_of_uid() {
    let Some((index, all)) = backend().zip(body("catalog-entities.json")) else {
        return;
    };
    let page = page(&index, Start::all(None), 10_000);
    assert_eq!(values(&page.items), all);
}

#[test]
fn a_filtered_list_has_the_wanted_fields() {
    let Some((index, expected)) = backend().zip(body("catalog-entities-filter.json")) else {
        return;
    };
    let query = parse_filters(&["kind=component,spec.type=website"]).unwrap();
    let list = index.list(&ListRequest {
        query,
        limit: Some(20),
        ..Default::default()
    });
    let fields = Fields::parse(&["kind,metadata.name,spec.type"]).unwrap();
    let mut text = Vec::new();
    for view in &list.items {
        view.write_with(fields.as_ref(), &mut text);
    }
    let expected = &expected[0];
    assert_eq!(
        String::from_utf8(text).unwrap(),
        expected.to_string(),
        "even in the order of keys"
    );
}

#[test]
fn alternatives_are_listed_in_the_order_asked_for() {
    let Some((index, expected)) = backend().zip(body("catalog-entities-filter-multi.json")) else {
        return;
    };
    let request = ListRequest {
        query: parse_filters(&["kind=user", "kind=group"]).unwrap(),
        order: by_name().into_iter().collect(),
        limit: Some(3),
        ..Default::default()
    };
    assert_eq!(values(&index.list(&request).items), expected);
}

#[test]
fn an_entity_is_found_by_name_and_uid() {
    let Some((index, expected)) = backend().zip(body("catalog-by-name.json")) else {
        return;
    };
    let view = index
        .get(&EntityRef::new("Component", "default", "Example-Website"))
        .unwrap();
    assert_eq!(view.to_value(), expected);
    let uid = expected["metadata"]["uid"].as_str().unwrap();
    assert_eq!(
        index.by_uid(uid.parse().unwrap()).unwrap().entity_ref(),
        view.entity_ref()
    );
}

#[test]
fn pages_carry_the_same_cursors() {
    let Some(index) = backend() else { return };
    let recorded = |name: &str| body(name).unwrap();
    let one = page(&index, first(None, by_name(), None), 2);
    assert_page(&one, &recorded("catalog-by-query-page1.json"));
    let two = page(&index, Start::Cursor(one.next.unwrap()), 2);
    assert_page(&two, &recorded("catalog-by-query-page2-cursor.json"));
    let components = parse_filters(&["kind=component"]).unwrap();
    let none = page(&index, first(components.clone(), None, None), 0);
    assert_page(&none, &recorded("catalog-by-query-limit0.json"));
    let post = page(&index, first(components.clone(), None, None), 2);
    assert_page(&post, &recorded("catalog-by-query-post.json"));
    let text = FullText {
        term: "example".to_owned(),
        fields: Some(vec![
            "metadata.name".to_owned(),
            "metadata.title".to_owned(),
        ]),
    };
    let found = page(&index, first(components, by_name(), Some(text)), 20);
    assert_page(&found, &recorded("catalog-by-query-fulltext.json"));
}

#[test]
fn a_predicate_is_answered_with_its_fields() {
    let Some((index, answer)) = backend().zip(recorded("catalog-by-query-post-operators.json"))
    else {
        return;
    };
    let query = Predicate::from_json(&answer["request"]["body"]["query"]).unwrap();
    let found = page(&index, first(Some(query), None, None), 2);
    let fields = Fields::parse(&["metadata.name", "kind"]).unwrap().unwrap();
    let mut text = Vec::new();
    found.items[0].write_fields(&fields, &mut text);
    assert_eq!(
        String::from_utf8(text).unwrap(),
        answer["body"]["items"][0].to_string()
    );
    assert_eq!(json!(found.total), answer["body"]["totalItems"]);
}

#[test]
fn facets_are_counted_alike() {
    let Some(index) = backend() else { return };
    for (name, filter) in [
        ("catalog-entity-facets.json", None),
        ("catalog-entity-facets-filter.json", Some("kind=component")),
    ] {
        let expected = body(name).unwrap();
        let keys: Vec<&String> = expected["facets"].as_object().unwrap().keys().collect();
        let query = filter.and_then(|filter| parse_filters(&[filter]).unwrap());
        let facets = index.facets(&keys, query.as_ref(), None);
        let ours: Value = facets
            .into_iter()
            .map(|facet| {
                let values = facet.values.into_iter();
                let values: Vec<Value> = values
                    .map(|v| json!({"value": v.value, "count": v.count}))
                    .collect();
                (facet.key, Value::from(values))
            })
            .collect();
        assert_eq!(
            json!({"facets": ours}).to_string(),
            expected.to_string(),
            "{name}"
        );
    }
}
