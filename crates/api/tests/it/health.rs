//! Signs of life.

use serde_json::json;

use crate::it::support::App;

#[tokio::test]
async fn the_service_and_its_store_say_that_they_are_well() {
    let app = App::start().await;
    let nobody = app.anonymous();
    assert_eq!(nobody.get("/").await.expect(200).json(), "pong");
    assert_eq!(nobody.get("").await.expect(200).json(), "pong");
    assert_eq!(nobody.get("/mongodb").await.expect(200).json(), "Pong");
    let health = nobody.get("/health").await.expect(200).json();
    assert_eq!(
        health,
        json!({"status": "ok", "store": crate::STORE, "version": env!("CARGO_PKG_VERSION")})
    );
}
