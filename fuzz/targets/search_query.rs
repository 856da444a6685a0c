//! What people type into search, against documents with any text.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use search::{Document, Engine, Field, Narrow, Request, Visibility};

static KNOWN: LazyLock<Engine> = LazyLock::new(|| {
    let names = ["payment-service", "결제 서비스", "OrderAPI", "ORDER-001", "Ünïcode", "a"];
    Engine::of(names.iter().map(|name| document(name, name)))
});

fuzz_target!(|input: (&str, &str)| {
    let (query, text) = input;
    ask(&KNOWN, query);
    let own = Engine::of([document("own", text)]);
    ask(&own, query);
    ask(&own, text);
});

fn document(id: &str, text: &str) -> Document {
    Document {
        id: id.into(),
        texts: vec![
            (Field::Name, text.chars().take(60).collect()),
            (Field::Description, text.to_owned()),
        ],
        ..Document::default()
    }
}

fn ask(engine: &Engine, text: &str) {
    let request = Request {
        text,
        visibility: Visibility::All,
        own: &[],
        narrow: Narrow::default(),
        offset: 0,
        limit: 100,
    };
    let found = engine.search(&request);
    assert_eq!(found.hits.len(), found.total);
    for hit in &found.hits {
        assert!(hit.score.is_finite() && hit.score > 0.0, "{hit:?}");
    }
    let nobody = engine.search(&Request {
        visibility: Visibility::Where(&|_| false),
        ..request
    });
    // These documents belong to no entity: everybody sees them.
    assert_eq!(nobody.total, found.total);
}
