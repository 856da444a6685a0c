//! Logs as JSON, traces, and metrics.

use std::fmt;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::Settings;

/// The name of the histogram of all requests.
pub const REQUEST_DURATION: &str = "http_server_request_duration_seconds";

/// What runs until the end of the process.
pub struct Telemetry {
    /// Answers `/metrics`.
    pub metrics: PrometheusHandle,
    traces: SdkTracerProvider,
}

impl Telemetry {
    /// Sends what is left.
    pub fn stop(&self) {
        if let Err(error) = self.traces.shutdown() {
            tracing::warn!(%error, "traces were not sent");
        }
    }
}

/// Starts logs, traces and metrics of the process.
///
/// # Errors
/// When the endpoint for traces is no URL, or when it was started before.
pub fn start(settings: &Settings) -> anyhow::Result<Telemetry> {
    let resource = Resource::builder()
        .with_service_name(settings.service_name.clone())
        .build();
    let mut traces = SdkTracerProvider::builder().with_resource(resource);
    if let Some(endpoint) = &settings.traces_endpoint {
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        traces = traces.with_batch_exporter(exporter);
    }
    let traces = traces.build();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    tracing_subscriber::registry()
        .with(EnvFilter::new(&settings.log_level))
        .with(tracing_opentelemetry::layer().with_tracer(traces.tracer("service")))
        .with(tracing_subscriber::fmt::layer().event_format(JsonLines))
        .try_init()?;
    Ok(Telemetry {
        metrics: recorder()?.install()?,
        traces,
    })
}

/// Where metrics of requests are kept.
pub struct Recorder(metrics_exporter_prometheus::PrometheusRecorder);

impl Recorder {
    /// Makes it the recorder of the process.
    ///
    /// # Errors
    /// When there is one already.
    pub fn install(self) -> anyhow::Result<PrometheusHandle> {
        let handle = self.0.handle();
        metrics::set_global_recorder(self.0)?;
        Ok(handle)
    }
}

/// A recorder with the buckets that the dashboard expects.
///
/// # Errors
/// Never, with the buckets that are written here.
pub fn recorder() -> anyhow::Result<Recorder> {
    const SECONDS: [f64; 11] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    ];
    let name = Matcher::Full(REQUEST_DURATION.to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(name, &SECONDS)?;
    Ok(Recorder(builder.build_recorder()))
}

/// The trace at hand, to be told to whoever reports a problem.
#[must_use]
pub fn current_trace() -> Option<String> {
    let context = tracing::Span::current().context();
    let span = context.span().span_context().clone();
    span.is_valid().then(|| span.trace_id().to_string())
}

/// One JSON object a line, with the trace that it belongs to.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let mut line = fields.0;
        let now = OffsetDateTime::now_utc().format(&Rfc3339);
        line.insert("time".to_owned(), json!(now.unwrap_or_default()));
        let level = event.metadata().level().to_string().to_lowercase();
        line.insert("level".to_owned(), json!(level));
        line.insert("logger".to_owned(), json!(event.metadata().target()));
        if let Some(trace) = current_trace() {
            line.insert("trace_id".to_owned(), json!(trace));
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .insert(field.name().to_owned(), json!(format!("{value:?}")));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), json!(value));
    }
}
