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

fn number(operation: Operation) -> Operation {
    operation.path(
        "number",
        schema::integer(),
        "The number of the pull request",
    )
}

pub(super) fn pulls() -> Operation {
    one("listPullRequests", "Lists pull requests, newest first")
        .query(
            "state",
            schema::choice(&["open", "closed", "merged"]),
            "Only in this state",
        )
        .query(
            "before",
            schema::at_least(1),
            "Only with a smaller number, for the next page",
        )
        .query(
            "limit",
            schema::between(1, 200),
            "Pull requests in a page; 50 unless given",
        )
        .json(200, "A page", items(schema::named("PullRequest")))
}

pub(super) fn open_pull() -> Operation {
    one("openPullRequest", "Opens a pull request")
        .body(schema::object([
            ("title", schema::text()),
            ("body?", schema::text()),
            ("head", schema::text()),
            ("base?", schema::text()),
        ]))
        .json(201, "The pull request", schema::named("PullRequest"))
        .errors(&[409])
}

pub(super) fn pull() -> Operation {
    number(one(
        "getPullRequest",
        "Tells about a pull request and what stands against merging it",
    ))
    .json(200, "The pull request", schema::named("PullRequest"))
}

pub(super) fn edit_pull() -> Operation {
    number(one(
        "editPullRequest",
        "Changes title or description, closes or opens again",
    ))
    .body(schema::object([
        ("title?", schema::text()),
        ("body?", schema::text()),
        ("state?", schema::choice(&["open", "closed"])),
    ]))
    .json(200, "The pull request", schema::named("PullRequest"))
    .errors(&[409])
}

pub(super) fn pull_files() -> Operation {
    number(one(
        "listPullRequestFiles",
        "Lists the files that a pull request changes",
    ))
    .json(
        200,
        "The files",
        items(schema::object([
            ("path", schema::text()),
            ("previousPath", schema::nullable(schema::text())),
            (
                "status",
                schema::choice(&["added", "modified", "removed", "renamed"]),
            ),
            ("before", schema::nullable(schema::text())),
            ("after", schema::nullable(schema::text())),
        ])),
    )
}

fn review_body() -> Value {
    schema::object([
        (
            "verdict?",
            schema::choice(&["approve", "request-changes", "comment"]),
        ),
        ("body?", schema::text()),
        ("path?", schema::nullable(schema::text())),
        ("line?", schema::nullable(schema::integer())),
    ])
}

fn review_shown() -> Value {
    schema::object([
        ("author", schema::text()),
        (
            "verdict",
            schema::choice(&["approve", "request-changes", "comment"]),
        ),
        ("body", schema::text()),
        ("commit", schema::text()),
        ("path", schema::nullable(schema::text())),
        ("line", schema::nullable(schema::integer())),
        ("createdAt", schema::time()),
    ])
}

pub(super) fn reviews() -> Operation {
    number(one(
        "listPullRequestReviews",
        "Lists reviews and comments, oldest first",
    ))
    .json(200, "The reviews", items(review_shown()))
}

pub(super) fn review() -> Operation {
    number(one(
        "reviewPullRequest",
        "Approves, wants changes, or comments",
    ))
    .body(review_body())
    .json(201, "The review", review_shown())
    .errors(&[409])
}

pub(super) fn merge() -> Operation {
    number(one(
        "mergePullRequest",
        "Merges when nothing stands against it",
    ))
    .optional_body(schema::object([
        ("method?", schema::choice(&["merge", "squash", "rebase"])),
        ("headCommit?", schema::text()),
        ("message?", schema::text()),
        ("deleteBranch?", schema::flag()),
    ]))
    .json(200, "The pull request", schema::named("PullRequest"))
    .errors(&[409])
}

fn check_shown() -> Value {
    schema::object([
        ("name", schema::text()),
        (
            "state",
            schema::choice(&["pending", "success", "failure", "error"]),
        ),
        ("description?", schema::text()),
        ("url?", schema::text()),
        ("updatedAt?", schema::time()),
    ])
}

fn of_commit(operation: Operation) -> Operation {
    operation.path("commit", schema::text(), "The id of the commit")
}

pub(super) fn checks() -> Operation {
    of_commit(one(
        "listCommitChecks",
        "Lists what programs found out about a commit",
    ))
    .json(200, "The checks by name", items(check_shown()))
}

pub(super) fn check() -> Operation {
    of_commit(one(
        "reportCommitCheck",
        "Takes down what a program found out about a commit",
    ))
    .body(check_shown())
    .json(201, "The check", check_shown())
}

pub(super) fn commits() -> Operation {
    one("listCommits", "Lists commits, newest first")
        .query(
            "ref",
            schema::text(),
            "A branch, tag or commit; the default branch unless given",
        )
        .query("skip", schema::at_least(0), "Commits that are left out")
        .query(
            "limit",
            schema::between(1, 500),
            "Commits in a page; 50 unless given",
        )
        .json(200, "The commits", items(schema::any_object()))
}

pub(super) fn commit() -> Operation {
    one("commitFiles", "Makes one commit of some files")
        .body(schema::object([
            ("branch?", schema::text()),
            ("from?", schema::text()),
            ("message", schema::text()),
            (
                "files",
                schema::list(schema::object([
                    ("path", schema::text()),
                    ("content?", schema::text()),
                    ("contentBase64?", schema::text()),
                    ("executable?", schema::flag()),
                    ("remove?", schema::flag()),
                ])),
            ),
        ]))
        .json(
            201,
            "The commit",
            schema::object([("commit", schema::text()), ("branch", schema::text())]),
        )
        .errors(&[409])
}

pub(super) fn contents() -> Operation {
    one("getContents", "Gives a file, or lists a directory")
        .query("path", schema::text(), "The path; the top unless given")
        .query(
            "ref",
            schema::text(),
            "A branch, tag or commit; the default branch unless given",
        )
        .json(200, "The file or directory", schema::any_object())
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
            "PullRequest",
            schema::object([
                ("number", schema::integer()),
                ("title", schema::text()),
                ("body", schema::text()),
                ("author", schema::text()),
                ("head", schema::text()),
                ("headCommit", schema::text()),
                ("base", schema::text()),
                ("state", schema::choice(&["open", "closed", "merged"])),
                ("createdAt", schema::time()),
                ("updatedAt", schema::time()),
                ("mergedBy", schema::nullable(schema::text())),
                ("mergeCommit", schema::nullable(schema::text())),
                ("url", schema::text()),
                ("standing?", schema::any_object()),
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
