//! Limits hold over a restart and over several processes, and count the clients that there really are.

use std::thread::scope;

use kairos_test_mongod::{TestDatabase, replica_set};

use crate::conversation::Conversation;
use crate::program::Program;

const GUESS: &str = "username=ann@example.org&password=a+guess";

fn start(settings: &[(&str, &str)]) -> Program {
    Program::start_with(tempfile::tempdir().unwrap(), "serve", settings)
}

/// Makes guesses until one is refused, and gives how many were told to be wrong.
fn guesses_until_refused(program: &Program) -> usize {
    for wrong in 0..50 {
        let answer = program.post_form("/auth/token", GUESS);
        if answer.starts_with("HTTP/1.1 429 ") {
            assert!(answer.contains("\r\nretry-after: "), "{answer}");
            return wrong;
        }
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    panic!("fifty guesses were answered");
}

fn limits_outlive_a_process(settings: &[(&str, &str)]) {
    let program = start(settings);
    assert_eq!(guesses_until_refused(&program), 10);
    let program = Program::start_with(program.kill(), "serve", settings);
    assert_eq!(guesses_until_refused(&program), 0);
}

#[test]
fn limits_outlive_a_process_on_sqlite() {
    limits_outlive_a_process(&[]);
}

#[test]
fn limits_outlive_a_process_on_mongodb() {
    let database = TestDatabase::on(replica_set());
    limits_outlive_a_process(&[("DATABASE_URL", &database.url())]);
}

fn two_processes_count_together(url: &str) {
    let programs = [start(&[("DATABASE_URL", url)]), start(&[("DATABASE_URL", url)])];
    // Few enough at once that none waits too long for a core.
    let guess_three_times =
        |program: &Program| [(); 3].map(|()| program.post_form("/auth/token", GUESS)[..12].to_owned());
    let statuses: Vec<String> = scope(|scope| {
        let guesses: Vec<_> = (0..8)
            .map(|number| {
                let program = &programs[number % 2];
                scope.spawn(move || guess_three_times(program))
            })
            .collect();
        guesses
            .into_iter()
            .flat_map(|guess| guess.join().unwrap())
            .collect()
    });
    let told = |status: &str| statuses.iter().filter(|told| told.ends_with(status)).count();
    assert_eq!((told("400"), told("429")), (10, 14), "{statuses:?}");
    for program in &programs {
        assert_eq!(guesses_until_refused(program), 0);
    }
}

#[test]
fn two_processes_on_one_mongodb_count_together() {
    let database = TestDatabase::on(replica_set());
    two_processes_count_together(&database.url());
}

#[test]
fn two_processes_on_one_sqlite_file_count_together() {
    let directory = tempfile::tempdir().unwrap();
    two_processes_count_together(&format!(
        "sqlite://{}",
        directory.path().join("kairos.db").display()
    ));
}

#[test]
fn a_header_says_who_is_asking_only_behind_a_trusted_proxy() {
    let guess_as = |program: &Program, client: usize| {
        let header = format!("x-forwarded-for: 198.51.100.{client}\r\n");
        program.post_form_with(&header, "/auth/token", GUESS)
    };
    let program = start(&[]);
    for client in 0..11 {
        let status = if client < 10 { "400" } else { "429" };
        assert!(guess_as(&program, client).starts_with(&format!("HTTP/1.1 {status} ")));
    }
    let program = start(&[("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1, ::1")]);
    for client in 0..11 {
        assert!(guess_as(&program, client).starts_with("HTTP/1.1 400 "));
    }
}

#[test]
fn limits_can_be_switched_off() {
    let program = start(&[("RATE_LIMIT", "off")]);
    for _ in 0..12 {
        assert!(
            program
                .post_form("/auth/token", GUESS)
                .starts_with("HTTP/1.1 400 ")
        );
    }
}

#[test]
fn a_client_has_a_share_of_the_connections() {
    // A busy server may note late that the first connection is idle, and close another one.
    let usable_of_65 = |settings: &[(&str, &str)]| {
        let program = start(settings);
        let mut conversations = Vec::new();
        for _ in 0..65 {
            let mut conversation = Conversation::with(&program);
            assert!(conversation.is_usable());
            conversations.push(conversation);
        }
        let usable = conversations.iter_mut().map(Conversation::is_usable);
        usable.filter(|is_usable| *is_usable).count()
    };
    assert_eq!(usable_of_65(&[]), 64);
    assert_eq!(usable_of_65(&[("TRUSTED_PROXIES", "127.0.0.1")]), 65);
    assert_eq!(usable_of_65(&[("RATE_LIMIT", "off")]), 65);
}
