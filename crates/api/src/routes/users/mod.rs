//! Accounts, as riders and others see them.

pub(crate) mod active_journey;
pub(crate) mod change_password;
pub(crate) mod delete;
mod email_input;
pub(crate) mod list_journeys;
pub(crate) mod list_my_journeys;
pub(crate) mod me;
pub(crate) mod my_active_journey;
pub(crate) mod register;
pub(crate) mod resend_verification;
pub(crate) mod reset_password;
pub(crate) mod update;
pub(crate) mod update_password;
pub(crate) mod verify_email;
pub(crate) mod view;
