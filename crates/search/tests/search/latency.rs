//! How long answers take at 100,000 entities. Measures, and is run by hand:
//! `cargo test --release -p search --test search -- --ignored latency --nocapture`

use std::time::{Duration, Instant};

use search::{Document, Engine, Facets, Field};

use crate::engine::request;

const SUBJECTS: [&str; 24] = [
    "payment",
    "order",
    "cart",
    "user",
    "inventory",
    "delivery",
    "search",
    "pricing",
    "review",
    "catalog",
    "fraud",
    "billing",
    "ledger",
    "notification",
    "settlement",
    "warehouse",
    "coupon",
    "loyalty",
    "identity",
    "session",
    "shipping",
    "return",
    "support",
    "report",
];
const KINDS: [&str; 12] = [
    "service", "api", "worker", "gateway", "database", "web", "library", "queue", "index", "batch",
    "adapter", "cache",
];
const KOREAN: [&str; 12] = [
    "결제",
    "주문",
    "장바구니",
    "회원",
    "재고",
    "배송",
    "검색",
    "가격",
    "리뷰",
    "정산",
    "알림",
    "창고",
];
const WORDS: [&str; 20] = [
    "handles",
    "requests",
    "of",
    "the",
    "team",
    "events",
    "stores",
    "data",
    "for",
    "customers",
    "and",
    "sellers",
    "writes",
    "reads",
    "from",
    "queue",
    "every",
    "night",
    "checks",
    "limits",
];

fn document(at: usize) -> Document {
    let pick = |list: &'static [&'static str], step: usize| list[(at / step + at * 7) % list.len()];
    let (subject, kind) = (pick(&SUBJECTS, 1), pick(&KINDS, 24));
    let name = format!("{subject}-{kind}-{at:06}");
    let description: Vec<&str> = (0..14)
        .map(|word| WORDS[(at * 13 + word * 7) % WORDS.len()])
        .collect();
    Document {
        id: format!("component:default/{name}").into(),
        texts: vec![
            (Field::Name, name.clone()),
            (Field::Name, format!("{} {}", pick(&KOREAN, 3), at % 1_000)),
            (Field::Kind, "Component service 컴포넌트".into()),
            (Field::Owner, format!("team-{:04}", at % 2_000)),
            (Field::System, format!("system-{:04}", at % 5_000)),
            (Field::Tag, pick(&WORDS, 5).into()),
            (Field::Description, description.join(" ")),
            (Field::Annotation, format!("github.com acme/{name}")),
            (Field::Annotation, format!("pagerduty.com P{at:07}")),
        ],
        facets: Facets {
            kind: "Component".into(),
            spec_type: kind.into(),
            ..Facets::default()
        },
        ..Document::default()
    }
}

#[test]
#[ignore = "measures"]
fn latency() {
    let began = Instant::now();
    let mut engine = Engine::default();
    for at in 0..100_000 {
        engine.put(&document(at));
    }
    engine.shrink();
    println!("built in {:?}: {:?}", began.elapsed(), engine.size());
    let queries = [
        "p",
        "pa",
        "payment",
        "payment service",
        "paymnet",
        "paymnet servcie",
        "payment-service-012345",
        "012345",
        "ventor",
        "ㄱㅈ",
        "결제",
        "결ㅈ",
        "결재",
        "rufwp",
        "team-0042",
        "ps",
        "service",
        "nothing like this",
        "order worker night customers",
        "ORDER-001",
    ];
    let mut all: Vec<Duration> = Vec::new();
    for query in queries {
        let mut times: Vec<Duration> = (0..20)
            .map(|_| {
                let began = Instant::now();
                let found = engine.search(&search::Request {
                    limit: 25,
                    ..request(query)
                });
                assert!(found.hits.len() <= 25);
                began.elapsed()
            })
            .collect();
        times.sort();
        println!(
            "{query:<30} median {:>10.2?} worst {:>10.2?}",
            times[10], times[19]
        );
        all.extend(times);
    }
    all.sort();
    println!(
        "all: median {:?}, p95 {:?}, p99 {:?}",
        all[all.len() / 2],
        all[all.len() * 95 / 100],
        all[all.len() * 99 / 100]
    );
    let began = Instant::now();
    for at in 0..1_000 {
        engine.put(&document(at * 97 % 100_000));
    }
    println!("1,000 changes in {:?}", began.elapsed());
}
