//! What the routes take and answer, for `/api/openapi.json`.

use platform::openapi::Operation;
use platform::openapi::schema::{
    any_object, at_least, choice, list, nullable, object, open, saying, text,
};
use serde_json::{Value, json};

const TAG: &str = "Sign-in";

pub(super) fn guest_refresh() -> Operation {
    let identity = object([
        ("type", choice(&["user"])),
        ("userEntityRef", text()),
        ("ownershipEntityRefs", list(text())),
    ]);
    let token = object([
        ("token", saying(text(), "A user token, a JWT")),
        ("identity", identity),
        ("expiresInSeconds", at_least(0)),
    ]);
    Operation::new(
        "refreshGuest",
        TAG,
        "Signs a guest in and answers a user token",
    )
    .json(
        200,
        "The guest",
        object([("profile", any_object()), ("backstageIdentity", token)]),
    )
    .errors(&[401, 403, 404])
}

pub(super) fn guest_start() -> Operation {
    Operation::new("signInAsGuest", TAG, "Signs a guest in, for a form")
        .taking(
            "application/x-www-form-urlencoded",
            false,
            object([("returnTo?", saying(text(), "A path of this server"))]),
        )
        .empty(303, "Leads to `returnTo` with a session cookie")
        .errors(&[401, 403, 404])
}

pub(super) fn jwks() -> Operation {
    let key = open(object([("kty", text()), ("kid", text()), ("alg?", text())]));
    Operation::new(
        "getKeys",
        TAG,
        "Answers the keys that user tokens are signed with",
    )
    .json(
        200,
        "A JSON Web Key Set (RFC 7517)",
        object([("keys", list(key))]),
    )
}

pub(super) fn openid_configuration() -> Operation {
    Operation::new(
        "getOpenidConfiguration",
        TAG,
        "Answers the addresses of sign-in",
    )
    .json(
        200,
        "OpenID Connect Discovery 1.0",
        open(object([("issuer", text()), ("jwks_uri", text())])),
    )
}

pub(super) fn user_info() -> Operation {
    let claims = object([("sub", text()), ("ent", list(text()))]);
    Operation::new("getUserInfo", TAG, "Says who the caller is")
        .json(200, "A person", object([("claims", claims)]))
        .errors(&[401, 403])
}

pub(super) fn who_am_i() -> Operation {
    let actor = object([
        ("kind", choice(&["user", "service", "system"])),
        ("name", text()),
    ]);
    let grants = json!({ "anyOf": [choice(&["all", "read"]), list(text())] });
    Operation::new(
        "whoAmI",
        TAG,
        "Says who the caller is, and what they may do",
    )
    .json(
        200,
        "A person or a program",
        object([
            ("actor", actor),
            ("ownership", list(text())),
            ("grants", grants),
        ]),
    )
    .errors(&[401])
}

pub(super) fn authorize() -> Operation {
    let permission = open(object([
        ("type", choice(&["basic", "resource"])),
        ("name", text()),
        (
            "attributes",
            open(object([(
                "action?",
                choice(&["create", "read", "update", "delete"]),
            )])),
        ),
        ("resourceType?", text()),
    ]));
    let refs = json!({ "anyOf": [text(), list(text())] });
    let asked = object([
        ("id", text()),
        ("permission", permission),
        ("resourceRef?", nullable(refs)),
    ]);
    let result: Value = choice(&["ALLOW", "DENY"]);
    let results = json!({ "anyOf": [result, list(result.clone())] });
    Operation::new("authorize", TAG, "Says what the caller may do")
        .body(object([("items", list(open(asked)))]))
        .json(
            200,
            "An answer for each question",
            object([("items", list(object([("id", text()), ("result", results)])))]),
        )
}
