//! The wording of a mail: renders a domain message as a subject, plain text and HTML.

use kairos_domain::mail::{MailError, Message, MessageContent};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, HtmlEscape, context};

use crate::error::MailSetupError;
use crate::greeting::{greeting_name, one_line};

/// The rendered text of a mail, not yet encoded.
pub(crate) struct Letter {
    /// Contains the project's name, but no text that a rider wrote.
    pub(crate) subject: String,
    /// Plain text. A link has a line of its own.
    pub(crate) text: String,
    /// The same content as HTML. It loads no external resources.
    pub(crate) html: String,
}

/// Renders letters in the name of a project.
pub(crate) struct LetterWriter {
    templates: Environment<'static>,
    project_name: String,
}

// minijinja escapes values in templates whose name ends in `.html`.
const TEMPLATES: [(&str, &str); 9] = [
    ("layout.html", include_str!("templates/layout.html")),
    ("verify.txt", include_str!("templates/verify.txt")),
    ("verify.html", include_str!("templates/verify.html")),
    ("reset.txt", include_str!("templates/reset.txt")),
    ("reset.html", include_str!("templates/reset.html")),
    (
        "address_changed.txt",
        include_str!("templates/address_changed.txt"),
    ),
    (
        "address_changed.html",
        include_str!("templates/address_changed.html"),
    ),
    ("test.txt", include_str!("templates/test.txt")),
    ("test.html", include_str!("templates/test.html")),
];

impl LetterWriter {
    /// Parses the templates.
    pub(crate) fn new(project_name: &str) -> Result<Self, MailSetupError> {
        let mut templates = Environment::new();
        templates.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .keep_trailing_newline(true)
                .build()?,
        );
        for (name, source) in TEMPLATES {
            templates.add_template(name, source)?;
        }
        Ok(Self {
            templates,
            project_name: one_line(project_name),
        })
    }

    pub(crate) fn write(&self, message: &Message) -> Result<Letter, MailError> {
        let project = &self.project_name;
        let (template, subject, link) = match &message.content {
            MessageContent::VerifyEmail { link, valid_minutes } => {
                let subject = format!("{project}: Please confirm your e-mail address");
                ("verify", subject, Some((link, *valid_minutes)))
            }
            MessageContent::ResetPassword { link, valid_minutes } => {
                let subject = format!("{project}: Set a new password");
                ("reset", subject, Some((link, *valid_minutes)))
            }
            MessageContent::AddressChanged => {
                let subject = format!("{project}: Your account has a new e-mail address");
                ("address_changed", subject, None)
            }
            MessageContent::Test => ("test", format!("{project}: A test mail"), None),
        };
        let link_text = link.map(|(link, _)| link.as_str());
        let validity = link.map(|(_, minutes)| in_words(minutes));
        let name = message.rider_name.as_ref().and_then(greeting_name);
        let values = |link: Option<Value>| {
            context! {
                project => project.as_str(),
                validity => validity.as_deref(),
                subject => subject.as_str(),
                name => name.as_deref(),
                link,
            }
        };
        let text = self.render(&format!("{template}.txt"), &values(link_text.map(Value::from)))?;
        let html = self.render(&format!("{template}.html"), &values(link_text.map(link_in_html)))?;
        Ok(Letter { subject, text, html })
    }

    fn render(&self, template: &str, values: &Value) -> Result<String, MailError> {
        self.templates
            .get_template(template)
            .and_then(|template| template.render(values))
            .map_err(MailError::transient)
    }
}

/// Escapes the link for HTML text and attributes, but keeps its slashes.
///
/// A slash is harmless inside quotes. Unescaped slashes let a person read the link's target in the source of
/// a mail.
fn link_in_html(link: &str) -> Value {
    Value::from_safe_string(HtmlEscape(link).to_string().replace("&#x2f;", "/"))
}

