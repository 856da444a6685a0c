//! `/register`: brings a file or a repository into the catalog, in three
//! steps: name it, see what would happen, register it or propose the file
//! that is missing.
//!
//! The address of step two holds what was named, so that it can be shared and
//! loaded again. A typed text is sent with every step and comes back with
//! every answer, an error among them.

mod forms;
mod view;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::request::{Call, encode};

use portal::ui::Crumbs;
use portal::ui::form::{Form, FormAction, Stepper};
use portal::{Page, Toast, View};

use super::source_status::source_href;
use super::summary::entity_href;
use super::{Answer, Desk};
use crate::ingest::{Folder, Look};
use crate::onboarding::{Draft, MayPropose, Review, location_of, suggest};
use crate::permission::{LOCATION_ANALYZE, LOCATION_CREATE};
use crate::source::Source;
use forms::{Typed, URL};
use view::{ClueLine, Found, ReviewView};

/// Where the wizard begins.
const REGISTER: &str = "/register";

#[derive(Template)]
#[template(path = "catalog/register.html")]
struct RegisterPage {
    crumbs: Crumbs,
    stepper: Stepper,
    /// Why the last thing that was sent did not happen.
    refused: Option<ApiError>,
    /// What the address turned out to be.
    found: Option<Found>,
    review: Option<ReviewView>,
    /// The place that would be registered.
    offer: Option<Offer>,
    /// The questions of this step.
    form: Option<Form>,
    clues: Vec<ClueLine>,
    view: View,
}

/// What the primary button of a readable place does.
struct Offer {
    url: String,
    /// It is registered already: the page of its source.
    known: Option<String>,
    may: bool,
    count: usize,
}

#[derive(Template)]
#[template(path = "catalog/register-proposed.html")]
struct ProposedPage {
    crumbs: Crumbs,
    stepper: Stepper,
    /// The pull request, where its address is of a known code host.
    pull: Option<String>,
    next: String,
    view: View,
}

/// `GET /catalog-import`, where Backstage has it.
pub(super) async fn import(_desk: Desk, call: Call) -> Answer {
    let query = call.uri.query().map(|query| format!("?{query}"));
    Ok(Redirect::to(&format!("{REGISTER}{}", query.unwrap_or_default())).into_response())
}

/// `GET /register`: the first step, or with `url` the second.
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let url = call.query.get("url").unwrap_or_default().trim().to_owned();
    let typed = Typed::of_url(&url);
    let wizard = Wizard::new(&desk, &call, typed);
    if url.is_empty() {
        return Ok(wizard.first(None));
    }
    match wizard.second().await {
        Ok(page) => Ok(page),
        Err(error) => Ok(wizard.first(Some(error))),
    }
}

/// `POST /register`: what was typed, checked or proposed.
pub(super) async fn send(desk: Desk, call: Call) -> Answer {
    let pairs: Vec<(String, String)> = call
        .form()
        .pairs()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let action = FormAction::of(&pairs);
    let typed = Typed::of(&pairs);
    let wizard = Wizard::new(&desk, &call, typed);
    if action == FormAction::Back {
        return Ok(wizard.first(None));
    }
    if wizard.typed.text.trim().is_empty() {
        // The address alone is the state of the second step.
        if let Err(error) = location_of(&wizard.typed.url) {
            return Ok(wizard.first(Some(error)));
        }
        let to = format!("{REGISTER}?url={}", encode(&wizard.typed.url));
        return Ok(Redirect::to(&to).into_response());
    }
    if action == FormAction::Submit && wizard.typed.proposes {
        return wizard.propose().await;
    }
    match wizard.text(None).await {
        Ok(page) => Ok(page),
        Err(error) => Ok(wizard.first(Some(error))),
    }
}

/// `POST /register/add`: registers a place and goes to what it brought.
pub(super) async fn add(desk: Desk, call: Call) -> Answer {
    let form = call.form();
    let url = form.get(URL).unwrap_or_default();
    let wizard = Wizard::new(&desk, &call, Typed::of_url(url));
    match wizard.register().await {
        Ok(answer) => Ok(answer),
        Err(error) => Ok(wizard.first(Some(error))),
    }
}

/// `GET /register/proposed`: what to do while the pull request is open.
pub(super) async fn proposed(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call).at("catalog-nav-register");
    // The address is anybody's; only pages of known hosts are linked.
    let integrations = &desk.catalog.ingestion.web.integrations;
    let pull = call
        .query
        .get("pull")
        .filter(|pull| integrations.kind_of(pull).is_some())
        .map(str::to_owned);
    let url = call.query.get("url").unwrap_or_default();
    if pull.is_none() && url.is_empty() {
        // Nothing was proposed: somebody typed the address.
        return Ok(Redirect::to(REGISTER).into_response());
    }
    Ok(Page::new(ProposedPage {
        crumbs: crumbs(&view),
        stepper: stepper(&view, 2),
        pull,
        next: format!("{REGISTER}?url={}", encode(url)),
        view,
    })
    .into_response())
}

