//! The mapping from the domain's errors to those of the API.

use kairos_domain::accounts::{
    ChangePasswordError, CheckPasswordError, DeleteAccountError, LogInError, RefreshError, RegisterError,
    RequestMailError, ResetPasswordError, UpdateProfileError, VerifyEmailError, ViewRiderError,
};
use kairos_domain::discovery::{EncountersError, NearbyError};
use kairos_domain::file_turns::FileRefused;
use kairos_domain::journeys::{
    ActiveJourneyError, ChangeJourneyError, ChangeLineError, ChangeMarkerError, ChangeScheduleError,
    CreateJourneyError, ImportError, ListJourneysError, ListMarkersError, PutMarkersError, ReadOnError,
    ViewItineraryError, ViewJourneyError, ViewLineError, ViewMarkerError, ViewScheduleError,
};
use kairos_domain::line::LineKind;
use kairos_domain::password::HashingError;
use kairos_domain::rate_limiter::RateLimitError;
use kairos_domain::schedule::ScheduleTooLong;
use kairos_domain::usage::Bound;
use kairos_domain::writes::WriteRefused;

use crate::error::ApiError;
use crate::error_code::ErrorCode;
use crate::extract::{Objection, Part, ValidationError, file_without_line};

/// Writes a conversion for each error type, with one line per error.
macro_rules! error_mapping {
    ($($error:ident { $($variant:pat => $answer:expr),* $(,)? })*) => {$(
        impl From<$error> for ApiError {
            fn from(error: $error) -> Self {
                use $error::*;
                match error { $($variant => ApiError::from($answer),)* }
            }
        }
    )*};
}

