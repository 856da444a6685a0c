//! What is shown, in both languages, and what happens when a tool is silent.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::Request;
use catalog::{PortalParts, Shown};
use model::entity_ref::EntityRef;
use platform::Clock;
use platform::actor::Caller;
use platform::config::Config;
use portal::{Nav, Portal, View};
use serde_json::{Value, json};
use tools::{Settings, Tools, portal_parts};

use crate::stub;

struct Desk {
    parts: PortalParts,
    portal: Arc<Portal>,
    clock: Clock,
}

impl Desk {
    fn new(config: Value) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::manual("2026-11-21T09:00:00Z".parse().expect("a time"));
        let settings = Settings::from_config(&Config::from_json(config)).expect("settings");
        let tools = Tools::new(settings, clock.clone()).expect("tools");
        let parts = portal_parts(&tools);
        let portal = Portal::new(&parts.locales, Nav::default(), "Acme").expect("messages");
        Self {
            parts,
            portal,
            clock,
        }
    }

    fn shown(&self, lang: &str, annotations: Value) -> Shown {
        let request = Request::get("/catalog/default/component/pay")
            .header("accept-language", lang)
            .body(())
            .expect("a request");
        Shown {
            caller: Caller::system("test"),
            view: View::new(
                &self.portal,
                &request.into_parts().0,
                None,
                self.clock.now(),
            ),
            entity_ref: EntityRef::new("component", "default", "pay"),
            entity: Arc::new(
                json!({"kind": "Component", "metadata": {"name": "pay", "annotations": annotations}}),
            ),
        }
    }

    async fn tab(&self, path: &str, lang: &str, annotations: Value) -> String {
        let tab = self
            .parts
            .tabs
            .iter()
            .find(|tab| tab.path == path)
            .expect("the tab");
        let drawn = tab
            .draw(self.shown(lang, annotations))
            .await
            .expect("no error");
        assert_eq!(self.portal.texts().missing(), Vec::<String>::new());
        drawn.map(|html| html.to_string()).unwrap_or_default()
    }

    async fn card(&self, lang: &str, annotations: Value) -> String {
        let card = self.parts.cards.first().expect("the card");
        let drawn = card
            .draw(self.shown(lang, annotations))
            .await
            .expect("no error");
        assert_eq!(self.portal.texts().missing(), Vec::<String>::new());
        drawn.map(|html| html.to_string()).unwrap_or_default()
    }
}

fn sonar(base: &str) -> Value {
    json!({"sonarqube": {"baseUrl": base, "externalBaseUrl": "https://sonar.example.com", "apiKey": "squ_key"}})
}

fn has(page: &str, wanted: &[&str]) {
    for text in wanted {
        assert!(page.contains(text), "{text} is not in {page}");
    }
}

#[tokio::test]
async fn the_card_shows_verdict_figures_and_where_they_come_from() {
    let (base, _) = stub::start().await;
    let desk = Desk::new(sonar(&base));
    let pay = json!({"sonarqube.org/project-key": "acme_pay"});
    has(
        &desk.card("en", pay.clone()).await,
        &[
            "Quality gate failed",
            "Below the gate: Coverage",
            "71.4 %",
            "12,345",
            "https://sonar.example.com/dashboard?id=acme_pay",
        ],
    );
    has(
        &desk.card("ko", pay).await,
        &["품질 기준 미달", "코드 줄 수"],
    );
    let good = json!({"sonarqube.org/project-key": "acme_good"});
    has(&desk.card("en", good).await, &["Quality gate passed"]);
    assert_eq!(desk.card("en", json!({})).await, "");
}

#[tokio::test]
async fn an_instance_is_named_before_the_key() {
    let (base, _) = stub::start().await;
    let desk = Desk::new(json!({"sonarqube": {"instances": [
        {"name": "inner", "baseUrl": base, "apiKey": "squ_key"},
        {"name": "default", "baseUrl": "http://127.0.0.1:9", "apiKey": "x"},
    ]}}));
    let inner = json!({"sonarqube.org/project-key": "inner/acme_good"});
    has(&desk.card("en", inner).await, &["Quality gate passed"]);
}

