//! Accounts: registration, log-in, sessions, passwords, profiles, and their mails.

mod authenticate;
mod change_password;
mod check_password;
mod delete_account;
mod deliver_mail;
mod log_in;
mod log_out;
mod mailed_token;
mod rate_limits;
mod refresh;
mod register;
mod request_mail;
mod reset_password;
mod session_tokens;
mod update_profile;
mod verify_email;
mod view_rider;

pub use authenticate::{AccessToken, AuthenticateError, TokenActError};
pub use change_password::{ChangeOwnPassword, ChangePasswordError};
pub use check_password::CheckPasswordError;
pub use delete_account::DeleteAccountError;
pub use log_in::{LogIn, LogInError};
pub use refresh::RefreshError;
pub use register::{RegisterError, RegisterRider};
pub use request_mail::{MailRequest, RequestMailError};
pub use reset_password::{ResetPassword, ResetPasswordError};
pub use session_tokens::SessionTokens;
pub use update_profile::{UpdateProfile, UpdateProfileError};
pub use verify_email::{EmailVerified, VerifyEmailError};
pub use view_rider::{RiderView, ViewRiderError};
