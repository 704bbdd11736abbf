//! The table from the domain's refusals to statuses and texts. The texts are part of the contract.

use kairos_domain::accounts::{
    ChangePasswordError, CheckPasswordError, DeleteAccountError, LogInError, RefreshError, RegisterError,
    RequestMailError, ResetPasswordError, UpdateProfileError, VerifyEmailError, ViewRiderError,
};
use kairos_domain::discovery::{EncountersError, NearbyError};
use kairos_domain::journeys::{
    ActiveJourneyError, ChangeJourneyError, ChangeMarkerError, CreateJourneyError, ListJourneysError,
    ListMarkersError, ViewJourneyError, ViewMarkerError,
};
use kairos_domain::usage::Bound;
use kairos_domain::writes::WriteRefused;

use crate::error::ApiError;
use crate::extract::ValidationError;

const USER_NOT_FOUND: &str = "User not found";
const JOURNEY_NOT_FOUND: &str = "Journey not found";
const MARKER_NOT_FOUND: &str = "Marker not found";
const NOT_YOUR_ACCOUNT: &str = "Not your account";
const NOT_YOUR_JOURNEY: &str = "Not your journey";
const EMAIL_TAKEN: &str = "Email already registered";
const INVALID_MAILED_TOKEN: &str = "Invalid or expired token";
const COMPLETED_AND_ACTIVE: &str = "A completed journey cannot be active";

/// Writes the conversions one line a refusal.
macro_rules! refusals {
    ($($error:ident { $($variant:pat => $refusal:expr),* $(,)? })*) => {$(
        impl From<$error> for ApiError {
            fn from(error: $error) -> Self {
                use $error::*;
                match error { $($variant => $refusal,)* }
            }
        }
    )*};
}

refusals! {
    // --- all writes
    WriteRefused {
        ChangedMeanwhile => Self::precondition_failed("It was changed meanwhile").code("changed_meanwhile"),
        Full(bound) => match bound {
            Bound::Journeys => {
                Self::conflict("A rider can have at most 1000 journeys").code("too_many_journeys")
            }
            Bound::Markers => {
                Self::conflict("A journey can have at most 10000 markers").code("too_many_markers")
            }
            Bound::JourneyText => Self::conflict("The journey holds too much text").code("journey_full"),
            Bound::Account => Self::conflict("Your account is full").code("account_full"),
        },
        TooManyWrites(reached) => {
            Self::too_many("Too many writes, please try again later", &reached).code("rate_limited")
        },
        KeyReused => Self::unprocessable("This Idempotency-Key was used for another request")
            .code("idempotency_key_reused"),
        KeyBusy => Self::conflict("A request with this Idempotency-Key is still being carried out")
            .code("idempotency_key_busy")
            .retry_after(1),
        Store(error) => error.into(),
    }

    // --- accounts
    CheckPasswordError {
        TooManyGuesses(reached) => reached.into(),
        Busy(full) => full.into(),
        Store(error) => error.into(),
    }
    LogInError {
        WrongCredentials => Self::bad_request("Incorrect username or password"),
        NotChecked(error) => error.into(),
        Store(error) => error.into(),
    }
    RefreshError {
        Expired => Self::unauthorized("Refresh token has expired"),
        Invalid => Self::forbidden("Invalid refresh token"),
        Store(error) => error.into(),
    }
    RegisterError {
        Closed => Self::forbidden("Registration is closed").code("registration_closed"),
        ByInvitation => Self::forbidden("Registration is by invitation").code("registration_by_invitation"),
        EmailTaken => Self::bad_request(EMAIL_TAKEN),
        TooMany(reached) => reached.into(),
        Busy(full) => full.into(),
        Store(error) => error.into(),
    }
    RequestMailError {
        TooMany(reached) => reached.into(),
        Store(error) => error.into(),
    }
    VerifyEmailError {
        InvalidToken => Self::bad_request(INVALID_MAILED_TOKEN),
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        Store(error) => error.into(),
    }
    ResetPasswordError {
        InvalidToken => Self::bad_request(INVALID_MAILED_TOKEN),
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        Busy(full) => full.into(),
        Store(error) => error.into(),
    }
    ChangePasswordError {
        IncorrectPassword => Self::bad_request("Incorrect password"),
        NotChecked(error) => error.into(),
        Busy(full) => full.into(),
        Store(error) => error.into(),
    }
    ViewRiderError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        Store(error) => error.into(),
    }
    UpdateProfileError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        NotYourAccount => Self::forbidden(NOT_YOUR_ACCOUNT),
        PasswordGiven => Self::bad_request("Password cannot be changed here."),
        EmailTaken => Self::bad_request(EMAIL_TAKEN),
        TooMany(reached) => reached.into(),
        Write(refused) => refused.into(),
    }
    DeleteAccountError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        NotYourAccount => Self::forbidden(NOT_YOUR_ACCOUNT),
        Write(refused) => refused.into(),
    }

    // --- journeys
    ViewJourneyError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        Store(error) => error.into(),
    }
    ChangeJourneyError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        NotYourJourney => Self::forbidden(NOT_YOUR_JOURNEY),
        CompletedAndActive => Self::conflict(COMPLETED_AND_ACTIVE),
        Write(refused) => refused.into(),
    }
    CreateJourneyError {
        NotYourAccount => Self::forbidden(NOT_YOUR_ACCOUNT),
        CompletedAndActive => Self::conflict(COMPLETED_AND_ACTIVE),
        // As for every request of a rider who has just deleted the account.
        UserNotFound => Self::unauthorized(USER_NOT_FOUND),
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        Write(refused) => refused.into(),
    }
    ListJourneysError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        NotInList => Self::validation(vec![ValidationError::not_in_list("after")]),
        Store(error) => error.into(),
    }
    ActiveJourneyError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        NoActiveJourney => Self::not_found("No active journey found"),
        Store(error) => error.into(),
    }

    // --- markers
    ViewMarkerError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        MarkerNotFound => Self::not_found(MARKER_NOT_FOUND),
        Store(error) => error.into(),
    }
    ListMarkersError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        NotInList => Self::validation(vec![ValidationError::not_in_list("after")]),
        Store(error) => error.into(),
    }
    ChangeMarkerError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        MarkerNotFound => Self::not_found(MARKER_NOT_FOUND),
        NotYourJourney => Self::forbidden(NOT_YOUR_JOURNEY),
        Write(refused) => refused.into(),
    }

    // --- discovery
    NearbyError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        TooManyMarkers => Self::unprocessable("Ask with a lower limit").code("answer_too_large"),
        Store(error) => error.into(),
    }
    EncountersError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        NotYourJourney => Self::forbidden(NOT_YOUR_JOURNEY),
        EmailNotVerified => Self::forbidden("Verify your e-mail address first"),
        JourneyIsPrivate => Self::conflict("Encounters are for public journeys"),
        Store(error) => error.into(),
    }
}
