//! Shares of connections, and their idle time.

use super::*;

const HEAD: &str = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
const HALF_A_HEAD: &str = "GET / HTTP/1.1\r\nhost:";
const HALF_A_BODY: &str = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf";

fn two_each() -> ServerBounds {
    ServerBounds {
        connections_per_client: 2,
        ..ServerBounds::default()
    }
}

/// Opens a connection whose request has been answered, so that it is idle.
async fn idle(server: &Running, client: &str) -> Conversation {
    let mut conversation = Conversation::begin_from(server, client).await;
    conversation.is_usable().await;
    conversation
}

/// Opens a connection whose request is being received.
async fn busy(server: &Running, client: &str) -> Conversation {
    let mut conversation = idle(server, client).await;
    conversation
        .send("POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n")
        .await;
    assert!(conversation.answer().await.starts_with("HTTP/1.1 100 "));
    conversation.send("half").await;
    conversation
}

#[tokio::test]
async fn a_connection_beyond_the_share_closes_the_longest_idle_one() {
    let server = start(two_each()).await;
    let mut first = idle(&server, "127.0.0.1").await;
    let mut second = idle(&server, "127.0.0.1").await;
    // The second connection is now the one that has been idle longest.
    first.is_usable().await;
    let mut third = idle(&server, "127.0.0.1").await;
    second.is_closed().await;
    first.is_usable().await;
    third.is_usable().await;
}

#[tokio::test]
async fn a_connection_beyond_the_share_is_closed_if_none_is_idle() {
    let server = start(two_each()).await;
    let mut first = busy(&server, "127.0.0.1").await;
    let mut second = busy(&server, "127.0.0.1").await;
    Conversation::begin(&server).await.is_closed().await;
    // Another client has a share of its own.
    idle(&server, "127.0.0.2").await;
    for conversation in [&mut first, &mut second] {
        conversation.send("a body").await;
        assert!(conversation.answer().await.ends_with("halfa body"));
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_yet_is_not_idle() {
    let server = start(ServerBounds {
        connections_per_client: 1,
        ..ServerBounds::default()
    })
    .await;
    let mut slow = Conversation::begin(&server).await;
    slow.send("GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut byte = [0];
    slow.stream.read_exact(&mut byte).await.unwrap();
    slow.unread.extend(byte);
    Conversation::begin(&server).await.is_closed().await;
    let answer = slow.answer().await;
    assert!(answer.len() > LARGE);
    // The slow connection is idle now, and is closed for the new one.
    idle(&server, "127.0.0.1").await;
    slow.is_closed().await;
}

#[tokio::test]
async fn connections_of_trusted_proxies_are_not_counted() {
    let server = start_behind(vec!["127.0.0.1/32".parse().unwrap()], two_each()).await;
    let mut conversations = Vec::new();
    for _ in 0..5 {
        conversations.push(idle(&server, "127.0.0.1").await);
    }
    for conversation in &mut conversations {
        conversation.is_usable().await;
    }
}

#[tokio::test]
async fn when_all_are_taken_the_client_that_holds_most_loses_its_longest_idle_one() {
    let server = start(ServerBounds {
        connections: 4,
        ..ServerBounds::default()
    })
    .await;
    let mut one = idle(&server, "127.0.0.1").await;
    let mut first = idle(&server, "127.0.0.2").await;
    let mut second = idle(&server, "127.0.0.2").await;
    let mut third = idle(&server, "127.0.0.2").await;
    let mut another = idle(&server, "127.0.0.3").await;
    first.is_closed().await;
    for conversation in [&mut one, &mut second, &mut third, &mut another] {
        conversation.is_usable().await;
    }
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let server = start(ServerBounds {
        connections: 1,
        ..ServerBounds::default()
    })
    .await;
    let mut first = busy(&server, "127.0.0.1").await;
    let mut second = Conversation::begin_from(&server, "127.0.0.2").await;
    second.send(HEAD).await;
    let answer = second.answer().await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n") && answer.contains("\r\nx-request-id: 000"));
    first.send("a body").await;
    first.answer().await;
    // The first is idle now, and is closed for the new one.
    idle(&server, "127.0.0.2").await;
    first.is_closed().await;
}

#[tokio::test]
async fn hundreds_of_connections_of_one_client_leave_room_for_another() {
    let server = start(ServerBounds::default()).await;
    let mut honest = idle(&server, "127.0.0.2").await;
    let mut attacking = Vec::new();
    for number in 0..600 {
        let socket = TcpSocket::new_v4().unwrap();
        let mut stream = socket.connect(server.address).await.unwrap();
        // Connections that the server closes at once accept no bytes.
        let part = [HEAD, HALF_A_HEAD, HALF_A_BODY, ""][number % 4];
        drop(stream.write_all(part.as_bytes()).await);
        attacking.push(stream);
        if number % 20 == 0 {
            honest.is_usable().await;
            idle(&server, "127.0.0.2").await;
        }
    }
}

#[tokio::test]
async fn half_a_head_does_not_keep_a_connection() {
    let server = start(ServerBounds {
        head_time: SHORT,
        ..ServerBounds::default()
    })
    .await;
    let mut new = Conversation::begin(&server).await;
    new.send(HALF_A_HEAD).await;
    new.is_closed().await;
    let mut used = idle(&server, "127.0.0.1").await;
    used.send(HALF_A_HEAD).await;
    used.is_closed().await;
}

#[tokio::test]
async fn an_idle_connection_stays_longer_than_a_head_may_take() {
    let server = start(ServerBounds {
        head_time: SHORT,
        ..ServerBounds::default()
    })
    .await;
    let mut new = Conversation::begin(&server).await;
    let mut used = idle(&server, "127.0.0.1").await;
    sleep(SHORT * 3).await;
    new.is_usable().await;
    used.is_usable().await;
    assert_eq!(ServerBounds::default().idle_time, Duration::from_secs(75));
}

#[tokio::test]
async fn an_idle_connection_does_not_stay_for_ever() {
    let server = start(ServerBounds {
        idle_time: SHORT,
        ..ServerBounds::default()
    })
    .await;
    Conversation::begin(&server).await.is_closed().await;
    idle(&server, "127.0.0.1").await.is_closed().await;
}