fn crumbs(view: &View) -> Crumbs {
    Crumbs::to(view.t("catalog-register").to_string())
        .via(view.t("catalog-nav-sources").to_string(), "/sources")
}

fn stepper(view: &View, current: usize) -> Stepper {
    let texts = [
        "catalog-register-step-name",
        "catalog-register-step-look",
        "catalog-register-step-add",
    ];
    Stepper::at(current, texts.map(|key| view.t(key).to_string()))
}

/// One request to the wizard.
struct Wizard<'a> {
    desk: &'a Desk,
    call: &'a Call,
    typed: Typed,
}

impl<'a> Wizard<'a> {
    fn new(desk: &'a Desk, call: &'a Call, typed: Typed) -> Self {
        Self { desk, call, typed }
    }

    fn caller(&self) -> &Caller {
        &self.call.caller
    }

    fn blank(&self, step: usize) -> RegisterPage {
        let view = self.desk.view(self.call).at("catalog-nav-register");
        RegisterPage {
            crumbs: crumbs(&view),
            stepper: stepper(&view, step),
            refused: None,
            found: None,
            review: None,
            offer: None,
            form: None,
            clues: Vec::new(),
            view,
        }
    }

    /// The first step, with what was typed and why it went no further.
    fn first(&self, refused: Option<ApiError>) -> Response {
        let mut page = self.blank(0);
        let status = refused
            .as_ref()
            .map_or(StatusCode::OK, |error| error.status);
        page.form = Some(forms::first(&page.view, &self.typed, self.caller()));
        page.refused = refused;
        Page::new(page).status(status).into_response()
    }

    /// The second step for an address.
    async fn second(&self) -> Answer {
        self.caller().require(LOCATION_ANALYZE)?;
        let given = location_of(&self.typed.url)?;
        let look = self.desk.catalog.ingestion.look(given.target()).await;
        let folder = match look {
            Err(problem) => return Ok(self.unreadable(&problem)),
            Ok(Look::File) => return self.place(given.target(), None).await,
            Ok(Look::Folder(folder)) => folder,
        };
        match folder.catalog_files.as_slice() {
            [] => self.suggestion(&folder).await,
            [only] => {
                let url = folder.url_of(only);
                self.place(&url, Some(Found::one(&folder, only))).await
            }
            many => {
                let pattern = format!("{}**/catalog-info.y*ml", folder.prefix());
                let url = folder.url_of(&pattern);
                self.place(&url, Some(Found::many(&folder, many))).await
            }
        }
    }

    /// An address that does not answer; what was typed stays in the form.
    fn unreadable(&self, problem: &Diagnostic) -> Response {
        let mut error = ApiError::unavailable(problem.message.clone());
        error.accepted.clone_from(&problem.accepted);
        error.fix.clone_from(&problem.fix);
        self.first(Some(error))
    }

    /// What registering a file, or several, would do.
    async fn place(&self, url: &str, found: Option<Found>) -> Answer {
        let location = location_of(url)?;
        let review = self.desk.catalog.review(self.caller(), &location).await?;
        if let Some(problem) = &review.unreadable {
            let scm = self.desk.catalog.ingestion.web.scm(url);
            let mut page = self.blank(0);
            page.form = Some(forms::first(&page.view, &self.typed, self.caller()));
            let mut error = ApiError::not_found(problem.message.clone());
            error.fix.clone_from(&problem.fix);
            page.refused = Some(error);
            // A file that is not there yet can be proposed.
            page.found = scm.map(|scm| Found::absent(&scm.repository_url()));
            return Ok(Page::new(page).into_response());
        }
        let mut page = self.blank(1);
        page.offer = Some(Offer {
            url: url.to_owned(),
            known: review.known.as_ref().map(|source| source_href(&source.id)),
            may: self.caller().may(LOCATION_CREATE),
            count: review.new_entities(),
        });
        page.review = Some(self.shown(&page.view, &review));
        page.found = found;
        Ok(Page::new(page).into_response())
    }

    /// A first file for a repository that has none.
    async fn suggestion(&self, folder: &Folder) -> Answer {
        let own = self
            .caller()
            .ownership
            .iter()
            .find(|owner| owner.kind() == "group");
        let suggestion = {
            let index = self.desk.catalog.model.index();
            suggest(folder, own, |owner: &EntityRef| index.get(owner).is_some())
        };
        let typed = Typed {
            url: folder.scm.to_string(),
            path: suggestion.path,
            text: suggestion.text,
            proposes: false,
        };
        let wizard = Wizard::new(self.desk, self.call, typed);
        let mut page = wizard.reviewed().await?;
        page.found = Some(Found::none(folder));
        page.clues = suggestion
            .clues
            .iter()
            .map(|clue| ClueLine::of(&page.view, clue))
            .collect();
        Ok(Page::new(page).into_response())
    }

