//! Reading a JSON object by hand, in the words of Backstage's validator: the
//! first line is its message, `accepted` adds what would be right and what came.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// A JSON object of a request's body, and where in the body it stands.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    object: &'a Map<String, Value>,
    place: String,
}

impl<'a> Body<'a> {
    /// The whole body.
    pub fn new(object: &'a Map<String, Value>) -> Self {
        Self {
            object,
            place: "request/body".to_owned(),
        }
    }

    /// The property, whatever it is; `null` counts as given.
    pub fn get(&self, property: &str) -> Option<&'a Value> {
        self.object.get(property)
    }

    /// A property that must be there.
    ///
    /// # Errors
    /// 400 that names it.
    pub fn required(&self, property: &str) -> Result<&'a Value, ApiError> {
        self.get(property).ok_or_else(|| self.missing(property))
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// 400 when it is missing, or something else.
    pub fn required_text(&self, property: &str) -> Result<&'a str, ApiError> {
        self.text(property)?.ok_or_else(|| self.missing(property))
    }

    /// An object that must be there.
    ///
    /// # Errors
    /// 400 when it is missing, or something else.
    pub fn required_object(&self, property: &str) -> Result<Self, ApiError> {
        self.object(property)?.ok_or_else(|| self.missing(property))
    }

    /// A list that must be there.
    ///
    /// # Errors
    /// 400 when it is missing, or something else.
    pub fn required_list(&self, property: &str) -> Result<&'a Vec<Value>, ApiError> {
        self.list(property)?.ok_or_else(|| self.missing(property))
    }

    /// A list of texts that must be there.
    ///
    /// # Errors
    /// 400 when it is missing, or something else.
    pub fn required_texts(&self, property: &str) -> Result<Vec<&'a str>, ApiError> {
        self.texts(property)?.ok_or_else(|| self.missing(property))
    }

    fn missing(&self, property: &str) -> ApiError {
        ApiError::input(format!(
            "{} must have required property '{property}'",
            self.place
        ))
        .accepted(format!("a JSON object with `{property}`"))
    }

    /// A text.
    ///
    /// # Errors
    /// 400 when it is something else.
    pub fn text(&self, property: &str) -> Result<Option<&'a str>, ApiError> {
        self.read(property, ("string", "a text"), Value::as_str)
    }

    /// A text that is one of a few.
    ///
    /// # Errors
    /// 400 that lists them.
    pub fn choice(
        &self,
        property: &str,
        choices: &[&'static str],
    ) -> Result<Option<&'a str>, ApiError> {
        let Some(text) = self.text(property)? else {
            return Ok(None);
        };
        if choices.contains(&text) {
            return Ok(Some(text));
        }
        Err(ApiError::input(format!(
            "{}/{property} must be equal to one of the allowed values",
            self.place
        ))
        .accepted(choices.join(" or ")))
    }

    /// A whole number that is not negative. `20.0` is one too.
    ///
    /// # Errors
    /// 400 when it is something else, or too large to count with.
    pub fn count(&self, property: &str) -> Result<Option<i64>, ApiError> {
        let wanted = ("integer", "a whole number such as 20");
        let number = self.read(property, wanted, whole)?;
        if number.is_some_and(|number| number < 0) {
            return Err(
                ApiError::input(format!("{}/{property} must be >= 0", self.place))
                    .accepted("a whole number of at least 0"),
            );
        }
        Ok(number)
    }

    /// A list of texts.
    ///
    /// # Errors
    /// 400 that names the first element that is none.
    pub fn texts(&self, property: &str) -> Result<Option<Vec<&'a str>>, ApiError> {
        let wanted = ("array", "a list of texts");
        let Some(list) = self.read(property, wanted, Value::as_array)? else {
            return Ok(None);
        };
        let text = |(at, value): (usize, &'a Value)| {
            value.as_str().ok_or_else(|| {
                wrong_type(
                    &format!("{}/{property}/{at}", self.place),
                    ("string", "a text"),
                    value,
                )
            })
        };
        list.iter()
            .enumerate()
            .map(text)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// A list of anything.
    ///
    /// # Errors
    /// 400 when it is no list.
    pub fn list(&self, property: &str) -> Result<Option<&'a Vec<Value>>, ApiError> {
        self.read(property, ("array", "a list"), Value::as_array)
    }

    /// An object inside.
    ///
    /// # Errors
    /// 400 when it is none.
    pub fn object(&self, property: &str) -> Result<Option<Self>, ApiError> {
        let found = self.read(property, ("object", "a JSON object"), Value::as_object)?;
        Ok(found.map(|object| self.below(property, object)))
    }

    /// A list of objects.
    ///
    /// # Errors
    /// 400 that names the first element that is none.
    pub fn objects(&self, property: &str) -> Result<Option<Vec<Self>>, ApiError> {
        let wanted = ("array", "a list of JSON objects");
        let Some(list) = self.read(property, wanted, Value::as_array)? else {
            return Ok(None);
        };
        let object = |(at, value): (usize, &'a Value)| {
            let place = format!("{property}/{at}");
            match value.as_object() {
                Some(object) => Ok(self.below(&place, object)),
                None => Err(wrong_type(
                    &format!("{}/{place}", self.place),
                    ("object", "a JSON object"),
                    value,
                )),
            }
        };
        list.iter()
            .enumerate()
            .map(object)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    fn below(&self, place: &str, object: &'a Map<String, Value>) -> Self {
        Self {
            object,
            place: format!("{}/{place}", self.place),
        }
    }

    /// `wanted` is JSON Schema's name of the type, and the same for people.
    fn read<T>(
        &self,
        property: &str,
        wanted: (&str, &str),
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.get(property) else {
            return Ok(None);
        };
        read(value)
            .map(Some)
            .ok_or_else(|| wrong_type(&format!("{}/{property}", self.place), wanted, value))
    }
}

fn wrong_type(place: &str, (wanted, accepted): (&str, &str), found: &Value) -> ApiError {
    ApiError::input(format!("{place} must be {wanted}"))
        .accepted(format!("{accepted}; this is {}", shown(found)))
}

/// What came, in a few words.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let mut start: String = text.chars().take(40).collect();
            if start.len() < text.len() {
                start.push('…');
            }
            format!("the text {start:?}")
        }
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Numbers of JavaScript are not told apart: `2.0` is `2`.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only whole numbers that a double holds exactly get here"
        )]
        value
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0)
            .map(|number| number as i64)
    })
}

/// A property that a body must have.
///
/// # Errors
/// 400 in the words of Backstage's validator.
pub fn required<'a>(object: &'a Map<String, Value>, property: &str) -> Result<&'a Value, ApiError> {
    Body::new(object).required(property)
}

/// A text property that a body must have.
///
/// # Errors
/// 400 in the words of Backstage's validator.
pub fn required_text<'a>(
    object: &'a Map<String, Value>,
    property: &str,
) -> Result<&'a str, ApiError> {
    Body::new(object).required_text(property)
}
