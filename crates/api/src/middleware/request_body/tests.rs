use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::middleware::time_limit::time_limit;

const SMALL: BodyBounds = BodyBounds {
    bytes_in_all: 160,
    time: Duration::from_millis(200),
};

fn client(last: u8) -> Client {
    Client::at([192, 0, 2, last].into())
}

/// A router whose route reads the body and refuses one that fails.
fn router(bodies: &Arc<BodiesInFlight>) -> Router {
    let read = async |body: AxumBody| match body.collect().await {
        Ok(body) => Ok(body.to_bytes().len().to_string()),
        Err(_) => Err(StatusCode::BAD_REQUEST),
    };
    Router::new()
        .route("/", post(read))
        .layer(from_fn_with_state(SMALL.time / 4, time_limit))
        .layer(from_fn_with_state(Arc::clone(bodies), request_body))
}

/// Posts a body that sends `bytes` bytes and then stalls.
async fn stall(router: Router, client: Client, bytes: usize) -> StatusCode {
    let part = stream::iter([Ok::<_, axum::Error>(vec![b'x'; bytes])]);
    let body = AxumBody::from_stream(part.chain(stream::pending()));
    let request = Request::post("/").extension(client).body(body).unwrap();
    router.oneshot(request).await.unwrap().status()
}

#[test]
fn a_client_may_hold_a_quarter_of_the_bytes() {
    let bodies = BodiesInFlight::new(SMALL);
    assert!(bodies.add(client(0), 40));
    assert!(!bodies.add(client(0), 1));
    bodies.remove(client(0), 40);
    assert!(bodies.held().is_empty());
}

#[test]
fn clients_that_hold_as_much_as_they_may_leave_room_for_another() {
    let bodies = BodiesInFlight::default();
    for number in 0..20 {
        let mut most = 1 << 20;
        while most > 0 {
            if !bodies.add(client(number), most) {
                most /= 2;
            }
        }
    }
    assert!(bodies.held().values().sum::<usize>() <= 64 << 20);
    // The size of a marker with long notes.
    assert!(bodies.add(client(20), 40_000));
}

#[tokio::test(start_paused = true)]
async fn a_file_may_take_as_long_as_it_arrives_steadily() {
    let bounds = BodyBounds {
        bytes_in_all: 160,
        time: Duration::from_mins(1),
    };
    let read = async |request: Request| {
        if let Some(receipt) = request.extensions().get::<Arc<Receipt>>() {
            receipt.receive_as_file();
        }
        match request.into_body().collect().await {
            Ok(body) => Ok(body.to_bytes().len().to_string()),
            Err(_) => Err(StatusCode::BAD_REQUEST),
        }
    };
    let bodies = Arc::new(BodiesInFlight::new(bounds));
    let router = Router::new()
        .route("/", post(read))
        .layer(from_fn_with_state(Arc::clone(&bodies), request_body));
    // Parts of this many bytes, one every second.
    for (parts, bytes, status) in [
        (2_000, 17_000, 408),
        (1_000, 17_000, 200),
        (1_000, 15_000, 408),
        (50, 1, 200),
    ] {
        let parts = stream::iter(0..parts).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, axum::Error>(vec![b'x'; bytes])
        });
        let request = Request::post("/")
            .extension(client(1))
            .body(AxumBody::from_stream(parts));
        let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{bytes}");
        assert!(bodies.held().is_empty());
    }
}

#[tokio::test]
async fn a_body_beyond_the_bytes_is_refused_and_one_that_stalls_ends() {
    let bodies = Arc::new(BodiesInFlight::new(SMALL));
    let router = router(&bodies);
    let sent = [(1, 30), (1, 20), (2, 30), (3, 40)];
    let stalled = sent.map(|(number, bytes)| stall(router.clone(), client(number), bytes));
    let answers = join_all(stalled).await;
    // The bodies that hold bytes stall for longer than the time limit, which excludes that wait.
    assert_eq!(
        answers,
        [408, 503, 408, 503].map(|status| StatusCode::from_u16(status).unwrap())
    );
    assert!(bodies.held().is_empty());
}
