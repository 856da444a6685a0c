//! Migrations: forward only, never edited, never from the future.

use platform::store::{Db, Migration, MigrationSet, StoreError, args};

use crate::databases::{Place, on_both, on_postgres};

const fn step(version: u32, name: &'static str, text: &'static str) -> Migration {
    Migration {
        version,
        name,
        sqlite: text,
        postgres: text,
    }
}

const ONE: &[Migration] = &[step(
    1,
    "first",
    "CREATE TABLE one (id BIGINT); CREATE TABLE two (id BIGINT);",
)];
const TWO: &[Migration] = &[
    ONE[0],
    step(
        2,
        "second",
        "ALTER TABLE one ADD COLUMN name TEXT;\nINSERT INTO one (id, name) VALUES (1, 'x')",
    ),
];

async fn open(place: &Place, steps: &'static [Migration]) -> Result<Db, StoreError> {
    let set = MigrationSet {
        name: "shelf",
        steps,
    };
    let db = Db::open(&place.url(), &[set], place.clock.clone()).await?;
    // Two lines of one test may open the same directory one after the other.
    if !db.is_shared() {
        db.close().await;
    }
    Ok(db)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_missing_is_applied() {
    on_both(|place| async move {
        open(&place, ONE).await.unwrap();
        open(&place, TWO).await.unwrap();
        open(&place, TWO).await.unwrap();
        let db = Db::open(&place.url(), &[], place.clock.clone())
            .await
            .unwrap();
        let rows = db.read("SELECT name FROM one", args![]).await.unwrap();
        assert_eq!(rows.len(), 1);
        let applied = db.migrations().await.unwrap();
        let names: Vec<_> = applied
            .iter()
            .map(|step| (step.set.as_str(), step.version))
            .collect();
        assert_eq!(
            names,
            [
                ("platform", 1),
                ("platform", 2),
                ("platform", 3),
                ("platform", 4),
                ("shelf", 1),
                ("shelf", 2)
            ]
        );
        assert_eq!(applied[0].applied_at, place.clock.now());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_a_newer_portway_is_refused_untouched() {
    on_both(|place| async move {
        open(&place, TWO).await.unwrap();
        let error = open(&place, ONE).await.unwrap_err();
        let StoreError::Newer {
            found: 2, known: 1, ..
        } = &error
        else {
            panic!("{error:?}")
        };
        let text = error.to_string();
        assert!(text.contains("was written by a newer portway"), "{text}");
        assert!(
            text.contains("the tables of `shelf` are at version 2"),
            "{text}"
        );
        assert!(text.contains("knows versions up to 1"), "{text}");
        assert!(
            text.contains("Start the newer portway, or restore a backup"),
            "{text}"
        );
        open(&place, TWO).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_migration_is_refused() {
    const EDITED: &[Migration] = &[step(1, "first", "CREATE TABLE one (id TEXT)")];
    const OTHER_LINE_ENDS: &[Migration] = &[step(
        1,
        "first",
        "CREATE TABLE one (id BIGINT);\r CREATE TABLE two (id BIGINT);",
    )];
    on_both(|place| async move {
        open(&place, ONE).await.unwrap();
        let error = open(&place, EDITED).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Changed { set, version: 1, .. } if set == "shelf"),
            "{error:?}"
        );
        open(&place, OTHER_LINE_ENDS).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_migration_leaves_nothing_and_can_be_mended() {
    const BROKEN: &[Migration] = &[
        ONE[0],
        step(
            2,
            "broken",
            "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1)",
        ),
    ];
    on_both(|place| async move {
        let error = open(&place, BROKEN).await.unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("migration shelf 2 (broken) failed on "),
            "{text}"
        );
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("nowhere"), "{cause}");
        open(&place, TWO).await.unwrap();
        let db = Db::open(&place.url(), &[], place.clock.clone())
            .await
            .unwrap();
        assert!(db.read("SELECT id FROM half", args![]).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_a_hole_is_a_fault_of_the_program() {
    const HOLE: &[Migration] = &[ONE[0], step(3, "third", "SELECT 1")];
    on_both(|place| async move {
        let error = open(&place, HOLE).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the migrations of `shelf` are not usable: version 3 stands where 2 belongs"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_together_migrate_once() {
    on_postgres(|place| async move {
        let starts = (0..5).map(|_| open(&place, TWO));
        for started in futures_util::future::join_all(starts).await {
            started.unwrap();
        }
        let db = Db::open(&place.url(), &[], place.clock.clone())
            .await
            .unwrap();
        assert_eq!(
            db.read("SELECT id FROM one", args![]).await.unwrap().len(),
            1
        );
    })
    .await;
}