    /// The second step for a text.
    async fn text(&self, refused: Option<ApiError>) -> Answer {
        let mut page = self.reviewed().await?;
        let status = refused
            .as_ref()
            .map_or(StatusCode::OK, |error| error.status);
        page.refused = refused;
        Ok(Page::new(page).status(status).into_response())
    }

    async fn reviewed(&self) -> Result<RegisterPage, ApiError> {
        let typed = &self.typed;
        let catalog = &self.desk.catalog;
        let may = match typed.url.trim() {
            "" => MayPropose::NoForge,
            url => catalog.may_propose(self.caller(), url).await,
        };
        let place = self.future_place(&may);
        let review = catalog
            .review_text(self.caller(), place.as_ref(), &typed.text)
            .await?;
        let mut page = self.blank(1);
        page.form = Some(forms::second(&page.view, typed, &may, !review.has_errors()));
        page.review = Some(self.shown(&page.view, &review));
        Ok(page)
    }

    /// Where the text will stand, as far as that is known.
    fn future_place(&self, may: &MayPropose) -> Option<model::location_ref::LocationRef> {
        let MayPropose::Yes(base) = may else {
            return None;
        };
        let scm = self
            .desk
            .catalog
            .ingestion
            .web
            .integrations
            .parse(self.typed.url.trim())
            .ok()?;
        let file = forge::scm_url::ScmUrl {
            git_ref: Some(base.clone()),
            kind: forge::scm_url::UrlKind::Blob,
            ..scm.with_path(self.typed.path.trim())
        };
        location_of(&file.to_string()).ok()
    }

    fn shown(&self, view: &View, review: &Review) -> ReviewView {
        let index = self.desk.catalog.model.index();
        ReviewView::of(view, &index, review)
    }

    async fn propose(&self) -> Answer {
        let draft = Draft {
            repository: self.typed.url.trim().to_owned(),
            path: self.typed.path.trim().to_owned(),
            content: self.typed.text.clone(),
        };
        match self.desk.catalog.propose(self.caller(), &draft).await {
            Ok((made, file)) => {
                let view = self.desk.view(self.call);
                let key = if made.again {
                    "catalog-register-proposed-again"
                } else {
                    "catalog-register-proposed-now"
                };
                let text = view
                    .t(key)
                    .with("number", made.number.to_string())
                    .to_string();
                let to = format!(
                    "{REGISTER}/proposed?pull={}&url={}",
                    encode(&made.url),
                    encode(file.target())
                );
                Ok(Toast::new(text).redirect(&to))
            }
            Err(error) => self.text(Some(error)).await,
        }
    }

    async fn register(&self) -> Answer {
        let location = location_of(&self.typed.url)?;
        let view = self.desk.view(self.call);
        let catalog = &self.desk.catalog;
        match catalog.register(self.caller(), location.clone()).await {
            Ok(source) => self.land(&view, &source, "catalog-register-done").await,
            Err(error) => match catalog.store.source_at(&location).await? {
                // A second click, or somebody was faster.
                Some(source) if self.caller().may(LOCATION_CREATE) => {
                    self.land(&view, &source, "catalog-register-known").await
                }
                _ => Err(error),
            },
        }
    }

    /// Goes to the first entity that a source brought, or to the source.
    async fn land(&self, view: &View, source: &Source, key: &'static str) -> Answer {
        let mut rows = self.desk.catalog.store.rows_of_source(&source.id).await?;
        rows.retain(|row| row.place.line > 0);
        rows.sort_by(|a, b| {
            (&a.place.location, a.place.line).cmp(&(&b.place.location, b.place.line))
        });
        let own = source_href(&source.id);
        let first = rows
            .iter()
            .find(|row| row.entity_ref.kind() != "location")
            .or(rows.first());
        let Some(first) = first else {
            let text = view.t("catalog-register-empty").to_string();
            return Ok(Toast::new(text).redirect(&own));
        };
        let text = view.t(key).with("count", rows.len()).to_string();
        let to = entity_href(&first.entity_ref);
        Ok(Toast::new(text)
            .link(view.t("catalog-source").to_string(), own)
            .redirect(&to))
    }
}

impl RegisterPage {
    fn validate_command(&self) -> portal::ui::Html {
        portal::ui::Code::command("validate", "portway validate catalog-info.yaml").html(&self.view)
    }
}
