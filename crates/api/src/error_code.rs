//! The table of all errors.

use axum::http::StatusCode;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Writes the enum and its lookups from a table: word, sentence and meaning of each error, by status.
macro_rules! error_codes {
    ($($status:ident { $($variant:ident($word:literal, $detail:literal, $meaning:literal),)+ })+) => {
        /// An error of the API: a status, and a stable word for programs.
        ///
        /// Two errors may share a word if their statuses differ.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[doc = $meaning] $variant,)+)+
        }

        impl ErrorCode {
            /// Every error, by status.
            pub const ALL: &[Self] = &[$($(Self::$variant,)+)+];

            /// Returns the status of the answer.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $($(Self::$variant)|+ => StatusCode::$status,)+ }
            }

            /// Returns the word in `code`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($(Self::$variant => $word,)+)+ }
            }

            /// Returns the usual sentence in `detail`.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $($(Self::$variant => $detail,)+)+ }
            }

            /// Returns the meaning of the error for clients, as a sentence for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $($(Self::$variant => $meaning,)+)+ }
            }
        }
    };
}

error_codes! {
    BAD_REQUEST {
        BadRequest("bad_request", "The request is malformed", "The request is not HTTP, or has not exactly one `Host`."),
        IncompleteBody("incomplete_body", "The request body did not arrive whole", "The body ended early."),
        InvalidId("invalid_id", "Invalid ID format", "An id in the path is malformed; the sentence says which kind."),
        WrongCredentials("wrong_credentials", "Incorrect username or password", "No account has this address and password."),
        IncorrectPassword("incorrect_password", "Incorrect password", "The present password is wrong."),
        PasswordNotAllowed("password_not_allowed", "Password cannot be changed here.", "A profile has no password; `POST /users/me/password` changes it."),
        EmailTaken("email_taken", "Email already registered", "Another account has the address."),
        InvalidMailToken("invalid_mail_token", "Invalid or expired token", "The token of a mailed link is malformed, expired or used."),
    }
    UNAUTHORIZED {
        NotAuthenticated("not_authenticated", "Not authenticated", "The request has no bearer token."),
        TokenExpired("token_expired", "Access token has expired", "Refresh the session."),
        TokenRevoked("token_revoked", "Access token has been revoked", "The password was changed since. Log in again."),
        RiderGone("user_not_found", "User not found", "The rider of the access token no longer exists."),
        RefreshTokenExpired("refresh_token_expired", "Refresh token has expired", "Log in again."),
    }
    FORBIDDEN {
        InvalidToken("invalid_token", "Could not validate credentials", "The bearer token is not an access token of this service."),
        InvalidRefreshToken("invalid_refresh_token", "Invalid refresh token", "The refresh token is malformed, its session has ended, or its rider is gone."),
        NotYourAccount("not_your_account", "Not your account", "Only the rider can do this."),
        NotYourJourney("not_your_journey", "Not your journey", "Only the owner of the journey can do this."),
        EmailNotVerified("email_not_verified", "Verify your e-mail address first", "Only riders with a verified address can do this."),
        RegistrationClosed("registration_closed", "Registration is closed", "The operator lets nobody register."),
        RegistrationByInvitation("registration_by_invitation", "Registration is by invitation", "`invite` is absent, used or expired."),
        ForeignOrigin("foreign_origin", "This page may not do that", "The web page that sent the request is neither the service's own nor of an allowed origin."),
    }
    NOT_FOUND {
        NotFound("not_found", "Not Found", "No route has this path."),
        UserNotFound("user_not_found", "User not found", "The rider does not exist."),
        JourneyNotFound("journey_not_found", "Journey not found", "The journey does not exist, or is private and another rider's."),
        MarkerNotFound("marker_not_found", "Marker not found", "The journey has no such marker."),
        NoRoute("no_route", "No route", "The journey has no route."),
        NoTrack("no_track", "No track", "The journey has no track."),
        NoSchedule("no_schedule", "No schedule", "The journey has no schedule."),
        NoActiveJourney("no_active_journey", "No active journey found", "The rider is on no journey that the reader may see."),
    }
    METHOD_NOT_ALLOWED {
        MethodNotAllowed("method_not_allowed", "Method Not Allowed", "The path has other methods; `Allow` names them."),
    }
    REQUEST_TIMEOUT {
        Timeout("timeout", "The request body did not arrive in time", "The body did not arrive in time."),
    }
    CONFLICT {
        JourneyCompleted("journey_completed", "A completed journey cannot be active", "The journey is or would be completed and active at once."),
        JourneyPrivate("journey_private", "Encounters are for public journeys", "The journey is private."),
        TooManyJourneys("too_many_journeys", "A rider can have at most 1000 journeys", "The rider has as many journeys as a rider can have."),
        TooManyMarkers("too_many_markers", "A journey can have at most 10000 markers", "The journey has as many markers as a journey can have."),
        JourneyFull("journey_full", "The journey holds too much text", "The texts of the journey and its markers would have more than 8 MiB."),
        AccountFull("account_full", "Your account is full", "The rider's texts and lines would have more than 256 MiB (32 MiB until the address is verified)."),
        LineExists("line_exists", "There is a route already", "The journey has a route, or a track; the sentence says which. `replace=true` replaces it."),
        RouteNeeded("no_route", "No route", "A schedule needs a route."),
        ScheduleTooLong("schedule_too_long", "The schedule would take more than 1000 days", "The schedule of the journey would not reach the end of the route in time."),
        LineTooLarge("too_large", "The track would be too large", "The track would have more than 100000 positions or 20000 km."),
        IdempotencyKeyBusy("idempotency_key_busy", "A request with this Idempotency-Key is still being carried out", "`Retry-After` says when to ask again."),
    }
    PRECONDITION_FAILED {
        ChangedMeanwhile("changed_meanwhile", "It was changed meanwhile", "The resource has none of the tags of `If-Match`."),
    }
    PAYLOAD_TOO_LARGE {
        BodyTooLarge("body_too_large", "The request body must not be larger than 1 MiB", "The body is larger than 1 MiB; a file than 32 MiB (4 MiB on AWS Lambda)."),
        WholeAnswerTooLarge("answer_too_large", "Ask for it in parts, with a limit", "On AWS Lambda: the answer is larger than 5 MB."),
    }
    URI_TOO_LONG {
        UriTooLong("uri_too_long", "The address is too long", "Path and query are too long."),
    }
    UNSUPPORTED_MEDIA_TYPE {
        UnsupportedMediaType("unsupported_media_type", "The content type is not supported", "The body has another type, character set or encoding than the route takes; the sentence says which."),
    }
    RANGE_NOT_SATISFIABLE {
        RangeNotSatisfiable("range_not_satisfiable", "The file has no such range", "The file of the web app has none of the bytes that `Range` asks for."),
    }
    UNPROCESSABLE_ENTITY {
        // The `detail` of this error is a list.
        Validation("validation", "The request is invalid", "The query, the headers or the body are invalid; `detail` lists everything that is wrong."),
        AnswerTooLarge("answer_too_large", "Ask with a lower limit", "The journeys have more than 50000 markers."),
        TooManyDays("too_many_days", "Ask for fewer days, with from and to", "The itinerary has more than 10000 such days."),
        IdempotencyKeyReused("idempotency_key_reused", "This Idempotency-Key was used for another request", "Another request has used the `Idempotency-Key`."),
    }
    TOO_MANY_REQUESTS {
        RateLimited("rate_limited", "Too many attempts, please try again later", "A limit is reached; `Retry-After` says when to try again."),
    }
    REQUEST_HEADER_FIELDS_TOO_LARGE {
        HeadersTooLarge("headers_too_large", "The headers are too large", "The headers are too many or too long."),
    }
    INTERNAL_SERVER_ERROR {
        Internal("internal", "Internal Server Error", "The service has failed. The log has the cause, under the `x-request-id` of the answer."),
    }
    SERVICE_UNAVAILABLE {
        DatabaseUnavailable("database_unavailable", "The database is unavailable", "The database can't be reached; `Retry-After` says when to try again."),
        DiskFull("disk_full", "The disk is full", "The database has no room for writes; reads go on. `Retry-After` says when to try again."),
        DatabaseMoved("database_moved", "The database file was moved", "The SQLite file is not where it was opened, so that writes would be lost; reads go on."),
        TooSlow("too_slow", "The query took too long", "The answer could not be found in time; `Retry-After` says when to try again."),
        Overloaded("overloaded", "The server is over its bounds, please try again", "The server has too much to do; `Retry-After` says when to try again."),
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        let mut words: Vec<&str> = Self::ALL.iter().map(|code| code.word()).collect();
        words.sort_unstable();
        words.dedup();
        let mut description = "A stable word for programs.\n".to_owned();
        for code in Self::ALL {
            let status = code.status().as_u16();
            description += &format!("\n- `{}` ({status}): {}", code.word(), code.meaning());
        }
        let words = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(words))
            .description(Some(description));
        words.build().into()
    }
}

