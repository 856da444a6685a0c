//! Words that names and descriptions are made of.

pub(crate) const QUALITIES: &[&str] = &[
    "able", "alert", "ample", "arctic", "basic", "bold", "bright", "broad", "candid", "central",
    "civic", "clever", "coastal", "common", "compact", "crisp", "daily", "deep", "direct", "dual",
    "early", "even", "exact", "fair", "firm", "fresh", "global", "grey", "handy", "high", "inner",
    "joint", "kind", "late", "light", "local", "lunar", "main", "mild", "modern", "narrow", "neat",
    "new", "north", "open", "outer", "plain", "prime", "pure", "rare", "ready", "rich", "round",
    "safe", "sharp", "simple", "sleek", "sound", "south", "spare", "stable", "strong", "sure",
    "true", "urban", "valid", "vital", "west", "whole", "wide",
];

pub(crate) const THINGS: &[&str] = &[
    "access", "ad", "agenda", "airport", "archive", "asset", "badge", "bank", "banner", "barcode",
    "bill", "block", "board", "bonus", "branch", "budget", "bundle", "calendar", "call", "card",
    "cargo", "case", "cash", "category", "chart", "claim", "client", "clinic", "code", "contract",
    "cost", "counter", "course", "crew", "currency", "deal", "debit", "demand", "deposit",
    "dispatch", "driver", "energy", "estimate", "exchange", "fare", "fee", "field", "fleet",
    "forecast", "form", "freight", "fund", "gift", "goods", "grade", "guest", "hotel", "house",
    "income", "input", "job", "journal", "journey", "label", "lane", "lead", "lease", "ledger",
    "letter", "level", "licence", "line", "list", "lot", "machine", "mail", "map", "margin",
    "market", "meter", "mobile", "model", "note", "option", "outlet", "page", "parcel", "parking",
    "pass", "permit", "phone", "place", "plan", "policy", "pool", "post", "prize", "quota", "rate",
    "receipt", "record", "region", "rent", "request", "room", "rule", "salary", "sale", "sample",
    "seat", "sensor", "share", "shelf", "shop", "signal", "site", "slot", "stay", "store",
    "survey", "table", "tariff", "term", "test", "ticket", "till", "tour", "trade", "trip",
    "trust", "unit", "vault", "visit", "voucher", "wage", "watch", "yard", "zone",
];

/// What full-text search looks for: one of [`THINGS`], rare enough to be worth a search.
pub(crate) const SEARCHED: &str = "voucher";

pub(crate) const TAGS: &[&str] = &[
    "android",
    "analytics",
    "batch",
    "billing",
    "cli",
    "cpp",
    "dotnet",
    "eu",
    "events",
    "frontend",
    "go",
    "graphql",
    "grpc",
    "internal",
    "ios",
    "java",
    "kafka",
    "kotlin",
    "legacy",
    "ml",
    "node",
    "partner",
    "pci",
    "php",
    "pii",
    "postgres",
    "public",
    "python",
    "realtime",
    "redis",
    "rest",
    "rust",
    "scala",
    "security",
    "swift",
    "tier-1",
    "tier-2",
    "tier-3",
    "typescript",
    "web",
];

pub(crate) const GIVEN_NAMES: &[&str] = &[
    "aino", "akira", "alma", "anton", "aylin", "bashir", "bea", "bruno", "carmen", "dae", "daria",
    "eda", "emil", "esra", "farid", "gabi", "gita", "hanna", "haru", "iman", "ines", "jae", "joao",
    "kaito", "karin", "laila", "lars", "lena", "luca", "mateo", "mina", "naomi", "nils", "oksana",
    "petra", "rafa", "rina", "ruth", "samir", "seo", "sunny", "taro", "thea", "umar", "vito",
    "wanda", "yara", "yuna", "zara", "zoltan",
];

pub(crate) const FAMILY_NAMES: &[&str] = &[
    "adler", "ahn", "aoki", "bae", "baldwin", "berg", "brandt", "byun", "castro", "choi", "dang",
    "demir", "ekman", "falk", "ferrari", "fuchs", "gomes", "graf", "han", "hwang", "ito", "jang",
    "juarez", "kato", "keller", "kruger", "kwon", "lim", "lund", "mancini", "mori", "munoz", "nam",
    "nguyen", "noh", "ono", "ortiz", "pham", "quinn", "ramos", "ryu", "sato", "seo", "shin",
    "soto", "sung", "tran", "ueda", "virtanen", "wolff", "yamada", "yoon", "zeman",
];

pub(crate) const SENTENCE: &[&str] = &[
    "accepts", "adds", "after", "all", "and", "answers", "archives", "before", "books", "builds",
    "by", "calls", "changes", "checks", "collects", "compares", "copies", "counts", "data",
    "every", "files", "for", "from", "hourly", "in", "incoming", "joins", "keeps", "limits",
    "links", "moves", "new", "notices", "offers", "old", "on", "orders", "our", "payments",
    "people", "plans", "prices", "prints", "records", "reports", "retries", "returns", "rows",
    "sends", "slow", "sorts", "stock", "stores", "teams", "the", "then", "to", "totals", "updates",
    "users", "watches", "with",
];
