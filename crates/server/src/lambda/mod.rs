//! The service on AWS Lambda, behind an API Gateway HTTP API.
//!
//! Lambda starts the program and passes it one event at a time. Between events, Lambda freezes the process.
//! So the service opens everything once, before the first event, and runs no tasks in the background: mails
//! are sent before the response. A scheduled event sends the remaining mails, finishes deletions, and runs
//! the hourly maintenance.
//!
//! Requests go through the same router as those of [`crate::http_server`].

mod chores;
mod event;
mod http;
mod time;
mod waking;

use std::sync::Arc;

use anyhow::anyhow;
use kairos_domain::clock::Clock;
use lambda_http::{Context, Error, LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::{RawValue, to_raw_value};

use crate::compose::{self, Pace};
use crate::config::Config;
use chores::Chores;
use event::Event;
use waking::Waking;

/// Handles events for as long as Lambda keeps the process.
///
/// # Errors
/// A sentence for the operator about the problem that prevents the start.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let service = compose::service(&config, config.port, Pace::OF_A_FUNCTION).await?;
    let function = Arc::new(Function {
        router: service.router,
        waking: Waking::new(Arc::clone(&service.store), Arc::clone(&service.clock)),
        clock: Arc::clone(&service.clock),
        chores: Chores::new(service.kairos, service.store, service.clock),
    });
    let answer = service_fn(move |event| Arc::clone(&function).answer(event));
    let outcome = lambda_runtime::run(answer).await;
    outcome.map_err(|error| anyhow!("the runtime API of AWS Lambda: {error}"))
}

/// The handler of events.
struct Function {
    router: axum::Router,
    waking: Waking,
    clock: Arc<dyn Clock>,
    chores: Chores,
}

impl Function {
    /// Handles one event.
    ///
    /// A request gets a response within the time that Lambda gives. An error counts as a failed invocation in
    /// Lambda's metrics.
    async fn answer(self: Arc<Self>, event: LambdaEvent<Event>) -> Result<Box<RawValue>, Error> {
        let LambdaEvent { payload, context } = event;
        self.waking.wake_up().await;
        let answer = self.answer_awake(payload, context).await;
        self.waking.fall_asleep().await;
        answer
    }

    async fn answer_awake(&self, event: Event, context: Context) -> Result<Box<RawValue>, Error> {
        match event {
            Event::Request(request) => {
                let time_left = time::time_left(&context, self.clock.instant());
                let response = http::answer(self.router.clone(), *request, context, time_left).await?;
                Ok(to_raw_value(&response)?)
            }
            Event::Unreadable(code) => Ok(to_raw_value(&http::refusal(code, &context))?),
            Event::Scheduled => {
                self.chores.run(&context).await?;
                Ok(to_raw_value(&())?)
            }
        }
    }
}