error_mapping! {
    // --- all writes
    WriteRefused {
        ChangedMeanwhile => ErrorCode::ChangedMeanwhile,
        Full(bound) => match bound {
            Bound::Journeys => ErrorCode::TooManyJourneys,
            Bound::Markers => ErrorCode::TooManyMarkers,
            Bound::JourneyText => ErrorCode::JourneyFull,
            Bound::Account => ErrorCode::AccountFull,
        },
        TooManyWrites(reached) => {
            Self::rate_limited(&reached).detail("Too many writes, please try again later")
        },
        KeyReused => ErrorCode::IdempotencyKeyReused,
        KeyBusy => Self::from(ErrorCode::IdempotencyKeyBusy).retry_after(1),
        error @ TooManyWaiting => Self::from(ErrorCode::Overloaded)
            .detail("Too many of your writes are waiting, please try again")
            .because(error),
        Store(error) => error,
    }

    // --- accounts
    RateLimitError {
        Reached(reached) => Self::rate_limited(&reached),
        Store(error) => error,
    }
    HashingError {
        ShareUsed => Self::from(ErrorCode::RateLimited)
            .detail("Too many passwords at once, please try again")
            .retry_after(1),
        error @ (QueueFull | TooLate) => Self::from(ErrorCode::Overloaded)
            .detail("Too many passwords are waiting to be checked")
            .because(error),
        error @ Failed(_) => Self::from(ErrorCode::Internal).because(error),
    }
    CheckPasswordError {
        Limited(error) => error,
        Hashing(error) => error,
        Store(error) => error,
    }
    LogInError {
        WrongCredentials => ErrorCode::WrongCredentials,
        Limited(error) => error,
        NotChecked(error) => error,
        Store(error) => error,
    }
    RefreshError {
        Expired => ErrorCode::RefreshTokenExpired,
        Invalid => ErrorCode::InvalidRefreshToken,
        Store(error) => error,
    }
    RegisterError {
        Closed => ErrorCode::RegistrationClosed,
        ByInvitation => ErrorCode::RegistrationByInvitation,
        EmailTaken => ErrorCode::EmailTaken,
        Limited(error) => error,
        Hashing(error) => error,
        Store(error) => error,
    }
    RequestMailError {
        Limited(error) => error,
        Store(error) => error,
    }
    VerifyEmailError {
        InvalidToken => ErrorCode::InvalidMailToken,
        UserNotFound => ErrorCode::UserNotFound,
        Store(error) => error,
    }
    ResetPasswordError {
        InvalidToken => ErrorCode::InvalidMailToken,
        UserNotFound => ErrorCode::UserNotFound,
        Hashing(error) => error,
        Store(error) => error,
    }
    ChangePasswordError {
        IncorrectPassword => ErrorCode::IncorrectPassword,
        NotChecked(error) => error,
        Hashing(error) => error,
        Store(error) => error,
    }
    ViewRiderError {
        UserNotFound => ErrorCode::UserNotFound,
        Store(error) => error,
    }
    UpdateProfileError {
        UserNotFound => ErrorCode::UserNotFound,
        NotYourAccount => ErrorCode::NotYourAccount,
        PasswordGiven => ErrorCode::PasswordNotAllowed,
        IncorrectPassword => ErrorCode::IncorrectPassword,
        NotChecked(error) => error,
        EmailTaken => ErrorCode::EmailTaken,
        Limited(error) => error,
        Write(refused) => refused,
    }
    DeleteAccountError {
        UserNotFound => ErrorCode::UserNotFound,
        NotYourAccount => ErrorCode::NotYourAccount,
        Write(refused) => refused,
    }

    // --- journeys
    ViewJourneyError {
        JourneyNotFound => ErrorCode::JourneyNotFound,
        Store(error) => error,
    }
    ChangeJourneyError {
        JourneyNotFound => ErrorCode::JourneyNotFound,
        NotYourJourney => ErrorCode::NotYourJourney,
        CompletedAndActive => ErrorCode::JourneyCompleted,
        Write(refused) => refused,
    }
    CreateJourneyError {
        NotYourAccount => ErrorCode::NotYourAccount,
        CompletedAndActive => ErrorCode::JourneyCompleted,
        // Every request of a rider who has just deleted the account gets this error.
        UserNotFound => ErrorCode::RiderGone,
        JourneyNotFound => ErrorCode::JourneyNotFound,
        Write(refused) => refused,
    }
    ListJourneysError {
        UserNotFound => ErrorCode::UserNotFound,
        NotInList => Self::validation(vec![ValidationError::not_in_list("after")]),
        Store(error) => error,
    }
    ActiveJourneyError {
        UserNotFound => ErrorCode::UserNotFound,
        NoActiveJourney => ErrorCode::NoActiveJourney,
        Store(error) => error,
    }

    ReadOnError {
        Gone => ErrorCode::JourneyNotFound,
        Store(error) => error,
    }

    // --- markers
    ViewMarkerError {
        JourneyNotFound => ErrorCode::JourneyNotFound,
        MarkerNotFound => ErrorCode::MarkerNotFound,
        Store(error) => error,
    }
    ListMarkersError {
        JourneyNotFound => ErrorCode::JourneyNotFound,
        NotInList => Self::validation(vec![ValidationError::not_in_list("after")]),
        Store(error) => error,
    }
    ChangeMarkerError {
        JourneyNotFound => ErrorCode::JourneyNotFound,
        MarkerNotFound => ErrorCode::MarkerNotFound,
        NotYourJourney => ErrorCode::NotYourJourney,
        PastInFuture => Self::validation(vec![ValidationError::past_in_future()]),
        Write(refused) => refused,
    }

    PutMarkersError {
        Journey(error) => error,
        Items(faults) => Self::validation(faults.into_iter().map(ValidationError::of_batch).collect()),
        Write(refused) => refused,
    }

    // --- lines and files
    FileRefused {
        RiderIsBusy => Self::from(ErrorCode::RateLimited)
            .detail("Another file of yours is being received")
            .retry_after(1),
        TooManyFiles => Self::from(ErrorCode::Overloaded).detail("Too many files are being received"),
    }
    ViewLineError {
        Journey(error) => error,
        NoLine(LineKind::Route) => ErrorCode::NoRoute,
        NoLine(LineKind::Track) => ErrorCode::NoTrack,
    }
    ChangeLineError {
        Journey(error) => error,
        NoLine(LineKind::Route) => ErrorCode::NoRoute,
        NoLine(LineKind::Track) => ErrorCode::NoTrack,
        Empty => file_without_line(),
        TooLarge(_) => ErrorCode::LineTooLarge,
        ScheduleTooLong(_) => ErrorCode::ScheduleTooLong,
        Write(refused) => refused,
    }
    ImportError {
        Create(error) => error,
        Journey(error) => error,
        LineExists(LineKind::Route) => ErrorCode::LineExists,
        LineExists(LineKind::Track) => Self::from(ErrorCode::LineExists).detail("There is a track already"),
        ScheduleTooLong(_) => ErrorCode::ScheduleTooLong,
        Write(refused) => refused,
    }

    // --- schedules and itineraries
    ViewScheduleError {
        Journey(error) => error,
        NoSchedule => ErrorCode::NoSchedule,
    }
    ChangeScheduleError {
        Journey(error) => error,
        NoSchedule => ErrorCode::NoSchedule,
        NoRoute => ErrorCode::RouteNeeded,
        TooLong(error) => error,
        Write(refused) => refused,
    }
    ScheduleTooLong {
        Days => Self::validation(vec![
            Objection::value("the schedule would take more than 1000 days").at(Part::Body, "meters_per_day", None),
        ]),
        Calendar => Self::validation(vec![
            Objection::value("the schedule would end after the year 9999").at(Part::Body, "start_date", None),
        ]),
    }
    ViewItineraryError {
        Journey(error) => error,
        TooManyDays => ErrorCode::TooManyDays,
    }

    // --- discovery
    NearbyError {
        JourneyNotFound => ErrorCode::JourneyNotFound,
        TooManyMarkers => ErrorCode::AnswerTooLarge,
        Store(error) => error,
    }
    EncountersError {
        JourneyNotFound => ErrorCode::JourneyNotFound,
        NotYourJourney => ErrorCode::NotYourJourney,
        EmailNotVerified => ErrorCode::EmailNotVerified,
        JourneyIsPrivate => ErrorCode::JourneyPrivate,
        Store(error) => error,
    }
}
