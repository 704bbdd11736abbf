//! The table from the domain's refusals to statuses and texts. The texts are part of the contract.

use kairos_domain::accounts::{
    ChangePasswordError, CheckPasswordError, DeleteAccountError, LogInError, RefreshError, RegisterError,
    RequestMailError, ResetPasswordError, UpdateProfileError, VerifyEmailError, ViewRiderError,
};
use kairos_domain::discovery::{EncountersError, NearbyError};
use kairos_domain::journeys::{
    ActiveJourneyError, AddMarkerError, ChangeMarkerError, CreateJourneyError, ListJourneysError,
    ListMarkersError, OwnJourneyError, ToggleActiveError, ViewJourneyError, ViewMarkerError,
};

use crate::error::ApiError;
use crate::extract::Fault;

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
        Store(error) => error.into(),
    }
    DeleteAccountError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        NotYourAccount => Self::forbidden(NOT_YOUR_ACCOUNT),
        Store(error) => error.into(),
    }

    // --- journeys
    ViewJourneyError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        Store(error) => error.into(),
    }
    OwnJourneyError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        NotYourJourney => Self::forbidden(NOT_YOUR_JOURNEY),
        Store(error) => error.into(),
    }
    CreateJourneyError {
        NotYourAccount => Self::forbidden(NOT_YOUR_ACCOUNT),
        CompletedAndActive => Self::conflict(COMPLETED_AND_ACTIVE),
        TooManyJourneys => Self::conflict("A rider can have at most 1000 journeys"),
        // As for every request of somebody who has just deleted their account.
        UserNotFound => Self::unauthorized(USER_NOT_FOUND),
        Store(error) => error.into(),
    }
    ListJourneysError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        NotInList => Self::validation(vec![Fault::not_in_list("after")]),
        Store(error) => error.into(),
    }
    ActiveJourneyError {
        UserNotFound => Self::not_found(USER_NOT_FOUND),
        NoActiveJourney => Self::not_found("No active journey found"),
        Store(error) => error.into(),
    }
    ToggleActiveError {
        Access(error) => error.into(),
        Completed => Self::conflict(COMPLETED_AND_ACTIVE),
    }

    // --- markers
    AddMarkerError {
        Access(error) => error.into(),
        TooManyMarkers => Self::conflict("A journey can have at most 10000 markers"),
    }
    ViewMarkerError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        MarkerNotFound => Self::not_found(MARKER_NOT_FOUND),
        Store(error) => error.into(),
    }
    ListMarkersError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        NotInList => Self::validation(vec![Fault::not_in_list("after")]),
        Store(error) => error.into(),
    }
    ChangeMarkerError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
        MarkerNotFound => Self::not_found(MARKER_NOT_FOUND),
        NotYourJourney => Self::forbidden(NOT_YOUR_JOURNEY),
        Store(error) => error.into(),
    }

    // --- discovery
    NearbyError {
        JourneyNotFound => Self::not_found(JOURNEY_NOT_FOUND),
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
