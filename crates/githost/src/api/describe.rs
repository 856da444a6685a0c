//! What the routes take and answer.

use platform::openapi::{Operation, Schemas, schema};
use serde_json::Value;

use super::LARGEST_PAGE;

const TAG: &str = "Git";

/// An operation on one repository.
pub(crate) fn one(id: &str, summary: &str) -> Operation {
    Operation::new(id, TAG, summary)
        .path("owner", schema::text(), "Whose repository it is")
        .path("repository", schema::text(), "Its name")
        .errors(&[404])
}

fn items(of: Value) -> Value {
    schema::object([("items", schema::list(of))])
}

fn visibility() -> Value {
    schema::saying(
        schema::choice(&["internal", "private"]),
        "internal: everybody who may read repositories sees it; private: only who has a part in it",
    )
}

pub(super) fn list() -> Operation {
    Operation::new("listRepositories", TAG, "Lists repositories by name")
        .query("owner", schema::text(), "Only of this owner")
        .query(
            "limit",
            schema::between(1, LARGEST_PAGE),
            "Repositories in a page; 50 unless given",
        )
        .query(
            "cursor",
            schema::text(),
            "The `nextCursor` of an earlier answer",
        )
        .json(
            200,
            "A page",
            schema::object([
                ("items", schema::list(schema::named("Repository"))),
                (
                    "pageInfo",
                    schema::object([("nextCursor?", schema::text())]),
                ),
            ]),
        )
}

pub(super) fn create() -> Operation {
    Operation::new("createRepository", TAG, "Makes an empty repository")
        .body(schema::object([
            ("owner", schema::text()),
            ("name", schema::text()),
            ("description?", schema::text()),
            ("defaultBranch?", schema::text()),
            ("visibility?", visibility()),
        ]))
        .json(201, "The repository", schema::named("Repository"))
        .errors(&[409])
}

pub(super) fn get() -> Operation {
    one("getRepository", "Tells about a repository").json(
        200,
        "The repository",
        schema::named("Repository"),
    )
}

pub(super) fn edit() -> Operation {
    one("editRepository", "Changes the settings of a repository")
        .body(schema::object([
            ("description?", schema::text()),
            ("defaultBranch?", schema::text()),
            ("visibility?", visibility()),
            ("archived?", schema::flag()),
        ]))
        .json(200, "The repository", schema::named("Repository"))
}

pub(super) fn delete() -> Operation {
    one(
        "deleteRepository",
        "Removes a repository with all that is in it",
    )
    .empty(204, "It is gone")
}

pub(super) fn branches() -> Operation {
    one(
        "listRepositoryBranches",
        "Lists the branches of a repository",
    )
    .json(
        200,
        "The branches",
        items(schema::object([
            ("name", schema::text()),
            ("commit", schema::text()),
            ("default", schema::flag()),
            ("protected", schema::flag()),
        ])),
    )
}

fn protection() -> Value {
    schema::object([
        ("pattern", schema::text()),
        ("rules", schema::named("BranchRules")),
    ])
}

pub(super) fn protections() -> Operation {
    one("listBranchProtections", "Lists the rules of branches").json(
        200,
        "The rules by pattern",
        items(protection()),
    )
}

pub(super) fn protect() -> Operation {
    one(
        "protectBranches",
        "Sets the rules of the branches that a pattern names",
    )
    .body(schema::object([
        ("pattern", schema::text()),
        ("rules?", schema::named("BranchRules")),
    ]))
    .json(200, "The rules", protection())
}

pub(super) fn unprotect() -> Operation {
    one("unprotectBranches", "Takes the rules of a pattern away")
        .required_query("pattern", schema::text(), "The pattern")
        .empty(204, "They are gone")
}

fn member() -> Value {
    schema::object([
        ("member", schema::text()),
        ("right", schema::choice(&["read", "write", "admin"])),
    ])
}

pub(super) fn members() -> Operation {
    one(
        "listRepositoryMembers",
        "Lists who works on a repository besides its owner",
    )
    .json(200, "The members", items(member()))
}

pub(super) fn set_member() -> Operation {
    one(
        "setRepositoryMember",
        "Gives a person, group or program a part in a repository",
    )
    .body(member())
    .json(200, "The member", member())
}

pub(super) fn remove_member() -> Operation {
    one(
        "removeRepositoryMember",
        "Takes somebody out of a repository",
    )
    .required_query("member", schema::text(), "The reference of the member")
    .empty(204, "They are out")
}

pub(super) fn schemas() -> Schemas {
    Schemas::default()
        .with(
            "Repository",
            schema::object([
                ("id", schema::text()),
                ("owner", schema::text()),
                ("name", schema::text()),
                ("fullName", schema::text()),
                ("description", schema::text()),
                ("defaultBranch", schema::text()),
                ("visibility", visibility()),
                ("archived", schema::flag()),
                ("bytes", schema::integer()),
                ("createdBy", schema::text()),
                ("createdAt", schema::time()),
                ("updatedAt", schema::time()),
                ("pushedAt", schema::nullable(schema::time())),
                ("url", schema::text()),
                ("cloneUrl", schema::text()),
                ("right", schema::choice(&["read", "write", "admin"])),
            ]),
        )
        .with(
            "BranchRules",
            schema::object([
                ("requirePullRequest?", schema::flag()),
                ("requiredApprovals?", schema::integer()),
                ("requireCodeOwners?", schema::flag()),
                ("dismissStaleReviews?", schema::flag()),
                ("requiredChecks?", schema::list(schema::text())),
                ("allowForcePush?", schema::flag()),
                ("allowDeletion?", schema::flag()),
                ("enforceAdmins?", schema::flag()),
            ]),
        )
}
