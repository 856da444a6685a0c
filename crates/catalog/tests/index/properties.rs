//! Random catalogs, random histories, random questions.

use catalog::index::{Change, Document, FullText, Index, ListRequest, Order, PageRequest, Start};
use model::EntityRef;
use model::query::{Fields, Predicate, Primitive, Test};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::naive::{Naive, document, index};

const REFS: [&str; 8] = [
    "component:default/alpha",
    "component:default/beta",
    "component:acme/alpha",
    "api:default/gamma",
    "group:default/delta",
    "user:default/eve",
    "group:default/missing",
    "resource:default/gone",
];

const KEYS: [&str; 14] = [
    "kind",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "metadata.tags",
    "metadata.tags.java",
    "metadata.tags.x.y",
    "metadata.labels.a.b/C",
    "spec.type",
    "spec.value",
    "spec.value.a",
    "relations.ownedBy",
    "relations.DEPENDSON",
    "nope",
];

const VALUES: [&str; 12] = [
    "component",
    "alpha",
    "default",
    "java",
    "x.y",
    "true",
    "service",
    "1",
    "a",
    "",
    "group:default/delta",
    "Group:Default/Missing",
];

#[derive(Debug, Clone)]
enum Event {
    Put(Box<Document>),
    Remove(usize),
    /// Ask for an order, so that something is kept that writes must patch.
    Look(usize),
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec!["a", "A", "b", "Ä", "java", ""]).prop_map(Value::from),
        (0..3i64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!("long".repeat(60))),
        prop::collection::vec(prop::sample::select(vec!["a", "A", "B", "a.b"]), 0..3)
            .prop_map(Value::from),
        prop::sample::select(vec!["x", "y"]).prop_map(|a| json!([{"a": a}, 7, "a"])),
    ]
}

fn any_document() -> impl Strategy<Value = Document> {
    let tags = prop::collection::vec(
        prop::sample::select(vec!["java", "Java", "go", "x.y"]),
        0..4,
    );
    let relation = (
        0..6usize,
        prop::sample::select(vec!["ownedBy", "dependsOn", "OwnedBy"]),
        0..8usize,
    );
    (
        0..6usize,
        prop::bool::weighted(0.1),
        prop::option::of(tags),
        prop::option::of(prop::sample::select(vec!["service", "Service", "lib"])),
        prop::option::of(any_value()),
        prop::option::of("[a-bA]{0,2}"),
        prop::collection::vec(relation, 0..4),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(which, other_uid, tags, kind, value, label, relations, failing)| {
                let (entity_kind, rest) = REFS[which].split_once(':').unwrap();
                let (namespace, name) = rest.split_once('/').unwrap();
                let mut entity = json!({
                    "apiVersion": "v1", "kind": entity_kind.to_uppercase(),
                    "metadata": {"name": name}, "spec": {},
                });
                if namespace != "default" {
                    entity["metadata"]["namespace"] = json!(namespace);
                }
                if let Some(tags) = tags {
                    entity["metadata"]["tags"] = json!(tags);
                }
                if let Some(label) = label {
                    entity["metadata"]["labels"] = json!({"a.b/c": label});
                }
                if let Some(kind) = kind {
                    entity["spec"]["type"] = json!(kind);
                }
                if let Some(value) = value {
                    entity["spec"]["value"] = value;
                }
                // Uids in another order than references, and now and then a new one.
                let uid = (which as u128 * 7) % 6 * 10 + u128::from(other_uid);
                let relations: Vec<_> = relations
                    .iter()
                    .map(|(s, k, t)| (REFS[*s], *k, REFS[*t]))
                    .collect();
                let mut document = document(&entity, Uuid::from_u128(uid), &relations);
                document.status = failing.then(|| r#"{"items":[{"level":"error"}]}"#.into());
                document
            },
        )
}

fn history() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => any_document().prop_map(|document| Event::Put(Box::new(document))),
        2 => (0..REFS.len()).prop_map(Event::Remove),
        2 => (0..KEYS.len()).prop_map(Event::Look),
    ];
    prop::collection::vec(event, 0..24)
}

fn any_predicate() -> impl Strategy<Value = Predicate> {
    let value = prop::sample::select(VALUES.to_vec()).prop_map(Primitive::from);
    let test = prop_oneof![
        3 => value.clone().prop_map(Test::Equals),
        1 => prop::collection::vec(value, 0..3).prop_map(Test::In),
        1 => any::<bool>().prop_map(Test::Exists),
        1 => prop::sample::select(vec!["", "a", "GR", "tr", "group:default/"])
            .prop_map(|prefix| Test::HasPrefix(prefix.to_owned())),
    ];
    let field =
        (prop::sample::select(KEYS.to_vec()), test).prop_map(|(key, test)| Predicate::Field {
            key: key.to_owned(),
            test,
        });
    field.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Predicate::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Predicate::Any),
            inner.prop_map(Predicate::negated),
        ]
    })
}

