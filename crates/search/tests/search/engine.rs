//! The engine by itself.

use search::{Document, Engine, Facets, Field, MatchKind, Narrow, Request, Results, Visibility};

pub(crate) fn named(name: &str) -> Document {
    Document {
        id: name.into(),
        texts: vec![(Field::Name, name.to_owned())],
        ..Document::default()
    }
}

pub(crate) fn request(text: &str) -> Request<'_> {
    Request {
        text,
        visibility: Visibility::All,
        own: &[],
        narrow: Narrow::default(),
        offset: 0,
        limit: 1_000,
    }
}

pub(crate) fn ids(found: &Results) -> Vec<String> {
    found.hits.iter().map(|hit| hit.id.to_string()).collect()
}

fn find(names: &[&str], text: &str) -> Vec<String> {
    ids(&Engine::of(names.iter().map(|name| named(name))).search(&request(text)))
}

#[test]
fn a_document_is_replaced_and_removed() {
    let mut engine = Engine::of([named("alpha"), named("beta")]);
    let renamed = Document {
        texts: vec![(Field::Name, "gamma".into())],
        ..named("alpha")
    };
    engine.put(&renamed);
    assert_eq!(ids(&engine.search(&request("alpha"))), Vec::<String>::new());
    assert_eq!(ids(&engine.search(&request("gamma"))), ["alpha"]);
    assert!(engine.remove("alpha"));
    assert!(!engine.remove("alpha"));
    assert_eq!(ids(&engine.search(&request(""))), ["beta"]);
}

#[test]
fn one_edit_from_four_letters_two_from_eight() {
    assert_eq!(find(&["cart"], "crat"), ["cart"]);
    assert_eq!(find(&["car"], "cra"), Vec::<String>::new());
    assert_eq!(find(&["inventory"], "imvemtory"), ["inventory"]);
    assert_eq!(find(&["stocks"], "sxxcks"), Vec::<String>::new());
}

#[test]
fn numbers_are_never_corrected() {
    let names = ["order-001", "order-002"];
    assert_eq!(find(&names, "ORDER-001"), ["order-001"]);
    assert_eq!(
        find(&names, "order-003"),
        ["order-001", "order-002"],
        "only the word is left"
    );
    let found = Engine::of(names.map(named)).search(&request("order-003"));
    assert!(found.partial);
}

#[test]
fn decomposed_and_composed_text_are_the_same() {
    // The title as macOS writes file names.
    assert_eq!(
        find(&["\u{1100}\u{1167}\u{11AF}\u{110C}\u{1166}"], "결제").len(),
        1
    );
    assert_eq!(
        find(&["결제"], "\u{1100}\u{1167}\u{11AF}\u{110C}\u{1166}").len(),
        1
    );
    assert_eq!(find(&["cafe\u{301}"], "café").len(), 1);
}

#[test]
fn an_exact_name_comes_before_longer_ones() {
    assert_eq!(
        find(&["pay-web", "pay", "payroll"], "pay")
            .first()
            .map(String::as_str),
        Some("pay")
    );
}

#[test]
fn facets_count_what_the_other_filters_leave() {
    let document = |name: &str, kind: &str, spec_type: &str| Document {
        facets: Facets {
            kind: kind.into(),
            spec_type: spec_type.into(),
            ..Facets::default()
        },
        ..named(name)
    };
    let engine = Engine::of([
        document("pay-a", "Component", "service"),
        document("pay-b", "Component", "website"),
        document("pay-c", "API", "openapi"),
    ]);
    let narrow = Narrow {
        kinds: vec!["component".into()],
        types: vec!["service".into()],
        ..Narrow::default()
    };
    let found = engine.search(&Request {
        narrow,
        ..request("pay")
    });
    assert_eq!(ids(&found), ["pay-a"]);
    assert_eq!(found.total, 1);
    assert_eq!(
        found.kinds,
        [("Component".to_owned(), 2), ("API".to_owned(), 1)]
    );
    assert_eq!(
        found.types,
        [("service".to_owned(), 1), ("website".to_owned(), 1)]
    );
}

#[test]
fn an_explanation_adds_up_and_shows_words_as_they_are_written() {
    let document = Document {
        texts: vec![
            (Field::Name, "Payment-Service".into()),
            (Field::Description, "카드 결제".into()),
        ],
        ..named("x")
    };
    let engine = Engine::of([document.clone(), named("other")]);
    let why = engine.explain(&request("paymnet 카드"), &document).unwrap();
    let hit = &engine.search(&request("paymnet 카드")).hits[0];
    assert_eq!(why.score, hit.score);
    let [name, text] = why.words.as_slice() else {
        panic!("{why:?}")
    };
    assert_eq!(
        (name.found.as_str(), name.kind, name.field),
        ("Payment", MatchKind::Typo, Field::Name)
    );
    assert_eq!(
        (text.found.as_str(), text.kind, text.field),
        ("카드", MatchKind::Exact, Field::Description)
    );
    let points: f32 = why
        .words
        .iter()
        .map(|word| word.weight * word.factor * word.rarity)
        .sum();
    let weights: f32 = why.words.iter().map(|word| word.rarity).sum();
    assert!((points / weights - why.score).abs() < 0.001, "{why:?}");
    assert_eq!(engine.explain(&request("nothing"), &document), None);
}
