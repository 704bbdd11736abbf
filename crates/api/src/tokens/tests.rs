use super::*;

const SECRET: &[u8] = b"a secret of the tests, long enough";

/// Made by another implementation, of `{"exp":1767225600,"sub":"5f43a1b2c3d4e5f60718293a","scope":"access"}`.
const OF_THE_EARLIER_SERVICE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE3NjcyMjU2MDAsInN1YiI6IjVmNDNhMWIyYzNkNGU1ZjYwNzE4MjkzYSIsInNjb3BlIjoiYWNjZXNzIn0.Y5ZKDJeR6Kt-DL6oB5KxeSqz78KWXnrdd4L29GZlbUI";

/// The claims of a token of this service.
fn claims(scope: Scope) -> Claims {
    let account = MailedAccount {
        user_id: "5f43a1b2c3d4e5f60718293b".parse().unwrap(),
        address_version: 2,
    };
    let is_mailed = matches!(scope, Scope::EmailVerification | Scope::PasswordReset);
    let session_id = "5f43a1b2c3d4e5f60718293c".parse().unwrap();
    Claims {
        scope,
        subject: "5f43a1b2c3d4e5f60718293a".to_owned(),
        expires_at: instant(1_767_225_600).unwrap(),
        own: Some(OwnClaims {
            issued_at: instant(1_767_222_000).unwrap(),
            token_id: "abc".to_owned(),
            credential_version: 3,
            session_id: (scope == Scope::Refresh).then_some(session_id),
            account: is_mailed.then_some(account),
        }),
    }
}

#[test]
fn what_is_signed_is_read_again() {
    let codec = JwtCodec::new(SECRET);
    for (_, scope) in Scope::ALL {
        let claims = claims(scope);
        assert_eq!(codec.read(&codec.sign(&claims)), Ok(claims));
    }
}

#[test]
fn tokens_of_the_earlier_service_are_read() {
    let claims = JwtCodec::new(SECRET).read(OF_THE_EARLIER_SERVICE).unwrap();
    let expected = Claims {
        own: None,
        ..super::tests::claims(Scope::Access)
    };
    assert_eq!(claims, expected);
}

#[test]
fn a_date_may_have_a_fraction() {
    let codec = JwtCodec::new(SECRET);
    let claims = serde_json::json!({"exp": 1_767_225_600.75, "sub": "x", "scope": "access"});
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &codec.encoding).unwrap();
    assert_eq!(
        codec.read(&token).unwrap().expires_at,
        instant(1_767_225_600).unwrap()
    );
}

#[test]
fn another_key_algorithm_or_form_is_no_token() {
    let codec = JwtCodec::new(SECRET);
    let token = codec.sign(&claims(Scope::Refresh));
    assert_eq!(JwtCodec::new(b"another").read(&token), Err(NotAToken));
    let (_, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    for header in [
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0",
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9",
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9",
    ] {
        assert_eq!(
            codec.read(&format!("{header}.{payload}.{signature}")),
            Err(NotAToken)
        );
        assert_eq!(codec.read(&format!("{header}.{payload}.")), Err(NotAToken));
    }
    for text in [
        "",
        ".",
        "..",
        "a.b.c",
        "é",
        &token[1..],
        &token[..token.len() - 1],
    ] {
        assert_eq!(codec.read(text), Err(NotAToken), "{text}");
    }
}

/// Reads a token of the earlier service with more claims.
fn read_with(scope: &str, more: &serde_json::Value) -> std::result::Result<Claims, NotAToken> {
    let codec = JwtCodec::new(SECRET);
    let mut claims = serde_json::json!({"exp": 1, "sub": "x", "scope": scope});
    let more = more.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(more);
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &codec.encoding).unwrap();
    codec.read(&token)
}

#[test]
fn a_token_with_some_of_our_claims_or_malformed_ones_is_no_token() {
    use serde_json::{Value, json};
    let id = "5f43a1b2c3d4e5f60718293b";
    let mailed = json!({"iat": 1, "jti": "a", "cv": 0, "uid": id, "av": 0});
    for (scope, whole) in [
        ("access", json!({"iat": 1, "jti": "a", "cv": 0})),
        ("refresh", json!({"iat": 1, "jti": "a", "cv": 0, "sid": id})),
        ("email_verification", mailed.clone()),
        ("password_reset", mailed),
    ] {
        assert!(read_with(scope, &whole).unwrap().own.is_some(), "{scope}");
        assert!(read_with(scope, &json!({})).unwrap().own.is_none(), "{scope}");
        for name in whole.as_object().unwrap().keys() {
            let mut part = whole.clone();
            part.as_object_mut().unwrap().remove(name);
            assert_eq!(read_with(scope, &part), Err(NotAToken), "{scope} without {name}");
            for malformed in [Value::Null, json!([]), json!(-1), json!("5f43"), json!(1.5)] {
                // Any text is an id of a token, and any whole number an instant.
                if (name == "jti" && malformed.is_string()) || (name == "iat" && malformed == json!(-1)) {
                    continue;
                }
                let mut other = whole.clone();
                other[name] = malformed;
                assert_eq!(read_with(scope, &other), Err(NotAToken), "{scope} {other}");
                let alone = json!({ name: other[name] });
                assert_eq!(read_with(scope, &alone), Err(NotAToken), "{scope} {alone}");
            }
        }
    }
    // Claims of another scope do not belong there.
    let with_session = json!({"iat": 1, "jti": "a", "cv": 0, "sid": id});
    assert_eq!(read_with("access", &with_session), Err(NotAToken));
}

#[test]
fn claims_of_the_wrong_type_are_no_token() {
    let codec = JwtCodec::new(SECRET);
    for claims in [
        serde_json::json!({"exp": "soon", "sub": "x", "scope": "access"}),
        serde_json::json!({"exp": i64::MAX, "sub": "x", "scope": "access"}),
        serde_json::json!({"exp": 1, "sub": 5, "scope": "access"}),
        serde_json::json!({"exp": 1, "sub": "x", "scope": "everything"}),
        serde_json::json!({"sub": "x", "scope": "access"}),
        serde_json::json!([]),
    ] {
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &codec.encoding).unwrap();
        assert_eq!(codec.read(&token), Err(NotAToken), "{claims}");
    }
}
