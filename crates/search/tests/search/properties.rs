//! What holds for all documents and all queries.

use std::collections::BTreeSet;

use model::entity_ref::EntityRef;
use proptest::prelude::*;
use search::{Document, Engine, Field, Request, Visibility};

use crate::engine::{ids, named, request};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9._-]{0,20}",
        3 => "[가-힣ㄱ-ㅎㅏ-ㅣ ]{0,10}",
        2 => "\\PC{0,30}",
        1 => any::<String>(),
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,40}[a-zA-Z0-9])?"
}

fn subject(at: usize) -> EntityRef {
    EntityRef::new("component", "default", &format!("c{at}"))
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(texts in prop::collection::vec((text(), text()), 0..8), query in text()) {
        let documents = texts.into_iter().enumerate().map(|(at, (name, more))| Document {
            texts: vec![(Field::Name, name), (Field::Description, more)],
            ..named(&at.to_string())
        });
        let engine = Engine::of(documents);
        let found = engine.search(&request(&query));
        prop_assert_eq!(found.hits.len(), found.total);
        for hit in &found.hits {
            prop_assert!(hit.score.is_finite() && hit.score > 0.0, "{:?}", hit);
        }
    }

    #[test]
    fn the_beginning_of_a_name_finds_it(names in prop::collection::btree_set(name(), 1..12), length in 1_usize..40) {
        let engine = Engine::of(names.iter().map(|name| named(name)));
        let name = names.iter().next().unwrap();
        let typed: String = name.chars().take(length).collect();
        let found = engine.search(&request(&typed));
        prop_assert!(ids(&found).contains(name), "{typed} does not find {name}: {found:?}");
    }

    #[test]
    fn the_beginning_of_a_korean_name_finds_it(name in "[가-힣]{1,8}( [가-힣]{1,5})?", length in 1_usize..12) {
        let engine = Engine::of([named(&name)]);
        let typed: String = name.chars().take(length).collect();
        prop_assert_eq!(engine.search(&request(&typed)).total, 1, "{} does not find {}", typed, name);
    }

    #[test]
    fn only_what_may_be_seen_is_found_and_counted(
        names in prop::collection::vec(name(), 1..12),
        hidden in prop::collection::btree_set(0_usize..12, 0..12),
        query in text(),
    ) {
        let documents = names.iter().enumerate().map(|(at, name)| Document {
            id: subject(at).as_str().into(),
            subject: Some(subject(at)),
            ..named(name)
        });
        let engine = Engine::of(documents);
        let hidden: BTreeSet<EntityRef> = hidden.into_iter().map(subject).collect();
        let sees = |entity_ref: &EntityRef| !hidden.contains(entity_ref);
        let found = engine.search(&Request { visibility: Visibility::Where(&sees), ..request(&query) });
        prop_assert_eq!(found.hits.len(), found.total);
        prop_assert!(found.hits.iter().all(|hit| sees(hit.subject.as_ref().unwrap())));
        // As if the hidden ones did not exist.
        let without = names.iter().enumerate().filter(|(at, _)| sees(&subject(*at))).map(|(at, name)| Document {
            id: subject(at).as_str().into(),
            subject: Some(subject(at)),
            ..named(name)
        });
        prop_assert_eq!(ids(&Engine::of(without).search(&request(&query))).len(), found.total);
        let nothing = engine.search(&Request { visibility: Visibility::Nothing, ..request(&query) });
        prop_assert_eq!(nothing.total, 0);
    }

    #[test]
    fn changes_leave_what_a_new_index_would_have(
        changes in prop::collection::vec((0_usize..10, prop::option::of(name())), 0..900),
        query in name(),
    ) {
        let mut engine = Engine::default();
        let mut last: Vec<Option<String>> = vec![None; 10];
        for (at, name) in changes {
            match &name {
                Some(name) => engine.put(&Document { id: at.to_string().into(), ..named(name) }),
                None => { engine.remove(&at.to_string()); }
            }
            last[at] = name;
        }
        let fresh = Engine::of(last.iter().enumerate().filter_map(|(at, name)| {
            Some(Document { id: at.to_string().into(), ..named(name.as_ref()?) })
        }));
        prop_assert_eq!(engine.search(&request(&query)), fresh.search(&request(&query)));
    }
}
