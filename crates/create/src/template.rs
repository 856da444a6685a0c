//! Templates as tasks and forms want them.

use model::entity_ref::EntityRef;
use platform::ApiError;
use serde_json::{Map, Value, json};

use crate::run::schema::{self, Problem};
use crate::task::Spec;

/// The only form of templates that there is.
const API_VERSION: &str = "scaffolder.backstage.io/v1beta3";
/// Steps of one template.
const MOST_STEPS: usize = 1_000;

/// A template, as an entity or as a text that somebody tries out.
#[derive(Clone, Debug)]
pub struct Template {
    entity: Value,
}

impl Template {
    /// Takes an entity that is a template.
    ///
    /// # Errors
    /// 400 when it is something else, or its steps cannot be used.
    pub fn new(entity: Value) -> Result<Self, ApiError> {
        let template = Self { entity };
        let version = template.text("/apiVersion");
        if version != API_VERSION {
            return Err(ApiError::input(format!(
                "Unsupported apiVersion field in schema entity, {version}"
            ))
            .accepted(format!("apiVersion: {API_VERSION}")));
        }
        let steps = template.steps()?;
        for (index, step) in steps.iter().enumerate() {
            let id = Spec::text(step, "id");
            if steps
                .iter()
                .skip(index + 1)
                .any(|other| Spec::text(other, "id") == id)
            {
                return Err(ApiError::input(format!(
                    "Two steps of the template have the id `{id}`"
                ))
                .fix("give each step an id of its own; outputs are found by it"));
            }
        }
        Ok(template)
    }

    fn text(&self, pointer: &str) -> &str {
        self.entity
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The pages of the form, as they stand in the template.
    pub fn pages(&self) -> Vec<&Value> {
        match self.entity.pointer("/spec/parameters") {
            Some(Value::Array(pages)) => pages.iter().collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(page) => vec![page],
        }
    }

    /// The form, as Backstage's API answers it.
    pub fn form(&self) -> Value {
        let pages: Vec<Value> = self
            .pages()
            .into_iter()
            .map(|page| {
                let title = page.get("title").and_then(Value::as_str);
                let mut shown = json!({
                    "title": title.unwrap_or("Please enter the following information"),
                });
                if let Some(fields) = shown.as_object_mut() {
                    if let Some(description) = page.get("description") {
                        fields.insert("description".to_owned(), description.clone());
                    }
                    fields.insert("schema".to_owned(), page.clone());
                }
                shown
            })
            .collect();
        let title = match self.text("/metadata/title") {
            "" => self.text("/metadata/name"),
            title => title,
        };
        let mut form = json!({ "title": title });
        if let Some(fields) = form.as_object_mut() {
            let mut more = |name: &str, pointer: &str| {
                if let Some(value) = self.entity.pointer(pointer) {
                    fields.insert(name.to_owned(), value.clone());
                }
            };
            more("description", "/metadata/description");
            more("ui:options", "/metadata/ui:options");
            more("presentation", "/spec/presentation");
            fields.insert("steps".to_owned(), pages.into());
            for name in ["formDecorators", "EXPERIMENTAL_formDecorators"] {
                if let Some(value) = self.entity.pointer(&format!("/spec/{name}")) {
                    fields.insert(name.to_owned(), value.clone());
                }
            }
        }
        form
    }

    /// What is wrong with the answers of the form: each page is held against
    /// all of them.
    pub fn problems(&self, values: &Value) -> Vec<Problem> {
        self.pages()
            .into_iter()
            .map(|page| schema::problems(page, values))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// What is wrong with secrets, by the schema that the template gives.
    pub fn secret_problems(&self, secrets: &Value) -> Vec<Problem> {
        match self.entity.pointer("/spec/secrets/schema") {
            Some(wanted) => schema::problems(wanted, secrets)
                .into_iter()
                .map(|mut problem| {
                    problem.instance = Value::Null;
                    problem
                })
                .collect(),
            None => Vec::new(),
        }
    }

    fn steps(&self) -> Result<Vec<Map<String, Value>>, ApiError> {
        let listed = self.entity.pointer("/spec/steps").and_then(Value::as_array);
        let listed = listed.ok_or_else(|| {
            ApiError::input("/spec must have required property 'steps' - missingProperty: steps")
                .accepted("a list of steps, each with an `action`")
        })?;
        if listed.len() > MOST_STEPS {
            return Err(ApiError::input(format!(
                "The template has {} steps; at most {MOST_STEPS} are run",
                listed.len()
            )));
        }
        listed
            .iter()
            .enumerate()
            .map(|(index, step)| {
                let mut step = step.as_object().cloned().unwrap_or_default();
                let action = Spec::text(&step, "action").to_owned();
                if action.is_empty() {
                    return Err(ApiError::input(format!(
                        "/spec/steps/{index} must have required property 'action'"
                    ))
                    .accepted("the id of an action, such as `fetch:template`"));
                }
                let own = |field: &str| {
                    Some(Spec::text(&step, field).to_owned()).filter(|text| !text.is_empty())
                };
                let id = own("id").unwrap_or_else(|| format!("step-{}", index + 1));
                let name = own("name").unwrap_or(action);
                step.insert("id".to_owned(), id.into());
                step.insert("name".to_owned(), name.into());
                Ok(step)
            })
            .collect()
    }

    /// What a task of this template does.
    ///
    /// # Errors
    /// 400 as [`Template::new`].
    pub fn spec(&self, values: Value, user: Value, info: Value) -> Result<Spec, ApiError> {
        let at = |pointer: &str| self.entity.pointer(pointer).cloned();
        Ok(Spec {
            api_version: API_VERSION.to_owned(),
            steps: self.steps()?,
            recovery: at("/spec/EXPERIMENTAL_recovery").unwrap_or_default(),
            output: at("/spec/output").unwrap_or_else(|| json!({})),
            parameters: values,
            user,
            template_info: info,
        })
    }

    /// The document.
    pub fn entity(&self) -> &Value {
        &self.entity
    }

    /// The entity's `metadata`, as tasks carry it.
    pub(crate) fn metadata(&self) -> Value {
        self.entity.get("metadata").cloned().unwrap_or_default()
    }
}

/// 404 in Backstage's words.
pub(crate) fn not_found(template: &EntityRef) -> ApiError {
    ApiError::not_found(format!("Template {template} not found"))
        .fix("`portway template list` lists the templates that you may use")
}
