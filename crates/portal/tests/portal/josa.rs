use portal::{josa, with_josa};

#[test]
fn particles_follow_the_sound() {
    for (word, pair, expected) in [
        ("팀", "이/가", "팀이"),
        ("서비스", "이/가", "서비스가"),
        ("서울", "으로/로", "서울로"),
        ("운영", "으로/로", "운영으로"),
        ("카탈로그", "을/를", "카탈로그를"),
        ("소유자", "과/와", "소유자와"),
        ("컴포넌트", "은/는", "컴포넌트는"),
        // Loanwords, as in the look's own texts.
        ("order-service", "이/가", "order-service가"),
        ("payment-service", "을/를", "payment-service를"),
        ("checkout-web", "이/가", "checkout-web이"),
        ("git", "으로/로", "git으로"),
        ("notebook", "을/를", "notebook을"),
        ("shopping-cart", "이/가", "shopping-cart가"),
        ("mobile-client", "은/는", "mobile-client는"),
        ("catalog-info.yaml", "을/를", "catalog-info.yaml을"),
        ("file", "으로/로", "file로"),
        ("file", "을/를", "file을"),
        ("pipeline", "이/가", "pipeline이"),
        ("username", "은/는", "username은"),
        ("design", "은/는", "design은"),
        ("billing", "이/가", "billing이"),
        ("stack", "이/가", "stack이"),
        ("orders-db", "과/와", "orders-db와"),
        ("template", "을/를", "template을"),
        ("server", "이/가", "server가"),
        ("heat", "을/를", "heat를"),
        // Letter by letter.
        ("API", "을/를", "API를"),
        ("URL", "이/가", "URL이"),
        ("URL", "으로/로", "URL로"),
        ("VM", "으로/로", "VM으로"),
        ("CDN", "은/는", "CDN은"),
        ("SLO", "을/를", "SLO를"),
        ("html", "으로/로", "html로"),
        // Numbers: 0 영, 1 일, 3 삼, 4 사, 6 육, 7 칠, 10 십, 100 백, 1000 천, 조.
        ("v3.2.4", "으로/로", "v3.2.4로"),
        ("v3.3.0", "을/를", "v3.3.0을"),
        ("1", "으로/로", "1로"),
        ("1", "이/가", "1이"),
        ("3", "으로/로", "3으로"),
        ("6", "이/가", "6이"),
        ("7", "으로/로", "7로"),
        ("10", "으로/로", "10으로"),
        ("200", "은/는", "200은"),
        ("9,000", "을/를", "9,000을"),
        ("1000000000000", "이/가", "1000000000000가"),
        // What is not read does not count.
        ("'팀'", "이/가", "'팀'이"),
        ("payment(결제)", "을/를", "payment(결제)를"),
        ("`orders`", "은/는", "`orders`는"),
        ("(결제)", "을/를", "(결제)를"),
        ("", "이/가", "가"),
        ("🙂", "이/가", "🙂가"),
        ("東京", "이/가", "東京가"),
        ("팀", "만", "팀만"),
    ] {
        assert_eq!(with_josa(word, pair), expected, "{word} with {pair}");
    }
}

#[test]
fn only_the_particle() {
    assert_eq!(josa("order-service", "이/가"), "가");
    assert_eq!(josa("팀", "이에요/예요"), "이에요");
}