/// Writes a duration as a person would say it, such as `2 hours`.
fn in_words(minutes: u64) -> String {
    let (count, unit) = if minutes > 0 && minutes.is_multiple_of(60) {
        (minutes / 60, "hour")
    } else {
        (minutes, "minute")
    };
    format!("{count} {unit}{s}", s = if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use kairos_domain::email_address::EmailAddress;
    use kairos_domain::id::{MailId, ObjectId};
    use kairos_domain::text::Name;

    use super::*;

    const LINK: &str = "http://localhost:8000/verify?token=abc.def-_";

    fn contents() -> [MessageContent; 3] {
        let (link, valid_minutes) = (LINK.to_owned(), 15);
        [
            MessageContent::VerifyEmail {
                link: link.clone(),
                valid_minutes,
            },
            MessageContent::ResetPassword { link, valid_minutes },
            MessageContent::AddressChanged,
        ]
    }

    fn letter(name: &str, content: MessageContent) -> Letter {
        let message = Message {
            id: MailId(ObjectId::from_bytes([7; 12])),
            to: EmailAddress::parse("ann@example.org").unwrap(),
            rider_name: Some(Name::stored(name.to_owned())),
            content,
        };
        let writer = LetterWriter::new("Velo\r\nNord & Süd").unwrap();
        writer.write(&message).unwrap()
    }

    #[test]
    fn a_name_is_escaped_in_html_and_only_there() {
        for content in contents() {
            let letter = letter("<script>alert('x')</script>", content);
            assert!(letter.text.starts_with("Hello <script>alert('x')</script>,\n"));
            assert!(!letter.html.contains("<script"));
            assert!(letter.html.contains("Hello &lt;script&gt;alert(&#x27;x&#x27;)"));
        }
    }

    #[test]
    fn a_subject_holds_the_project_and_no_word_of_the_rider() {
        for content in contents() {
            let letter = letter("Mallory", content);
            assert!(
                letter.subject.starts_with("Velo Nord & Süd: "),
                "{}",
                letter.subject
            );
            assert!(!letter.subject.contains("Mallory"));
        }
    }

    #[test]
    fn both_forms_say_the_project_the_link_and_how_long_it_is_good() {
        for content in contents() {
            let has_link = content != MessageContent::AddressChanged;
            let letter = letter("Ann", content);
            assert!(letter.text.contains("Velo Nord & Süd"));
            assert!(letter.html.contains("Velo Nord &amp; Süd"));
            assert_eq!(letter.text.lines().any(|line| line == LINK), has_link);
            assert_eq!(letter.html.contains(&format!("href=\"{LINK}\"")), has_link);
            assert_eq!(letter.html.contains(&format!(">{LINK}</a>")), has_link);
            assert_eq!(letter.text.contains("15 minutes"), has_link);
            assert_eq!(letter.html.contains("15 minutes"), has_link);
        }
    }

    #[test]
    fn html_fetches_nothing_and_suits_dark_screens() {
        for content in contents() {
            let html = letter("Ann", content).html;
            assert!(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
            assert!(html.contains("<html lang=\"en\">"));
            for fetched in ["src=", "<link", "<img", "url(", "@import", "<script"] {
                assert!(!html.contains(fetched), "{fetched}");
            }
        }
    }

    #[test]
    fn a_link_cannot_leave_its_attribute() {
        let content = MessageContent::VerifyEmail {
            link: "http://x/?token=\"><b>&".to_owned(),
            valid_minutes: 1,
        };
        let html = letter("Ann", content).html;
        assert!(html.contains("http://x/?token=&quot;&gt;&lt;b&gt;&amp;"));
        assert!(!html.contains("<b>"));
    }

    #[test]
    fn a_test_mail_has_the_project_and_no_link() {
        let letter = letter("", MessageContent::Test);
        assert_eq!(letter.subject, "Velo Nord & Süd: A test mail");
        assert!(letter.text.starts_with("Hello,\n") && !letter.text.contains("://"));
        assert!(letter.html.contains("Velo Nord &amp; Süd") && !letter.html.contains("href"));
    }

    #[test]
    fn durations_are_said_as_a_person_would() {
        let said = [0, 1, 15, 60, 90, 1440].map(in_words);
        assert_eq!(
            said,
            [
                "0 minutes",
                "1 minute",
                "15 minutes",
                "1 hour",
                "90 minutes",
                "24 hours"
            ]
        );
    }
}
