//! Tests that open their databases somewhere inside, run once more with those
//! databases in PostgreSQL.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::databases::{new_schema, run, server, within};

struct Server {
    url: String,
    schemas: Vec<String>,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

/// The address of a new schema, while a test runs on PostgreSQL.
pub async fn fresh_schema() -> Option<String> {
    let schema = new_schema();
    let url = SERVER.with_borrow_mut(|server| {
        let server = server.as_mut()?;
        server.schemas.push(schema.clone());
        Some(server.url.clone())
    })?;
    run(&url, format!("CREATE SCHEMA {schema}")).await;
    Some(within(&url, &schema))
}

/// Runs a test whose every [`fresh_schema`] is in PostgreSQL. The test uses this
/// thread only, so the thread can hold where the server is.
pub fn on_postgres(test: fn()) {
    let Some(url) = server() else {
        return;
    };
    SERVER.set(Some(Server {
        url,
        schemas: Vec::new(),
    }));
    let outcome = catch_unwind(AssertUnwindSafe(test));
    let server = SERVER.take().expect("put there above");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for schema in server.schemas {
        runtime.block_on(run(&server.url, format!("DROP SCHEMA {schema} CASCADE")));
    }
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Makes of tests of this crate, `module::test`, tests on PostgreSQL.
#[expect(
    clippy::crate_in_macro_def,
    reason = "the tests named stand in the crate that uses the macro"
)]
#[macro_export]
macro_rules! once_more_on_postgres {
    ($($module:ident :: $test:ident),* $(,)?) => {
        $(
            #[test]
            fn $test() {
                $crate::on_postgres(crate::$module::$test);
            }
        )*
    };
}
