use std::any::Any;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use chrono::TimeDelta;
use http_body_util::BodyExt as _;
use kairos_api::{ApiSettings, CorsOrigins, JwtCodec};
use kairos_domain::discovery::NearbyQuery;
use kairos_domain::journey::Visibility;
use kairos_domain::password::PasswordHasher;
use kairos_domain::store::Store;
use kairos_domain::{Kairos, MailsLeave, Ports, RegistrationPolicy, Settings, TokenLifetimes};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::mailbox::Mailbox;
use super::time::{Counted, TestClock};
use super::{Actor, Answer, contract};

/// The wait for a core, however busy the machine is.
const LONG_ENOUGH: Duration = Duration::from_mins(10);

/// The key that the tests' tokens are signed with.
pub(crate) const SECRET: &[u8] = b"a secret of the tests, long enough";

/// The password of every actor.
pub(crate) const PASSWORD: &str = "on two wheels";

/// The service on a fresh store, at a time of its own.
pub(crate) struct App {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) passwords: PasswordHasher,
    router: Router,
    worker: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    _store_lies_in: Box<dyn Any + Send>,
}

/// What a test may choose about the service.
pub(crate) struct Choices {
    pub(crate) settings: Settings,
    pub(crate) api: ApiSettings,
}

impl App {
    /// Starts the service; it is noon of 15 May 2026.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts the service as an operator has set it.
    pub(crate) async fn start_with(choose: impl FnOnce(&mut Settings)) -> Self {
        Self::start_as(|choices| choose(&mut choices.settings)).await
    }

    /// The same, with everything that can be chosen.
    pub(crate) async fn start_as(choose: impl FnOnce(&mut Choices)) -> Self {
        let settings = Settings {
            lifetimes: TokenLifetimes::default(),
            frontend_url: "http://kairos.test".to_owned(),
            rate_limit: true,
            mails_leave: MailsLeave::InTheBackground,
            registration: RegistrationPolicy::Open,
            default_visibility: Visibility::Public,
            nearby_distance_metres: NearbyQuery::DEFAULT_DISTANCE_METRES,
        };
        let randomness = Arc::new(Counted::default());
        let api = ApiSettings {
            project_name: "Kairos".to_owned(),
            cors_origins: CorsOrigins::Any,
            own_origins: vec!["http://kairos.test".to_owned()],
            web_app: Some(kairos_web::MapSettings::default()),
            is_https: false,
            trusted_proxies: vec!["192.0.2.1/32".parse().unwrap()],
            lacks_trusted_proxies: false,
            time_limit: Duration::from_secs(30),
            randomness: Arc::<Counted>::clone(&randomness),
        };
        let mut choices = Choices { settings, api };
        choose(&mut choices);
        let (store, store_lies_in) = crate::fresh_store().await;
        let clock = Arc::new(TestClock::at("2026-05-15T12:00:00.123456Z"));
        let mailbox = Arc::new(Mailbox::default());
        let passwords = PasswordHasher::new(4, NonZeroUsize::new(4).unwrap()).with_max_wait(LONG_ENOUGH);
        let kairos = Arc::new(Kairos::new(
            Ports {
                store: Arc::clone(&store),
                mailer: Arc::<Mailbox>::clone(&mailbox),
                clock: Arc::<TestClock>::clone(&clock),
                randomness,
                tokens: Arc::new(JwtCodec::new(SECRET)),
                passwords: passwords.clone(),
            },
            choices.settings,
        ));
        let (stop, stopped) = oneshot::channel();
        let worker = tokio::spawn({
            let kairos = Arc::clone(&kairos);
            async move {
                kairos.deliver_mail(async { drop(stopped.await) }).await;
            }
        });
        Self {
            clock,
            mailbox,
            store,
            passwords,
            router: kairos_api::router(kairos, choices.api),
            worker: Some((stop, worker)),
            _store_lies_in: Box::new(store_lies_in),
        }
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Sends a request as it is. The answer must be one that the document names, and an error must have the form of
    /// all errors.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        };
        if method != Method::HEAD {
            if answer.is_error() {
                answer.check_form();
            }
            contract::check(&method, &path, &answer);
        }
        answer
    }

    /// Listens on a socket as well, and gives the address as an origin.
    pub(crate) async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, self.router.clone()).into_future());
        format!("http://{address}")
    }

    /// The same, behind a proxy that strips a prefix.
    pub(crate) async fn serve_behind(&self, prefix: &str) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Router::new().nest_service(prefix, self.router.clone());
        tokio::spawn(axum::serve(listener, proxy).into_future());
        format!("http://{address}{prefix}")
    }

    /// Somebody who is not signed in.
    pub(crate) fn anonymous(&self) -> Actor<'_> {
        Actor::anonymous(self)
    }

    /// A rider with a verified address, `{name}@example.org`.
    pub(crate) async fn rider(&self, name: &str) -> Actor<'_> {
        let rider = self.unverified_rider(name).await;
        let token = self
            .mailed_token(rider.email(), kairos_domain::mail::MailKind::VerifyEmail)
            .await;
        self.anonymous()
            .get(&format!("/users/verify-email?token={token}"))
            .await
            .expect(200);
        rider
    }

    /// A rider who has not answered the mail yet.
    pub(crate) async fn unverified_rider(&self, name: &str) -> Actor<'_> {
        let email = format!("{name}@example.org");
        let registration = json!({"email": email, "name": name, "password": PASSWORD});
        self.anonymous()
            .post("/users/register", registration)
            .await
            .expect(201);
        self.sign_in(&email).await
    }

    /// A rider with the usual password signs in.
    pub(crate) async fn sign_in(&self, email: &str) -> Actor<'_> {
        let form = [("username", email), ("password", PASSWORD)];
        let tokens = self
            .anonymous()
            .post_form("/auth/token", &form)
            .await
            .expect(200)
            .json();
        Actor::signed_in(self, email, &tokens).await
    }

    /// The token of the last mail of a kind to an address, as soon as it has arrived.
    pub(crate) async fn mailed_token(&self, email: &str, kind: kairos_domain::mail::MailKind) -> String {
        for _ in 0..500 {
            if let Some(token) = self.mailbox.token(email, kind) {
                return token;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no such mail has arrived");
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some((stop, worker)) = self.worker.take() {
            drop(stop);
            worker.abort();
        }
    }
}
