//! Answers that are kept are those that reading would give.

use std::sync::Arc;

use platform::store::{Db, Row, args};

use crate::databases::on_both;

const BODY: &str = "SELECT body FROM notes WHERE id = $1";

async fn body(db: &Db, id: i64) -> Option<String> {
    let rows = kept(db, id).await;
    rows.first().map(|row| row.text(0).unwrap().to_owned())
}

async fn kept(db: &Db, id: i64) -> Arc<Vec<Row>> {
    let key = id.to_string();
    db.read_kept((&["notes"], &key), BODY, args![id])
        .await
        .unwrap()
}

async fn write(db: &Db, id: i64, body: &str) {
    let mut tx = db.begin().await.unwrap();
    tx.execute("DELETE FROM notes WHERE id = $1", args![id])
        .await
        .unwrap();
    tx.execute(
        "INSERT INTO notes (id, body) VALUES ($1, $2)",
        args![id, body],
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_answered_from_then_on() {
    on_both(|place| async move {
        let db = place.open().await;
        assert_eq!(body(&db, 1).await, None);
        write(&db, 1, "one").await;
        assert_eq!(body(&db, 1).await.as_deref(), Some("one"));
        write(&db, 1, "two").await;
        assert_eq!(body(&db, 1).await.as_deref(), Some("two"));
        let other = place.replica(&db).await;
        write(&other, 1, "three").await;
        assert_eq!(body(&db, 1).await.as_deref(), Some("three"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_server_writes_is_answered_soon() {
    on_both(|place| async move {
        let db = place.open().await;
        let other = place.replica(&db).await;
        db.tells(&["notes"]);
        other.tells(&["notes"]);
        write(&db, 1, "one").await;
        // Kept from the moment at which this process hears the others.
        let begun = std::time::Instant::now();
        loop {
            let (first, second) = (kept(&db, 1).await, kept(&db, 1).await);
            if Arc::ptr_eq(&first, &second) {
                break;
            }
            assert!(begun.elapsed().as_secs() < 20, "nothing is ever kept");
            tokio::task::yield_now().await;
        }
        for round in 0..20 {
            let text = round.to_string();
            write(&other, 1, &text).await;
            let begun = std::time::Instant::now();
            while body(&db, 1).await.as_deref() != Some(&text) {
                assert!(begun.elapsed().as_secs() < 4, "the change was not told");
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_one_answer_leaves_the_others() {
    on_both(|place| async move {
        let db = place.open().await;
        if db.is_shared() {
            return;
        }
        write(&db, 1, "one").await;
        write(&db, 2, "two").await;
        let (one, two) = (kept(&db, 1).await, kept(&db, 2).await);
        let mut tx = db.begin().await.unwrap();
        let keys = ("notes", vec!["1".to_owned()]);
        tx.execute_for(keys, "UPDATE notes SET body = 'new' WHERE id = 1", args![])
            .await
            .unwrap();
        assert!(Arc::ptr_eq(&one, &kept(&db, 1).await), "not committed yet");
        tx.commit().await.unwrap();
        assert_eq!(body(&db, 1).await.as_deref(), Some("new"));
        assert!(Arc::ptr_eq(&two, &kept(&db, 2).await));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_committed_is_not_answered() {
    on_both(|place| async move {
        let db = place.open().await;
        write(&db, 1, "one").await;
        let mut tx = db.begin().await.unwrap();
        tx.execute("UPDATE notes SET body = 'two' WHERE id = 1", args![])
            .await
            .unwrap();
        assert_eq!(body(&db, 1).await.as_deref(), Some("one"));
        tx.rollback().await.unwrap();
        assert_eq!(body(&db, 1).await.as_deref(), Some("one"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_question_may_come_in_the_middle_of_a_change() {
    on_both(|place| async move {
        let db = place.open().await;
        let mut tx = db.begin().await.unwrap();
        tx.execute("INSERT INTO notes (id, body) VALUES (1, 'one')", args![])
            .await
            .unwrap();
        // Nobody has asked before, so that the change did not know of it.
        assert_eq!(body(&db, 1).await, None);
        tx.commit().await.unwrap();
        assert_eq!(body(&db, 1).await.as_deref(), Some("one"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_read_once_where_nobody_else_writes() {
    on_both(|place| async move {
        let db = place.open().await;
        write(&db, 1, "one").await;
        let (first, second) = (kept(&db, 1).await, kept(&db, 1).await);
        assert_eq!(Arc::ptr_eq(&first, &second), !db.is_shared());
        let mut tx = db.begin().await.unwrap();
        tx.execute("UPDATE counter SET value = 1", args![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let third = kept(&db, 1).await;
        assert_eq!(
            Arc::ptr_eq(&first, &third),
            !db.is_shared(),
            "another table was meant"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_and_writers_at_once_never_see_what_was_before_an_acknowledged_change() {
    on_both(|place| async move {
        let db = place.open().await;
        write(&db, 1, "0").await;
        let writer = tokio::spawn({
            let db = db.clone();
            async move {
                for round in 1..=200 {
                    write(&db, 1, &round.to_string()).await;
                    assert_eq!(body(&db, 1).await, Some(round.to_string()));
                }
            }
        });
        let mut last = 0;
        while !writer.is_finished() {
            let now: i64 = body(&db, 1).await.unwrap().parse().unwrap();
            assert!(now >= last, "{now} after {last}");
            last = now;
            tokio::task::yield_now().await;
        }
        writer.await.unwrap();
    })
    .await;
}
