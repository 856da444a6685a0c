//! Values on their way into the database and out of it.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::Value;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Postgres, Row as _, SqlSafeStr, SqlStr, Type};

use super::error::StoreError;

/// SQL text. A literal converts by itself; text put together at run time is
/// marked by [`Sql::assembled`], so that a reader finds every such place.
#[derive(Clone, Debug)]
pub struct Sql(SqlStr);

impl Sql {
    /// Text put together from the program's own parts. Values from outside
    /// never belong in it: they are arguments.
    pub fn assembled(text: String) -> Self {
        Self(AssertSqlSafe(text).into_sql_str())
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn into_inner(self) -> SqlStr {
        self.0
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self(text.into_sql_str())
    }
}

/// `$from, $from+1, …`: `count` placeholders for an `IN (…)` list.
pub fn placeholders(from: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 5);
    for at in from..from + count {
        let comma = if at == from { "" } else { ", " };
        let _ = write!(text, "{comma}${at}");
    }
    text
}

/// One value for a `$n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// TEXT. Must not hold U+0000, which PostgreSQL cannot store.
    Text(String),
    /// BIGINT; also times (microseconds) and booleans (0, 1).
    Int(i64),
    /// BLOB or BYTEA.
    Bytes(Vec<u8>),
    /// NULL of any type.
    Null,
}

/// A list of [`Arg`]s: `args![name, 3, None::<&str>]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::store::Arg::from($value)),*] };
}

macro_rules! arg_from {
    ($($type:ty => |$value:ident| $arg:expr;)*) => {
        $(impl From<$type> for Arg {
            fn from($value: $type) -> Self {
                $arg
            }
        })*
    };
}

arg_from! {
    &str => |value| Self::Text(value.to_owned());
    &String => |value| Self::Text(value.clone());
    String => |value| Self::Text(value);
    bool => |value| Self::Int(i64::from(value));
    i32 => |value| Self::Int(i64::from(value));
    u32 => |value| Self::Int(i64::from(value));
    i64 => |value| Self::Int(value);
    usize => |value| Self::Int(i64::try_from(value).unwrap_or(i64::MAX));
    &[u8] => |value| Self::Bytes(value.to_vec());
    Vec<u8> => |value| Self::Bytes(value);
    Timestamp => |value| Self::Int(value.as_microsecond());
    &Value => |value| Self::Text(value.to_string());
}

impl<T> From<Option<T>> for Arg
where
    Arg: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

/// A NULL whose type PostgreSQL works out from where it stands.
struct UntypedNull;

impl Type<Postgres> for UntypedNull {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for UntypedNull {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

const NUL: &str = "it holds the character U+0000";
const TOO_LONG: &str = "it is too long";

fn check_text(position: usize, text: &str) -> Result<(), StoreError> {
    if text.as_bytes().contains(&0) {
        return Err(StoreError::Argument {
            position,
            problem: NUL,
        });
    }
    Ok(())
}

pub(super) fn sqlite_arguments(args: Vec<Arg>) -> Result<SqliteArguments, StoreError> {
    let mut list = SqliteArguments::default();
    list.reserve(args.len(), 0);
    for (index, arg) in args.into_iter().enumerate() {
        let position = index + 1;
        let added = match arg {
            Arg::Text(text) => {
                check_text(position, &text)?;
                list.add(text)
            }
            Arg::Int(number) => list.add(number),
            Arg::Bytes(bytes) => list.add(bytes),
            Arg::Null => list.add(None::<i64>),
        };
        added.map_err(|_| StoreError::Argument {
            position,
            problem: TOO_LONG,
        })?;
    }
    Ok(list)
}

pub(super) fn postgres_arguments(args: Vec<Arg>) -> Result<PgArguments, StoreError> {
    let mut list = PgArguments::default();
    list.reserve(args.len(), 0);
    for (index, arg) in args.into_iter().enumerate() {
        let position = index + 1;
        let added = match arg {
            Arg::Text(text) => {
                check_text(position, &text)?;
                list.add(text)
            }
            Arg::Int(number) => list.add(number),
            Arg::Bytes(bytes) => list.add(bytes),
            Arg::Null => list.add(UntypedNull),
        };
        added.map_err(|_| StoreError::Argument {
            position,
            problem: TOO_LONG,
        })?;
    }
    Ok(list)
}

/// Refuses a wrong number of arguments, which SQLite would take for NULLs.
pub(super) fn check_count(sql: &Sql, args: &[Arg]) -> Result<(), StoreError> {
    let text = sql.as_str();
    let used = text
        .split('$')
        .skip(1)
        .filter_map(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest.get(..digits)?.parse::<usize>().ok()
        })
        .max()
        .unwrap_or(0);
    if used == args.len() {
        return Ok(());
    }
    let sql = text.chars().take(120).collect();
    Err(StoreError::ArgumentCount {
        given: args.len(),
        used,
        sql,
    })
}

/// One row of a result. Columns are counted from 0.
pub struct Row(pub(super) Native);

pub(super) enum Native {
    Sqlite(SqliteRow),
    Postgres(PgRow),
    /// Taken out of the driver's row, for readers on several threads.
    Settled(Vec<Arg>),
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = match &self.0 {
            Native::Sqlite(row) => row.len(),
            Native::Postgres(row) => row.len(),
            Native::Settled(values) => values.len(),
        };
        f.debug_struct("Row")
            .field("columns", &columns)
            .finish_non_exhaustive()
    }
}