impl ToSchema for ErrorCode {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use super::*;

    const DESIGN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/API-DESIGN.md");

    #[test]
    fn an_error_is_known_by_its_status_and_a_word_in_snake_case() {
        let mut known = HashSet::new();
        for code in ErrorCode::ALL {
            let word = code.word();
            assert!(known.insert((code.status(), word)), "{word} stands twice");
            let is_snake_case = word
                .split('_')
                .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()));
            assert!(is_snake_case, "{word}");
            assert!(code.status().as_u16() >= 400, "{word}");
            assert!(code.meaning().ends_with('.'), "{word}");
        }
    }

    /// Checks the table in the documentation.
    ///
    /// `KAIROS_BLESS=1 cargo test --workspace --lib` rewrites the table.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "whether to write the table is asked of the environment"
    )]
    fn the_documentation_lists_every_error() {
        const BEGINNING: &str = "| status | `code` | meaning |\n|---|---|---|\n";
        let mut table = BEGINNING.to_owned();
        for code in ErrorCode::ALL {
            let status = code.status().as_u16();
            table += &format!("| {status} | `{}` | {} |\n", code.word(), code.meaning());
        }
        let page = fs::read_to_string(DESIGN).unwrap();
        let (before, from) = page.split_once(BEGINNING).unwrap();
        let (_, after) = from.split_once("\n\n").unwrap();
        let expected = format!("{before}{table}\n{after}");
        if std::env::var_os("KAIROS_BLESS").is_some() {
            fs::write(DESIGN, &expected).unwrap();
        } else {
            assert!(
                page == expected,
                "the table of errors in docs/API-DESIGN.md should be\n{table}"
            );
        }
    }
}
