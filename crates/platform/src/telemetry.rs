//! What Portway says about itself while it runs: log lines on standard error,
//! figures at `/metrics`, and one id per request that ties both together.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing::Instrument as _;
use tracing_subscriber::EnvFilter;

use crate::clock::Clock;

/// Carries the id of a request in both directions.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const DEFAULT_FILTER: &str = "info,sqlx=warn,hyper=warn,reqwest=warn,rustls=warn";
/// Longest request id that is taken over from a caller, in bytes.
const LONGEST_REQUEST_ID: usize = 128;
/// Upper bounds in seconds: fine where Portway's own targets lie (25, 60 ms).
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object per line for programs.
    Json,
}

/// What is logged and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Directives such as `info` or `warn,catalog=debug`.
    pub filter: String,
    /// How lines look.
    pub format: LogFormat,
    /// Colours, for text on a terminal.
    pub colour: bool,
}

impl LogSettings {
    /// From `PORTWAY_LOG` (level and directives), `PORTWAY_LOG_FORMAT` (`text`
    /// or `json`) and `NO_COLOR`. Without a format: text on a terminal, JSON
    /// everywhere else.
    pub fn from_variables(variables: &BTreeMap<String, String>, terminal: bool) -> Self {
        let set = |name: &str| {
            variables
                .get(name)
                .map(|value| value.trim())
                .filter(|value| !value.is_empty())
        };
        let format = match set("PORTWAY_LOG_FORMAT")
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            Some("json") => LogFormat::Json,
            Some("text") => LogFormat::Text,
            _ if terminal => LogFormat::Text,
            _ => LogFormat::Json,
        };
        Self {
            filter: set("PORTWAY_LOG").unwrap_or(DEFAULT_FILTER).to_owned(),
            format,
            colour: terminal && set("NO_COLOR").is_none(),
        }
    }
}

/// Starts logging to standard error. Called once, by the binary.
///
/// # Errors
/// A sentence when the filter is not valid or logging was started before.
pub fn start_logging(settings: &LogSettings) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.filter)
        .map_err(|cause| format!("PORTWAY_LOG=`{}` is not valid: {cause}", settings.filter))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match settings.format {
        LogFormat::Text => lines.with_ansi(settings.colour).try_init(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    };
    started.map_err(|cause| format!("logging cannot be started: {cause}"))
}

/// The figures of one process. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Histogram>,
    in_flight: Gauge,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

/// A gauge for each value of one label.
#[derive(Clone, Debug)]
pub struct LabelledGauge {
    label: &'static str,
    gauges: Family<Vec<(String, String)>, Gauge>,
}

impl LabelledGauge {
    /// Sets the gauge for one value of the label.
    pub fn set(&self, value: &str, figure: i64) {
        self.gauges
            .get_or_create(&vec![(self.label.to_owned(), value.to_owned())])
            .set(figure);
    }

    /// Forgets all values, before a recount.
    pub fn clear(&self) {
        self.gauges.clear();
    }
}

impl Metrics {
    /// New figures; the process counts as started now by `clock`.
    pub fn new(clock: &Clock) -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process {
            started: clock.now().as_millisecond(),
        }));
        let requests =
            Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        let in_flight = Gauge::default();
        registry.register(
            "portway_http_request_duration_seconds",
            "Time to the head of the answer, by route pattern, method and status",
            requests.clone(),
        );
        registry.register(
            "portway_http_requests_in_flight",
            "Requests being answered",
            in_flight.clone(),
        );
        Self(Arc::new(Inner {
            registry: Mutex::new(registry),
            requests,
            in_flight,
        }))
    }

    /// A new gauge. `name` begins with `portway_` and is used once.
    pub fn gauge(&self, name: &str, help: &str) -> Gauge {
        let gauge = Gauge::default();
        self.0.registry.lock().register(name, help, gauge.clone());
        gauge
    }

    /// A new gauge with one label whose values are few (states, kinds), never
    /// names of entities.
    pub fn labelled_gauge(&self, name: &str, help: &str, label: &'static str) -> LabelledGauge {
        let gauges = Family::default();
        self.0.registry.lock().register(name, help, gauges.clone());
        LabelledGauge { label, gauges }
    }

    /// A new counter. `_total` is added to `name`.
    pub fn counter(&self, name: &str, help: &str) -> Counter {
        let counter = Counter::default();
        self.0.registry.lock().register(name, help, counter.clone());
        counter
    }

    /// All figures in the OpenMetrics text format.
    pub fn exposition(&self) -> String {
        let mut text = String::new();
        if prometheus_client::encoding::text::encode(&mut text, &self.0.registry.lock()).is_err() {
            // Writing to a string does not fail; an empty page is honest if it did.
            text.clear();
        }
        text
    }

    /// The answer of `/metrics`.
    pub fn respond(&self) -> Response {
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        ([(header::CONTENT_TYPE, kind)], self.exposition()).into_response()
    }
}