fn any_order() -> impl Strategy<Value = Order> {
    (prop::sample::select(KEYS.to_vec()), any::<bool>()).prop_map(|(field, descending)| Order {
        field: field.to_owned(),
        descending,
    })
}

fn any_text() -> impl Strategy<Value = FullText> {
    let term = prop::sample::select(vec!["", "a", " AL ", "e", "default/", "zz", "0"]);
    let fields = prop::collection::vec(prop::sample::select(KEYS.to_vec()), 0..3);
    (term, prop::option::of(fields)).prop_map(|(term, fields)| FullText {
        term: term.to_owned(),
        fields: fields.map(|fields| fields.into_iter().map(str::to_owned).collect()),
    })
}

fn play(history: &[Event]) -> (Index, Naive) {
    let (mut index, mut naive) = (Index::new(), Naive::default());
    for event in history {
        match event {
            Event::Put(document) => {
                let before = naive
                    .documents
                    .insert(document.entity_ref.clone(), (**document).clone());
                let change = index.upsert((**document).clone()).unwrap();
                match before {
                    None => assert_eq!(change, Change::Added),
                    Some(_) => assert_ne!(change, Change::Added),
                }
            }
            Event::Remove(which) => {
                let entity_ref = EntityRef::parse(REFS[*which], None, None).unwrap();
                let was_there = naive.documents.remove(&entity_ref).is_some();
                assert_eq!(index.remove(&entity_ref), was_there);
            }
            Event::Look(key) => {
                let order = Order {
                    field: KEYS[*key].to_owned(),
                    descending: false,
                };
                page(&index, first(None, Some(order), None), 3);
            }
        }
    }
    (index, naive)
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

struct Answer {
    items: Vec<EntityRef>,
    total: usize,
    next: Option<String>,
    previous: Option<String>,
}

fn page(index: &Index, start: Start, limit: usize) -> Answer {
    let page = index
        .page(&PageRequest {
            start,
            visible: None,
            limit,
        })
        .unwrap();
    Answer {
        items: page
            .items
            .iter()
            .map(|view| view.entity_ref().clone())
            .collect(),
        total: page.total,
        next: page.next,
        previous: page.previous,
    }
}

fn listed(index: &Index, request: &ListRequest) -> Vec<EntityRef> {
    index
        .list(request)
        .items
        .iter()
        .map(|view| view.entity_ref().clone())
        .collect()
}

fn refs(naive: &Naive, predicate: Option<&Predicate>) -> Vec<EntityRef> {
    naive
        .matching(predicate)
        .iter()
        .map(|(document, _)| document.entity_ref.clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_ends_in_the_state_of_a_fresh_build(history in history()) {
        let (lived, naive) = play(&history);
        let fresh = index(naive.documents.values().cloned());
        for built in [&lived, &fresh] {
            prop_assert_eq!(built.len(), naive.documents.len());
            prop_assert_eq!(built.size().relations, fresh.size().relations);
            prop_assert_eq!(built.size().keys, fresh.size().keys);
            for (entity_ref, document) in &naive.documents {
                let view = built.get(entity_ref).unwrap();
                prop_assert_eq!(view.to_value(), naive.entity(document));
                prop_assert_eq!(built.by_uid(document.uid).unwrap().entity_ref(), entity_ref);
            }
            let missing = built.dangling().into_iter().map(|dangling| {
                let sources = dangling.sources.iter();
                let sources = sources.map(|(k, s)| ((*k).to_owned(), (*s).clone()));
                (dangling.target.clone(), sources.collect())
            });
            prop_assert_eq!(missing.collect::<std::collections::BTreeMap<_, _>>(), naive.dangling());
        }
        let mut emptied = lived;
        for entity_ref in naive.documents.keys() {
            prop_assert!(emptied.remove(entity_ref));
        }
        prop_assert_eq!(emptied.size().relations, 0);
        prop_assert_eq!(emptied.size().keys, 0);
        for text in REFS {
            let entity_ref = EntityRef::parse(text, None, None).unwrap();
            prop_assert!(emptied.get(&entity_ref).is_none());
            prop_assert!(emptied.relations(&entity_ref).is_empty());
        }
    }

    #[test]
    fn an_unchanged_document_is_no_change(history in history()) {
        let (mut index, naive) = play(&history);
        for document in naive.documents.values() {
            prop_assert_eq!(index.upsert(document.clone()).unwrap(), Change::Unchanged);
        }
    }

    #[test]
    fn predicates_select_what_they_mean(
        history in history(), query in any_predicate(), visible in prop::option::of(any_predicate()),
    ) {
        let (index, naive) = play(&history);
        let both = Predicate::and(Some(query.clone()), visible.clone());
        let expected = refs(&naive, both.as_ref());
        let request = ListRequest { query: Some(query.clone()), visible, ..Default::default() };
        prop_assert_eq!(&listed(&index, &request), &expected);
        prop_assert_eq!(index.list(&request).total, expected.len());
        let alone = refs(&naive, Some(&query));
        for text in REFS {
            let entity_ref = EntityRef::parse(text, None, None).unwrap();
            prop_assert_eq!(index.matches(&entity_ref, &query), alone.contains(&entity_ref));
        }
    }

    #[test]
    fn facets_count_what_is_there(
        history in history(), query in prop::option::of(any_predicate()),
        visible in prop::option::of(any_predicate()),
    ) {
        let (index, naive) = play(&history);
        let both = Predicate::and(query.clone(), visible.clone());
        let facets = index.facets(&KEYS, query.as_ref(), visible.as_ref());
        for (facet, key) in facets.iter().zip(KEYS) {
            prop_assert_eq!(facet, &naive.facet(key, both.as_ref()));
        }
    }

    #[test]
    fn lists_are_ordered_with_what_is_lacking_last(
        history in history(), query in prop::option::of(any_predicate()),
        order in prop::collection::vec(any_order(), 0..3),
        offset in 0..4usize, limit in prop::option::of(0..5usize),
    ) {
        let (index, naive) = play(&history);
        let all = naive.listed(query.as_ref(), &order);
        let expected: Vec<_> =
            all.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
        let request = ListRequest { query, order, offset, limit, ..Default::default() };
        prop_assert_eq!(listed(&index, &request), expected);
    }

    #[test]
    fn pages_lead_through_everything_and_back(
        history in history(), query in prop::option::of(any_predicate()),
        order in prop::option::of(any_order()), full_text in prop::option::of(any_text()),
        limit in 1..4usize,
    ) {
        let (index, naive) = play(&history);
        let expected = naive.ordered(query.as_ref(), order.as_ref(), full_text.as_ref());
        let mut pages = vec![page(&index, first(query, order, full_text), limit)];
        prop_assert!(pages[0].previous.is_none());
        while let Some(next) = pages.last().unwrap().next.clone() {
            pages.push(page(&index, Start::Cursor(next), limit));
            prop_assert!(pages.len() <= expected.len() + 1, "endless");
        }
        let walked: Vec<_> = pages.iter().flat_map(|page| page.items.clone()).collect();
        prop_assert_eq!(&walked, &expected);
        prop_assert!(pages.iter().all(|page| page.total == expected.len()));

        let mut before = pages.last().unwrap().previous.clone();
        for earlier in pages.iter().rev().skip(1) {
            let back = page(&index, Start::Cursor(before.clone().unwrap()), limit);
            prop_assert_eq!(&back.items, &earlier.items);
            // Forward again from there.
            let forth = page(&index, Start::Cursor(back.next.clone().unwrap()), limit);
            prop_assert!(!forth.items.is_empty());
            before = back.previous;
        }
        prop_assert_eq!(before, None);
    }

    #[test]
    fn an_offset_leaves_out_the_beginning(
        history in history(), order in prop::option::of(any_order()), offset in 0..5usize,
    ) {
        let (index, naive) = play(&history);
        let expected = naive.ordered(None, order.as_ref(), None);
        let start = Start::First { query: None, full_text: None, order, offset, total: false };
        let answer = page(&index, start, 2);
        let shown: Vec<_> = expected.iter().skip(offset).take(2).cloned().collect();
        prop_assert_eq!(answer.items, shown);
        prop_assert_eq!(answer.total, 0, "not counted");
    }

    #[test]
    fn projections_of_text_and_of_values_agree(
        history in history(),
        paths in prop::collection::vec(
            prop_oneof![
                prop::sample::select(KEYS.to_vec()).prop_map(str::to_owned),
                prop::sample::select(vec![
                    "metadata", "spec", "relations", "relations.type", "status", "status.items",
                    "status.items.level", "metadata.labels", "metadata.labels.a.b/c", "apiVersion.x",
                ]).prop_map(str::to_owned),
            ],
            1..5,
        ),
    ) {
        let (index, naive) = play(&history);
        let fields = Fields::parse(&paths).unwrap().unwrap();
        for (entity_ref, document) in &naive.documents {
            let mut text = Vec::new();
            index.get(entity_ref).unwrap().write_fields(&fields, &mut text);
            let expected = fields.apply(&naive.entity(document)).to_string();
            prop_assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
