//! APIs through their public names.
#![expect(clippy::expect_used, reason = "a helper of a test fails like the test")]

mod acme;
mod compare;
mod lint;
mod pages;
mod read;
mod rules;
mod world;

pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every fixture with its `spec.type`.
pub(crate) const FIXTURES: [(&str, &str); 8] = [
    ("openapi", "orders-1.yaml"),
    ("openapi", "swagger.json"),
    ("asyncapi", "events-2.yaml"),
    ("asyncapi", "events-3.yaml"),
    ("graphql", "shop.graphql"),
    ("graphql", "broken.graphql"),
    ("grpc", "stock.proto"),
    ("grpc", "stock-broken.proto"),
];