/// The id of the request that is being answered, as an extension of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Middleware: gives the request an id, a span and a place in the figures. Add
/// it with `Router::layer`, so that the route pattern is known; what matches no
/// route counts as `unmatched`.
pub async fn observe(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    let id =
        incoming_id(request.headers()).unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    let value = HeaderValue::from_str(&id).ok();
    if let Some(value) = &value {
        request.headers_mut().insert(REQUEST_ID, value.clone());
    }
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let method = known_method(request.method());
    let span =
        tracing::info_span!("request", request.id = %id, http.method = method, http.route = %route);
    let started = Instant::now();
    let counted = InFlight::enter(&metrics.0.in_flight);
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(counted);
    let seconds = started.elapsed().as_secs_f64();
    let status = response.status();
    span.in_scope(|| {
        let (milliseconds, status) = (seconds * 1000.0, status.as_u16());
        // A busy server must not be kept busy by its log; /metrics counts these.
        if status >= 500 && status != 503 {
            tracing::warn!(
                http.status = status,
                http.ms = milliseconds,
                "{method} {route} gave {status}"
            );
        } else {
            tracing::debug!(
                http.status = status,
                http.ms = milliseconds,
                "{method} {route} gave {status}"
            );
        }
    });
    let labels = RequestLabels {
        method,
        route,
        status: status.as_u16(),
    };
    metrics.0.requests.get_or_create(&labels).observe(seconds);
    if let Some(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Counts down again when the client goes away in the middle of an answer.
struct InFlight<'a>(&'a Gauge);

impl<'a> InFlight<'a> {
    fn enter(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A caller's id is taken over when it is short and plain, so that it can be
/// logged as it is.
fn incoming_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = id
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'));
    (plain && !id.is_empty() && id.len() <= LONGEST_REQUEST_ID).then(|| id.to_owned())
}

/// Methods are a label, so whatever a client invents becomes one value.
fn known_method(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("OTHER")
}

/// Memory, processor time and open files, read from `/proc` when asked. On
/// systems without `/proc` only the start time is given.
#[derive(Debug)]
struct Process {
    /// Milliseconds since 1970.
    started: i64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut gauge = |name: &str, help: &str, figure: f64| {
            let gauge = ConstGauge::new(figure);
            let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds since 1970 fit a float exactly"
        )]
        let started = self.started as f64 / 1000.0;
        gauge(
            "process_start_time_seconds",
            "When the process started, seconds since 1970",
            started,
        )?;
        if let Some(bytes) = resident_bytes() {
            gauge(
                "process_resident_memory_bytes",
                "Memory held by the process",
                bytes,
            )?;
        }
        if let Some(files) = open_files() {
            gauge("process_open_fds", "Open files and sockets", files)?;
        }
        if let Some(seconds) = cpu_seconds() {
            let counter = ConstCounter::new(seconds);
            let metric = encoder.encode_descriptor(
                "process_cpu_seconds",
                "Processor time used",
                None,
                counter.metric_type(),
            )?;
            counter.encode(metric)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

fn open_files() -> Option<f64> {
    let count = u32::try_from(std::fs::read_dir("/proc/self/fd").ok()?.count()).ok()?;
    Some(f64::from(count))
}

/// User and system time, fields 14 and 15 of `/proc/self/stat`, in ticks of
/// which Linux reports 100 per second on every architecture.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name may contain spaces; it ends at the last parenthesis.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}
