//! Negative replies of a mail server: decides whether a retry can help, and which part is logged.

use std::error::Error as _;
use std::fmt;

use kairos_domain::mail::MailError;
use lettre::transport::smtp::Error;

use crate::causes::with_causes;

/// The step of the SMTP dialogue to which the server replied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Connection,
    SignIn,
    Sender,
    Recipient,
    Data,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the connection",
            Self::SignIn => "the sign-in",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Data => "the mail",
        })
    }
}

/// An enhanced status code (RFC 3463): class, subject and detail.
type EnhancedCode = (u16, u16, u16);

/// Returns the error for a failed step.
///
/// The error keeps only the enhanced code of the server's text. Servers often quote the address, and the log
/// must not contain it.
pub(super) fn mail_error(step: Step, error: &Error, addresses: &[&str]) -> MailError {
    let Some(code) = error.status() else {
        let mut text = with_causes(error);
        for address in addresses {
            text = text.replace(address, "<address>");
        }
        return MailError::transient(text);
    };
    let enhanced = error.source().and_then(|text| enhanced_code(&text.to_string()));
    let shown = enhanced.map(|(class, subject, detail)| format!(" {class}.{subject}.{detail}"));
    let text = format!(
        "the mail server answered {code}{shown} to {step}",
        shown = shown.unwrap_or_default()
    );
    if is_permanent(step, code.into(), enhanced) {
        MailError::permanent(text)
    } else {
        MailError::transient(text)
    }
}

/// Checks whether the server has rejected this mailbox or this mail for good.
///
/// Other rejections, such as those of the sender or for a policy (5.7.x), end once the operator fixes the
/// cause.
fn is_permanent(step: Step, code: u16, enhanced: Option<EnhancedCode>) -> bool {
    let is_5xx = (500..600).contains(&code);
    match step {
        Step::Data => is_5xx,
        Step::Recipient => {
            // 504: the server rejects the `EHLO` name only at this step. 530, 535: the server requires
            // authentication.
            is_5xx
                && !matches!(code, 504 | 530 | 535)
                && matches!(enhanced, None | Some((5, 1 | 2 | 6, _) | (5, 4, 4)))
        }
        Step::Connection | Step::SignIn | Step::Sender => false,
    }
}

/// Reads the enhanced code at the start of a reply. Some servers decorate the code, as in `#5.1.0`.
fn enhanced_code(text: &str) -> Option<EnhancedCode> {
    let word = text.split_whitespace().next()?;
    let mut parts = word
        .trim_matches(|c: char| !c.is_ascii_digit())
        .split('.')
        .map(|part| part.parse().ok());
    let code = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_code_stands_at_the_beginning() {
        for (text, code) in [
            ("5.1.1 <ann@example.org>: unknown", Some((5, 1, 1))),
            ("5.7.509 Access denied", Some((5, 7, 509))),
            ("#5.1.0 Address rejected.", Some((5, 1, 0))),
            ("(5.2.2): full", Some((5, 2, 2))),
            ("4.2.2 full", Some((4, 2, 2))),
            ("No such user", None),
            ("<ann@example.org> 5.1.1", None),
            ("192.0.2.1 is blocked", None),
            ("5.1 unknown", None),
            ("5.1.70000 unknown", None),
            ("", None),
        ] {
            assert_eq!(enhanced_code(text), code, "{text}");
        }
    }

    #[test]
    fn only_the_mailbox_and_the_mail_are_refused_for_good() {
        let refused = |step, code, enhanced| is_permanent(step, code, enhanced);
        for enhanced in [
            None,
            Some((5, 1, 1)),
            Some((5, 2, 1)),
            Some((5, 4, 4)),
            Some((5, 6, 7)),
        ] {
            assert!(refused(Step::Recipient, 550, enhanced), "{enhanced:?}");
            assert!(!refused(Step::Recipient, 504, enhanced), "{enhanced:?}");
            assert!(!refused(Step::Recipient, 450, enhanced), "{enhanced:?}");
            for step in [Step::Connection, Step::SignIn, Step::Sender] {
                assert!(!refused(step, 550, enhanced), "{step} {enhanced:?}");
            }
        }
        for enhanced in [
            (5, 0, 0),
            (5, 3, 4),
            (5, 4, 1),
            (5, 4, 6),
            (5, 5, 1),
            (5, 7, 1),
            (4, 2, 2),
        ] {
            assert!(!refused(Step::Recipient, 550, Some(enhanced)), "{enhanced:?}");
            assert!(refused(Step::Data, 554, Some(enhanced)), "{enhanced:?}");
        }
        assert!(refused(Step::Data, 554, None) && !refused(Step::Data, 452, None));
    }
}