#[tokio::test]
async fn a_silent_tool_leaves_what_it_said_last_with_its_age() {
    let (base, mood) = stub::start().await;
    let desk = Desk::new(sonar(&base));
    let pay = json!({"sonarqube.org/project-key": "acme_pay"});
    desk.card("en", pay.clone()).await;
    desk.card("en", pay.clone()).await;
    assert_eq!(
        mood.asked.load(Ordering::SeqCst),
        1,
        "an answer holds for a minute"
    );

    mood.status.store(503, Ordering::SeqCst);
    desk.clock.advance(Duration::from_secs(120));
    let old = desk.card("en", pay.clone()).await;
    has(
        &old,
        &[
            "No answer from SonarQube",
            "503",
            "Quality gate failed",
            "2 min</time> old",
        ],
    );

    mood.status.store(0, Ordering::SeqCst);
    desk.clock.advance(Duration::from_secs(61));
    let new = desk.card("en", pay).await;
    assert!(!new.contains("No answer"), "{new}");
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_nobody_is_asked_who_is_not_configured() {
    let (base, _) = stub::start().await;
    let mut config = sonar(&base);
    config["sonarqube"]["apiKey"] = json!("wrong");
    let pay = json!({"sonarqube.org/project-key": "acme_pay"});
    has(
        &Desk::new(config).card("en", pay.clone()).await,
        &["401", "token in the configuration"],
    );
    has(
        &Desk::new(json!({})).card("en", pay).await,
        &["does not know the SonarQube of acme_pay", "baseUrl"],
    );
}

#[tokio::test]
async fn dashboards_with_the_tag_are_listed() {
    let (base, mood) = stub::start().await;
    let desk = Desk::new(json!({"grafana": {"domain": base, "token": "glsa_token"}}));
    let pay = json!({
        "grafana/dashboard-selector": "pay",
        "datadoghq.com/dashboard-url": "https://app.datadoghq.com/dashboard/x",
    });
    let tab = desk.tab("monitoring", "en", pay.clone()).await;
    has(
        &tab,
        &[
            "Pay errors",
            "&#60;b&#62;latency",
            &format!("{base}/d/b/pay-errors"),
            &format!("{base}/dashboards?tag=pay"),
            "https://app.datadoghq.com/dashboard/x",
        ],
    );
    assert!(!tab.contains("Other"), "{tab}");
    assert!(!tab.contains("<iframe"), "{tab}");
    has(
        &desk
            .tab(
                "monitoring",
                "ko",
                json!({"grafana/dashboard-selector": "nobody"}),
            )
            .await,
        &["이 태그가 붙은 대시보드가 없어요"],
    );

    mood.status.store(500, Ordering::SeqCst);
    desk.clock.advance(Duration::from_secs(61));
    has(
        &desk.tab("monitoring", "en", pay).await,
        &["No answer from Grafana", "Pay errors"],
    );
}

#[tokio::test]
async fn without_a_grafana_or_with_an_expression_the_tab_says_so() {
    let desk = Desk::new(json!({}));
    let tag = json!({"grafana/dashboard-selector": "pay"});
    has(
        &desk.tab("monitoring", "en", tag).await,
        &["does not know your Grafana", "GRAFANA_TOKEN"],
    );
    let expression = json!({"grafana/dashboard-selector": "(tags @> 'a')"});
    has(
        &desk.tab("monitoring", "en", expression).await,
        &["only with a tag", "(tags @&#62; &#39;a&#39;)"],
    );
    let hostile = json!({"datadoghq.com/dashboard-url": "javascript:alert(1)"});
    let page = desk.tab("monitoring", "en", hostile).await;
    assert!(!page.contains("href=\"javascript"), "{page}");
}

#[tokio::test]
async fn pipelines_have_a_tab_with_links() {
    let desk = Desk::new(json!({}));
    let both = json!({"github.com/project-slug": "acme/pay", "circleci.com/project-slug": "github/acme/pay"});
    for lang in ["en", "ko"] {
        has(
            &desk.tab("ci-cd", lang, both.clone()).await,
            &[
                "https://github.com/acme/pay/actions",
                "https://app.circleci.com/pipelines/github/acme/pay",
            ],
        );
    }
}

#[test]
fn addresses_that_cannot_be_used_are_refused_with_their_place() {
    for (config, words) in [
        (
            json!({"grafana": {"domain": "grafana.example.com"}}),
            "`grafana.domain` is no address",
        ),
        (
            json!({"grafana": {"domain": "ftp://x"}}),
            "begins with ftp:",
        ),
        (
            json!({"sonarqube": {"baseUrl": "http://"}}),
            "`sonarqube.baseUrl` is no address",
        ),
        (
            json!({"sonarqube": {"instances": [{"baseUrl": "https://x"}]}}),
            "name",
        ),
    ] {
        let problem = Settings::from_config(&Config::from_json(config)).expect_err("a problem");
        assert!(problem.to_string().contains(words), "{problem}");
    }
}

#[test]
fn texts_are_complete_and_used() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let allowed = portal::check::Allowed::default();
    let mut problems = portal::check::templates(root, &allowed);
    problems.extend(portal::check::texts(root, &portal::LOCALES, &allowed));
    assert_eq!(problems, Vec::<String>::new());
}
