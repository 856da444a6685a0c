//! Reading and writing.

use futures_util::TryStreamExt as _;
use platform::store::{Arg, StoreError, args, placeholders};
use platform::store::{Db, Sql};

use crate::databases::on_both;

async fn count(db: &Db) -> i64 {
    db.read("SELECT count(*) FROM notes", args![])
        .await
        .unwrap()[0]
        .int(0)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sort_of_value_comes_back_as_it_went_in() {
    on_both(|place| async move {
        let db = place.open().await;
        let now = db.clock().now();
        let mut tx = db.begin().await.unwrap();
        tx.execute(
            "INSERT INTO notes (id, body, size, raw) VALUES ($1, $2, $3, $4), ($5, $6, $7, $8)",
            args![
                1,
                "포트웨이 'quoted' ☂",
                now,
                &b"\0\xff"[..],
                i64::MIN,
                None::<&str>,
                None::<i64>,
                Arg::Null
            ],
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();

        let rows = db
            .read(
                "SELECT body, size, raw, id FROM notes ORDER BY id DESC",
                args![],
            )
            .await
            .unwrap();
        let full = &rows[0];
        assert_eq!(full.text(0).unwrap(), "포트웨이 'quoted' ☂");
        assert_eq!(full.time(1).unwrap(), now);
        assert_eq!(full.bytes(2).unwrap(), b"\0\xff");
        let empty = &rows[1];
        assert_eq!(empty.opt_text(0).unwrap(), None);
        assert_eq!(empty.opt_int(1).unwrap(), None);
        assert_eq!(empty.opt_time(1).unwrap(), None);
        assert_eq!(empty.opt_bytes(2).unwrap(), None);
        assert_eq!(empty.int(3).unwrap(), i64::MIN);
        // Asking for the wrong thing is an error with a place, not a guess.
        let wrongs = [
            empty.text(0).map(drop),
            empty.int(1).map(drop),
            empty.bytes(2).map(drop),
            full.int(0).map(drop),
            full.text(1).map(drop),
            full.text(9).map(drop),
        ];
        for wrong in wrongs {
            assert!(matches!(wrong, Err(StoreError::Column { .. })), "{wrong:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_on_both_is_refused_on_both() {
    on_both(|place| async move {
        let db = place.open().await;
        let error = db.read("SELECT $1", args!["a\0b"]).await.unwrap_err();
        assert_eq!(error.to_string(), "argument $1 cannot be stored: it holds the character U+0000");
        let error = db.read("SELECT id FROM notes WHERE id = $1 OR id = $2", args![1]).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "1 arguments were given and the SQL text uses 2: SELECT id FROM notes WHERE id = $1 OR id = $2"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_with_a_failed_statement_stores_nothing() {
    on_both(|place| async move {
        let db = place.open().await;
        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO notes (id) VALUES ($1)", args![1])
            .await
            .unwrap();
        let again = tx
            .execute("INSERT INTO notes (id) VALUES ($1)", args![1])
            .await;
        assert!(
            matches!(again, Err(StoreError::Duplicate { .. })),
            "{again:?}"
        );
        assert!(matches!(tx.commit().await, Err(StoreError::Aborted)));
        assert_eq!(count(&db).await, 0);
        // And the next transaction is not harmed by it.
        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO notes (id) VALUES ($1)", args![1])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&db).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_neither_wait_for_a_writer_nor_see_what_is_not_committed() {
    on_both(|place| async move {
        let db = place.open().await;
        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO notes (id) VALUES ($1)", args![1])
            .await
            .unwrap();
        assert_eq!(count(&db).await, 0);
        assert_eq!(
            tx.query("SELECT id FROM notes", args![])
                .await
                .unwrap()
                .len(),
            1
        );
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        assert_eq!(
            tx.query("SELECT id FROM notes", args![])
                .await
                .unwrap()
                .len(),
            0
        );
        tx.execute("INSERT INTO notes (id) VALUES ($1)", args![2])
            .await
            .unwrap();
        let mut snapshot = db.snapshot().await.unwrap();
        assert_eq!(
            snapshot
                .read("SELECT id FROM notes", args![])
                .await
                .unwrap()
                .len(),
            0
        );
        tx.commit().await.unwrap();
        assert_eq!(
            snapshot
                .read("SELECT id FROM notes", args![])
                .await
                .unwrap()
                .len(),
            0
        );
        assert_eq!(count(&db).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_go_in_and_come_out_in_order() {
    on_both(|place| async move {
        let db = place.open().await;
        let rows = 12_345;
        let body = "x".repeat(1_200);
        let mut tx = db.begin().await.unwrap();
        let note = |id: i32| args![id, format!("{id}{body}"), id * 2];
        let inserted = tx
            .insert_many("notes", &["id", "body", "size"], (0..rows).map(note))
            .await
            .unwrap();
        assert_eq!(inserted, 12_345);
        let replaced = tx
            .upsert_many(
                "notes",
                &["id", "size"],
                "ON CONFLICT (id) DO UPDATE SET size = excluded.size",
                (12_000..12_400).map(|id| args![id, -1]),
            )
            .await
            .unwrap();
        assert_eq!(replaced, 400);
        tx.commit().await.unwrap();

        let mut seen = 0;
        let mut stream = db.stream(
            "SELECT id, body, size FROM notes WHERE id < $1 ORDER BY id",
            args![rows],
        );
        while let Some(row) = stream.try_next().await.unwrap() {
            assert_eq!(row.int(0).unwrap(), seen);
            assert_eq!(row.text(1).unwrap(), format!("{seen}{body}"));
            assert_eq!(
                row.int(2).unwrap(),
                if seen >= 12_000 { -1 } else { seen * 2 }
            );
            seen += 1;
        }
        assert_eq!(seen, i64::from(rows));
        drop(stream);

        let ids = placeholders(1, 3);
        assert_eq!(ids, "$1, $2, $3");
        let some = Sql::assembled(format!(
            "SELECT id FROM notes WHERE id IN ({ids}) ORDER BY id"
        ));
        let some = db.read(some, args![7, 12_399, 99_999]).await.unwrap();
        assert_eq!(
            some.iter()
                .map(|row| row.int(0).unwrap())
                .collect::<Vec<_>>(),
            [7, 12_399]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_take_turns_and_none_is_lost() {
    on_both(|place| async move {
        let db = place.open().await;
        let writers = (0..20).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    let mut tx = db.begin().await.unwrap();
                    tx.execute("UPDATE counter SET value = value + 1", args![])
                        .await
                        .unwrap();
                    tx.commit().await.unwrap();
                }
            })
        });
        futures_util::future::try_join_all(writers).await.unwrap();
        let rows = db.read("SELECT value FROM counter", args![]).await.unwrap();
        assert_eq!(rows[0].int(0).unwrap(), 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_sorted_by_code_point_on_both() {
    on_both(|place| async move {
        let db = place.open().await;
        let mut tx = db.begin().await.unwrap();
        for key in ["b", "B", "가", "a", "A", "é", "_"] {
            tx.enqueue(platform::queue::Job {
                queue: "sorted",
                key: key.into(),
                payload: serde_json::Value::Null,
                run_at: db.clock().now(),
                reason: "test".into(),
            });
        }
        tx.commit().await.unwrap();
        let rows = db
            .read("SELECT key FROM jobs ORDER BY key", args![])
            .await
            .unwrap();
        let keys: Vec<_> = rows.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(keys, ["A", "B", "_", "a", "b", "é", "가"]);
    })
    .await;
}