/// A column that may be NULL, as `Option<$type>`. Always asked for in this way,
/// because the driver gives SQLite's NULL out as 0 or "" where no `Option` is
/// asked for.
macro_rules! get {
    ($self:ident, $index:ident, $type:ty, $expected:literal, $settled:expr) => {
        match &$self.0 {
            Native::Sqlite(row) => row.try_get::<Option<$type>, _>($index),
            Native::Postgres(row) => row.try_get::<Option<$type>, _>($index),
            Native::Settled(values) => return settled(values, ($index, $expected), $settled),
        }
        .map_err(|error| StoreError::Column {
            index: $index,
            expected: $expected,
            problem: error.to_string(),
        })
    };
}

/// A value of a settled row, as `pick` finds it; `None` for NULL.
fn settled<'a, T>(
    values: &'a [Arg],
    (index, expected): (usize, &'static str),
    pick: impl Fn(&'a Arg) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let problem = match values.get(index) {
        Some(Arg::Null) => return Ok(None),
        Some(value) => match pick(value) {
            Some(found) => return Ok(Some(found)),
            None => "it is of another type",
        },
        None => "there is no such column",
    };
    Err(StoreError::Column {
        index,
        expected,
        problem: problem.to_owned(),
    })
}

fn not_null<T>(index: usize, expected: &'static str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::Column {
        index,
        expected,
        problem: "it is NULL".into(),
    })
}

impl Row {
    /// The same row, with its values taken out of the driver's memory. SQLite
    /// finishes a text when it is first asked for, in place: a row that several
    /// threads read at once must be settled before.
    pub(super) fn settle(self) -> Result<Self, StoreError> {
        let columns = match &self.0 {
            Native::Sqlite(row) => row.len(),
            Native::Postgres(row) => row.len(),
            Native::Settled(_) => return Ok(self),
        };
        let values = (0..columns).map(|index| {
            if let Ok(number) = self.opt_int(index) {
                return Ok(Arg::from(number));
            }
            if let Ok(text) = self.opt_text(index) {
                return Ok(Arg::from(text));
            }
            self.opt_bytes(index).map(Arg::from)
        });
        Ok(Self(Native::Settled(values.collect::<Result<_, _>>()?)))
    }

    /// A TEXT column that is not NULL.
    pub fn text(&self, index: usize) -> Result<&str, StoreError> {
        not_null(index, "text", self.opt_text(index)?)
    }

    /// A TEXT column.
    pub fn opt_text(&self, index: usize) -> Result<Option<&str>, StoreError> {
        get!(self, index, &str, "text", |value| match value {
            Arg::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// A BIGINT column that is not NULL.
    pub fn int(&self, index: usize) -> Result<i64, StoreError> {
        not_null(index, "a 64-bit integer", self.opt_int(index)?)
    }

    /// A BIGINT column.
    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, StoreError> {
        get!(self, index, i64, "a 64-bit integer", |value| match value {
            Arg::Int(number) => Some(*number),
            _ => None,
        })
    }

    /// A BIGINT column that holds 0 or 1.
    pub fn bool(&self, index: usize) -> Result<bool, StoreError> {
        self.int(index).map(|number| number != 0)
    }

    /// A BLOB or BYTEA column that is not NULL.
    pub fn bytes(&self, index: usize) -> Result<&[u8], StoreError> {
        not_null(index, "bytes", self.opt_bytes(index)?)
    }

    /// A BLOB or BYTEA column.
    pub fn opt_bytes(&self, index: usize) -> Result<Option<&[u8]>, StoreError> {
        get!(self, index, &[u8], "bytes", |value| match value {
            Arg::Bytes(bytes) => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// A BIGINT column that holds microseconds since 1970.
    pub fn time(&self, index: usize) -> Result<Timestamp, StoreError> {
        as_time(index, self.int(index)?)
    }

    /// A BIGINT column that holds microseconds since 1970 or NULL.
    pub fn opt_time(&self, index: usize) -> Result<Option<Timestamp>, StoreError> {
        self.opt_int(index)?
            .map(|micros| as_time(index, micros))
            .transpose()
    }

    /// A TEXT column that holds JSON.
    pub fn json(&self, index: usize) -> Result<Value, StoreError> {
        serde_json::from_str(self.text(index)?).map_err(|error| StoreError::Column {
            index,
            expected: "JSON",
            problem: error.to_string(),
        })
    }
}

fn as_time(index: usize, micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|error| StoreError::Column {
        index,
        expected: "a time",
        problem: error.to_string(),
    })
}
